# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The deposit form, as a depositor sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from playwright.sync_api import Locator, Page, Response, Route, expect

NEW = "Get a new DOI"
EXISTING = "I already have a DOI"
NONE = "No DOI needed"

_SAVES = re.compile(r"/api/records(/[^/]+/draft)?(\?|$)")
#: The label differs between releases of InvenioRDM.
ADD_CREATOR = re.compile("^Add (author|creator)$")
_RECORD = re.compile(r"/records/([^/?#]+)$")


class Form:
    """The deposit form in a page.

    :param url: of the site.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.field = page.locator('fieldset[id="pids.doi"]')
        self.new = self.field.get_by_label(NEW, exact=True)
        self.existing = self.field.get_by_label(EXISTING, exact=True)
        self.none = self.field.get_by_label(NONE, exact=True)
        self.typed = self.field.get_by_label("Your DOI", exact=True)
        self.doi = self.field.get_by_test_id("doi")
        self.reserve = self.field.get_by_role("button", name="Reserve a DOI now")
        self.copy = self.field.get_by_role("button", name="Copy the DOI")
        self.discard = self.field.get_by_role("button", name=re.compile("^Discard the"))
        self.confirmation = self.field.get_by_role("alertdialog")
        self.keep = self.confirmation.get_by_role("button", name="Keep it")
        self.really_discard = self.confirmation.get_by_role(
            "button", name="Discard the DOI"
        )
        self.problem = self.field.get_by_role("alert")
        self.links = page.locator("#invenio-rdm-doi-error-links")
        self.title = page.locator('input[name="metadata.title"]')
        self.resource_type = page.get_by_role("combobox", name="Resource type").first
        self.date = page.locator('input[name="metadata.publication_date"]')
        self.publisher = page.locator('input[name="metadata.publisher"]')
        visibility = page.locator("#visibility-section")
        self.public = visibility.get_by_role("button", name="Public").first
        self.restricted = visibility.get_by_role("button", name="Restricted").first
        self.save_button = page.locator('button[name="save"]')
        self.publish_button = page.locator('button[name="publish"]').first

    # Opening

    def open(self, id_: str | None = None) -> Form:
        """Open a saved draft or record, or an empty form."""
        self.page.goto(f"{self._url}/uploads/{id_ or 'new'}")
        return self.wait()

    def wait(self) -> Form:
        """Wait until the form is visible."""
        expect(self.field).to_be_visible()
        return self

    def reload(self) -> Form:
        """Reload the page."""
        self.page.reload()
        return self.wait()

    @property
    def id(self) -> str:
        """The saved draft's identifier, from the address."""
        found = re.search(r"/uploads/([^/?#]+)", self.page.url)
        assert found and found[1] != "new", self.page.url
        return found[1]

    # Filling in

    def fill(self, title: str) -> None:
        """Fill in all required fields of a record without files, except for the DOI."""
        self.page.get_by_text("Metadata-only record").click()
        self.title.fill(title)
        self.choose_resource_type("Dataset")
        self.add_creator("Carberry", "Josiah")

    def choose_resource_type(self, name: str) -> None:
        """Choose a resource type by its name."""
        self.resource_type.click()
        self.page.get_by_role("option", name=name).first.click()

    def add_creator(self, family_name: str, given_name: str) -> None:
        """Add a person through the dialog."""
        self.page.get_by_role("button", name=ADD_CREATOR).click()
        dialog = self.page.locator(".ui.modal.visible")
        dialog.get_by_label("Family name").fill(family_name)
        dialog.get_by_label("Given names").fill(given_name)
        dialog.get_by_role("button", name="Save", exact=True).click()
        expect(dialog).to_have_count(0)

    def announced(self, words: str) -> Locator:
        """Return the announcements to screen readers that contain these words."""
        return self.field.get_by_role("status").filter(has_text=words)

    # Saving

    def saving(self) -> _Saving:
        """Return a context manager that waits until the draft is saved."""
        return _Saving(self)

    def save(self) -> Response:
        """Save the draft, wait until the form has the saved data; return the answer."""
        with self.saving() as saving:
            self.save_button.click()
        return saving.response

    def publish(self) -> None:
        """Publish, and confirm the dialog."""
        self.publish_button.click()
        self.page.locator('.ui.modal.visible button[name="publish"]').click()

    def published(self) -> str:
        """Publish, wait for the record's page, and return the record's identifier."""
        self.publish()
        # Wait for the address of the record, not for that of the form.
        self.page.wait_for_url(_RECORD)
        found = _RECORD.search(self.page.url)
        assert found
        return found[1]

    def error_of(self, input_: Locator) -> Locator:
        """Return the message that InvenioRDM's form shows at one of its own fields."""
        field = input_.locator("xpath=ancestor::*[contains(@class, 'field')][1]")
        return field.locator(".label, .ui.message").first


class _Saving:
    """A context manager for actions that save the draft."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._expected = form.page.expect_response(_is_save)
        self.response: Response

    def __enter__(self) -> _Saving:
        self._info = self._expected.__enter__()
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._expected.__exit__(type_, error, traceback)
        if error is None:
            self.response = self._info.value
            expect(self._form.save_button).to_be_enabled()


def _is_save(response: Response) -> bool:
    return response.request.method in ("POST", "PUT") and bool(
        _SAVES.search(response.url)
    )


@contextmanager
def held(page: Page, url: re.Pattern[str]) -> Iterator[None]:
    """Hold requests to the address until the end of the ``with`` block."""
    waiting: list[Route] = []
    page.route(url, lambda route: waiting.append(route))
    yield
    for route in waiting:
        route.continue_()
    page.unroute(url)

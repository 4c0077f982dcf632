# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The deposit form with a new DOI: choice, reservation and discarding."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from .form import Form
from .rest import Repository, unique_title
from .shots import shoot

RESERVES = re.compile(r"/draft/pids/doi(\?|$)")
CREATES = re.compile(r"/api/records(\?|$)")
SAVES = re.compile(r"/draft(\?|$)")
RESERVED = re.compile(r"^10\.1234/[\w-]+$")


@pytest.fixture()
def created(page: Page) -> list[Request]:
    """Return a list to which each request that creates a draft is added."""
    found: list[Request] = []

    def look(request: Request) -> None:
        if request.method == "POST" and CREATES.search(request.url):
            found.append(request)

    page.on("request", look)
    return found


def test_the_choice_is_kept_when_saved_and_reloaded(form: Form, repository: Repository):
    form.open()
    form.title.fill(unique_title("Chosen, and not reserved"))
    form.new.check()
    shoot(form.field, "field-new")
    form.save()
    assert repository.saved_doi(form.id) == {"provider": "datacite", "identifier": ""}
    expect(form.new).to_be_checked()
    expect(form.problem).to_have_count(0)
    # The DOI is known once the draft has an identifier.
    expect(form.doi).to_have_text(f"10.1234/{form.id}")
    form.reload()
    expect(form.new).to_be_checked()
    expect(form.reserve).to_be_enabled()


def test_the_choice_is_kept_when_previewed(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Previewed"))
    form.open(draft["id"])
    form.existing.check()
    form.new.check()
    form.page.locator('button[name="preview"]').first.click()
    form.page.wait_for_url(re.compile("preview=1"))
    form.open(draft["id"])
    expect(form.new).to_be_checked()
    assert repository.saved_doi(draft["id"])["provider"] == "datacite"


def test_reserving_before_the_first_save_makes_one_draft_and_keeps_what_was_typed(
    form: Form, repository: Repository, created: list[Request]
):
    title = unique_title("Reserved at once")
    form.open()
    form.title.fill(title)
    form.publisher.fill("Tidal Archive")
    form.date.fill("the day before yesterday")
    form.new.check()
    form.reserve.click()
    expect(form.doi).to_have_text(RESERVED)
    doi = form.doi.inner_text()
    assert doi == f"10.1234/{form.id}"
    expect(form.announced(f"The DOI {doi} is reserved")).to_have_count(1)
    expect(form.field).to_contain_text(f"The DOI {doi} is reserved for this upload.")
    shoot(form.field, "field-reserved")
    # The input is kept, and so are the server's messages about it.
    expect(form.title).to_have_value(title)
    expect(form.publisher).to_have_value("Tidal Archive")
    expect(form.date).to_have_value("the day before yesterday")
    expect(form.links.get_by_role("link", name="Publication date")).to_be_visible()
    expect(form.error_of(form.date)).to_be_visible()
    form.save()
    assert len(created) == 1
    assert [upload["id"] for upload in repository.uploads(title)] == [form.id]
    saved = repository.saved(form.id)
    assert saved["pids"]["doi"]["identifier"] == doi
    assert saved["metadata"]["publisher"] == "Tidal Archive"


def test_a_reserved_doi_can_be_copied(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Copied"))
    doi = repository.reserve(draft)
    form.open(draft["id"])
    form.copy.click()
    expect(form.announced("Copied")).to_have_count(1)
    expect(form.copy).to_be_focused()
    assert form.page.evaluate("navigator.clipboard.readText()") == doi


def test_discarding_asks_first_and_keeps_the_choice(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Discarded"))
    doi = repository.reserve(draft)
    form.open(draft["id"])
    form.discard.click()
    expect(form.keep).to_be_focused()
    expect(form.confirmation).to_contain_text(doi)
    shoot(form.field, "field-discard")
    form.keep.click()
    expect(form.confirmation).to_have_count(0)
    expect(form.discard).to_be_focused()
    assert repository.saved_doi(draft["id"])["identifier"] == doi
    form.discard.click()
    form.really_discard.click()
    expect(form.reserve).to_be_enabled()
    expect(form.field).to_contain_text("The DOI was discarded.")
    expect(form.announced("discarded")).to_have_count(1)
    expect(form.new).to_be_checked()
    assert repository.saved_doi(draft["id"])["identifier"] == ""
    form.reload()
    expect(form.new).to_be_checked()
    expect(form.reserve).to_be_visible()


def test_a_discarded_doi_can_be_reserved_again(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Reserved again"))
    doi = repository.reserve(draft)
    form.open(draft["id"])
    form.discard.click()
    form.really_discard.click()
    form.reserve.click()
    expect(form.discard).to_be_visible()
    expect(form.doi).to_have_text(doi)


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500, "json": {"status": 500, "message": "A secret of the server"}},
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
        None,
    ],
    ids=["error", "page of a proxy", "no network"],
)
def test_a_failed_reservation_says_so_at_the_field_and_can_be_tried_again(
    form: Form,
    repository: Repository,
    created: list[Request],
    failure: dict | None,
):
    def fail(route: Route) -> None:
        if failure:
            route.fulfill(**failure)
        else:
            route.abort()

    title = unique_title("Reserved in the end")
    form.page.route(RESERVES, fail)
    form.open()
    form.title.fill(title)
    form.new.check()
    form.reserve.click()
    expect(form.problem).to_contain_text("The DOI could not be reserved.")
    expect(form.problem).to_have_count(1)
    expect(form.field).not_to_contain_text("secret")
    expect(form.field).not_to_contain_text("gateway")
    if failure is None:
        shoot(form.field, "field-reserve-failed")
    expect(form.title).to_have_value(title)
    expect(form.new).to_be_checked()
    form.page.unroute(RESERVES)
    form.reserve.click()
    expect(form.doi).to_have_text(RESERVED)
    expect(form.discard).to_be_visible()
    expect(form.problem).to_have_count(0)
    form.save()
    assert len(created) == 1
    assert len(repository.uploads(title)) == 1


def test_a_failed_first_save_says_so_at_the_field(form: Form):
    form.page.route(CREATES, lambda route: route.abort())
    form.open()
    form.title.fill(unique_title("Never saved"))
    form.new.check()
    form.reserve.click()
    expect(form.problem).to_contain_text("The DOI could not be reserved.")
    expect(form.reserve).to_be_enabled()
    form.page.unroute(CREATES)
    form.reserve.click()
    expect(form.doi).to_have_text(RESERVED)


def test_a_failed_discarding_says_so_and_keeps_the_doi(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Kept after all"))
    doi = repository.reserve(draft)
    form.open(draft["id"])
    form.page.route(SAVES, lambda route: route.fulfill(status=502, body="<h1>No</h1>"))
    form.discard.click()
    form.really_discard.click()
    expect(form.problem).to_contain_text("The DOI could not be discarded")
    expect(form.doi).to_have_text(doi)
    expect(form.field.locator(":focus")).to_have_count(1)
    form.page.unroute(SAVES)
    form.discard.click()
    form.really_discard.click()
    expect(form.reserve).to_be_enabled()
    expect(form.problem).to_have_count(0)
    assert repository.saved_doi(draft["id"])["identifier"] == ""


def test_a_reserved_doi_is_discarded_with_the_choice_only_when_saved(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Changed one's mind"))
    doi = repository.reserve(draft)
    form.open(draft["id"])
    form.existing.check()
    expect(form.field).to_contain_text(f"The reserved DOI {doi} is discarded when")
    form.new.check()
    expect(form.doi).to_have_text(doi)
    expect(form.discard).to_be_visible()
    form.save()
    assert repository.saved_doi(draft["id"])["identifier"] == doi
    form.existing.check()
    form.typed.fill("10.4321/elsewhere")
    form.save()
    assert repository.saved_doi(draft["id"]) == {
        "provider": "external",
        "identifier": "10.4321/elsewhere",
    }
    expect(form.field).not_to_contain_text("is discarded when")


def test_dois_that_lead_nowhere_are_marked_as_such(form: Form):
    form.open()
    form.new.check()
    expect(form.field).to_contain_text("test mode: please do not cite its DOIs")
    shoot(form.field, "field-test-mode")

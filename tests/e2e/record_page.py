# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The page of a published record, and the list of uploads."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class RecordPage:
    """The page of a published record.

    :param url: of the site.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.panel = page.locator("#record-doi-status")
        self.edit = self.panel.get_by_role("link", name="Edit")

    def open(self, id_: str) -> RecordPage:
        """Open a record's page."""
        self.page.goto(f"{self._url}/records/{id_}")
        return self

    def expect_status(self, status: str) -> None:
        """Wait until the page shows this status."""
        # DataCite is called again within seconds, and the page then polls the status
        # again.
        expect(self.panel).to_have_attribute("data-status", status, timeout=60_000)


class Uploads:
    """The list of the account's own uploads."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, words: str) -> Uploads:
        """Show the uploads with these words in the title; there must be one or more."""
        self.page.goto(f'{self._url}/me/uploads?q="{words}"')
        expect(self.item(words).first).to_be_visible()
        return self

    def item(self, title: str) -> Locator:
        """Return the entry of an upload."""
        # Each entry has a second, hidden variant for small screens.
        items = self.page.locator(".deposits-list-item")
        return items.filter(has_text=title, visible=True)

    def attention(self, title: str) -> Locator:
        """Return the note that an upload needs attention."""
        return self.item(title).locator(".invenio-rdm-doi-attention")

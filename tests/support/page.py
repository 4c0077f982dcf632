# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A page as a user sees it."""

from __future__ import annotations

from lxml import html


class Shown:
    """A page and its DOI panel."""

    def __init__(self, answer):
        self.status_code = answer.status_code
        self.headers = answer.headers
        self.html = answer.get_data(as_text=True)
        parsed = html.fromstring(self.html) if self.html else None
        found = parsed.xpath("//*[@id='record-doi-status']") if self.html else []
        assert len(found) <= 1
        self.element = found[0] if found else None
        aside = "//div[@class='sidebar-container'][.//@id='record-doi-status']"
        around = [
            html.tostring(one).decode()
            for one in (parsed.xpath(aside) if found else [])
        ]
        self.panel = "".join(around)

    @property
    def status(self):
        return None if self.element is None else self.element.get("data-status")

    @property
    def text(self):
        return " ".join(self.element.text_content().split())

    @property
    def links(self):
        return [link.get("href") for link in self.element.xpath(".//a")]

    @property
    def scripts(self):
        return "invenio-rdm-doi-record.js" in self.html

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The pages in German, for browsers that request it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .form import EXISTING, NEW, Form
from .record_page import RecordPage
from .rest import Repository, unique_title
from .shots import shoot
from .site import Site


@pytest.fixture()
def page(new_page, german: BrowserContext) -> Page:
    """Return an empty page of a depositor who prefers German."""
    return new_page(german)


def test_the_field_is_german(form: Form):
    form.open()
    expect(form.page.locator("html")).to_have_attribute("lang", "de")
    expect(form.field.get_by_role("radio")).to_have_count(2)
    for english in (NEW, EXISTING, "Your DOI"):
        expect(form.field.get_by_text(english, exact=True)).to_have_count(0)
    expect(form.field.locator("legend")).to_contain_text("DOI")
    expect(form.field.get_by_role("radio", name="DOI")).to_have_count(2)
    form.field.get_by_role("radio").first.check()
    expect(form.field.get_by_role("button", name="Reserve a DOI now")).to_have_count(0)
    expect(form.field.get_by_role("button", name="reservieren")).to_be_visible()
    shoot(form.field, "field-german")


def test_problems_are_german(form: Form):
    form.open()
    form.field.get_by_role("radio").last.check()
    form.field.get_by_role("textbox").fill("10.1234/mine")
    form.field.get_by_role("textbox").blur()
    expect(form.problem).to_contain_text("10.1234/")
    expect(form.problem).not_to_contain_text("This repository")
    form.save()
    expect(form.problem).to_have_count(1)
    expect(form.problem).not_to_contain_text("This repository")


def test_the_record_page_is_german(page: Page, site: Site, repository: Repository):
    record = repository.published(unique_title("Auf Deutsch"))
    repository.wait_status(record["id"], "findable")
    record_page = RecordPage(page, site.url).open(record["id"])
    record_page.expect_status("findable")
    expect(record_page.panel).to_contain_text("Registriert")
    expect(record_page.panel).not_to_contain_text("Registered")

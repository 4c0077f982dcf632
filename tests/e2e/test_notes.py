# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Notes to owners about values that DataCite gets in another form, and its metadata."""

from __future__ import annotations

from playwright.sync_api import expect

from .axe import assert_accessible
from .form import Form
from .record_page import RecordPage
from .rest import Repository, unique_title
from .shots import shoot

NEW = {"provider": "datacite", "identifier": ""}
EMOJI = "v1 \U0001f389"


def test_a_note_stands_at_its_field(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Noted"), doi=NEW, version=EMOJI)
    form.open(draft["id"])
    version = form.page.locator('input[name="metadata.version"]')
    field = version.locator("xpath=ancestor::*[contains(@class, 'field')][1]")
    expect(field).to_contain_text("DataCite does not accept emoji")
    # This is no error: the form shows no warning, and the draft can be published.
    expect(form.links).to_have_count(0)
    field.scroll_into_view_if_needed()
    shoot(field, "field-note")
    assert_accessible(field)
    # The note disappears with its cause.
    version.fill("v1")
    form.save()
    expect(field).not_to_contain_text("emoji")


def test_owners_see_what_datacite_knows(
    record_page: RecordPage, strangers_page: RecordPage, repository: Repository
):
    record = repository.published(unique_title("Known"), version=EMOJI)
    record_page.open(record["id"]).expect_status("findable")
    # The page was open during the registration, so it has the metadata only after a
    # reload.
    record_page.page.reload()
    known = record_page.page.locator("#record-doi-described")
    title = known.get_by_text(record["metadata"]["title"])
    expect(title).to_be_hidden()
    known.locator("summary").focus()
    record_page.page.keyboard.press("Enter")
    expect(title).to_be_visible()
    expect(known).to_contain_text("DataCite does not accept emoji")
    doi = record["pids"]["doi"]["identifier"]
    link = known.get_by_role("link", name="This record in DataCite Commons")
    expect(link).to_have_attribute(
        "href", f"https://commons.stage.datacite.org/doi.org/{doi}"
    )
    shoot(known, "record-described")
    assert_accessible(known)
    strangers_page.open(record["id"]).expect_status("findable")
    expect(strangers_page.page.locator("#record-doi-described")).to_have_count(0)

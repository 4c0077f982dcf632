# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The record page and the list of uploads: status of the DOI, and required actions."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.story import Json

from .form import Form
from .record_page import RecordPage, Uploads
from .rest import Repository, unique_title
from .sandbox import COMPLAINT, Sandbox
from .shots import shoot
from .site import Site

NEW = {"provider": "datacite", "identifier": ""}


@pytest.fixture()
def other_form(new_page, depositor: BrowserContext, site: Site) -> Form:
    """Return a deposit form in a separate page."""
    return Form(new_page(depositor), site.url)


def test_a_registered_doi_is_a_link(
    strangers_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    record = repository.published(unique_title("Registered"))
    doi = record["pids"]["doi"]["identifier"]
    strangers_page.open(record["id"]).expect_status("findable")
    link = strangers_page.panel.get_by_role("link", name=doi, exact=True)
    expect(link).to_have_attribute("href", f"https://handle.test.datacite.org/{doi}")
    expect(strangers_page.edit).to_have_count(0)


def test_while_datacite_is_down_records_are_published_and_registered_afterwards(
    form: Form,
    other_form: Form,
    record_page: RecordPage,
    strangers_page: RecordPage,
    repository: Repository,
    sandbox: Sandbox,
):
    draft = repository.draft(unique_title("Published in a storm"))
    sandbox.stop()
    form.open(draft["id"])
    id_ = form.published()
    record_page.expect_status("pending")
    expect(record_page.panel).to_contain_text("Being registered")
    # Once DataCite is known to be down, the form reports it, too.
    other = repository.draft(unique_title("Written in a storm"), doi=NEW)
    repository.wait_delayed(other["id"])
    other_form.open(other["id"])
    expect(other_form.field).to_contain_text("registered with a delay at the moment")
    shoot(other_form.field, "field-delayed")
    record_page.open(id_).expect_status("pending")
    shoot(record_page.panel, "record-pending")
    strangers_page.open(id_).expect_status("pending")
    for page in (record_page.page, strangers_page.page):
        page.evaluate("window.isTheSamePage = true")
    sandbox.start()
    # Pages in the background do not poll.
    strangers_page.page.bring_to_front()
    strangers_page.expect_status("findable")
    record_page.page.bring_to_front()
    record_page.expect_status("findable")
    doi = repository.record(id_)["pids"]["doi"]["identifier"]
    sandbox.wait_findable(doi)
    for page in (record_page.page, strangers_page.page):
        assert page.evaluate("window.isTheSamePage")
        expect(page.get_by_role("status").filter(has_text="Registered")).to_have_count(
            1
        )


def test_why_it_failed_is_for_the_owner_alone(
    refused: Json, record_page: RecordPage, strangers_page: RecordPage
):
    record_page.open(refused["id"]).expect_status("failed")
    # As plain text, because a user may have typed anything.
    expect(record_page.panel).to_contain_text(COMPLAINT)
    expect(record_page.panel).to_contain_text("Licenses")
    expect(record_page.edit).to_be_visible()
    shoot(record_page.panel, "record-failed")
    strangers_page.open(refused["id"]).expect_status("pending")
    expect(strangers_page.panel).to_contain_text("Not active yet")
    expect(strangers_page.edit).to_have_count(0)
    assert "too</b>" not in strangers_page.page.content()


def test_a_refused_doi_is_told_on_top_and_in_the_form(
    record_page: RecordPage, strangers_page: RecordPage, form: Form, refused: Json
):
    doi = refused["pids"]["doi"]["identifier"]
    record_page.open(refused["id"]).expect_status("failed")
    notice = record_page.page.locator("#record-doi-notice")
    expect(notice).to_be_in_viewport()
    shoot(notice, "record-notice")
    strangers_page.open(refused["id"])
    expect(strangers_page.page.locator("#record-doi-notice")).to_have_count(0)
    expect(strangers_page.panel).to_contain_text("Not active yet")
    for page in (record_page.page, strangers_page.page):
        expect(page.locator("#record-doi-badge")).to_have_count(0)
        citation = page.locator("#citation")
        expect(citation).to_contain_text("Refused")
        expect(citation).not_to_contain_text(doi)
    record_page.edit.click()
    form.wait()
    expect(form.field).to_contain_text("Correct it and publish")
    links = form.page.locator("#invenio-rdm-doi-refusal")
    expect(links).to_contain_text(COMPLAINT)
    links.get_by_role("link", name="Licenses").click()
    field = form.page.locator(".invenio-rdm-doi-refusal[data-field='metadata.rights']")
    expect(field).to_contain_text(f"DataCite says: {COMPLAINT}")
    expect(field).to_be_in_viewport()
    shoot(form.page, "form-refused")


def test_editing_and_publishing_heals_a_refused_doi(
    refused: Json,
    form: Form,
    record_page: RecordPage,
    sandbox: Sandbox,
):
    record_page.open(refused["id"])
    record_page.edit.click()
    form.wait()
    sandbox.behave()
    title = unique_title("Accepted")
    form.title.fill(title)
    form.published()
    record_page.expect_status("findable")
    found = sandbox.wait_findable(refused["pids"]["doi"]["identifier"])
    assert [each["title"] for each in found["titles"]] == [title]


def test_the_list_of_uploads_shows_what_needs_attention_and_nothing_else(
    refused: Json, record_page: RecordPage, repository: Repository
):
    title = refused["metadata"]["title"]
    words = title.split()[-1]
    fine = repository.published(f"In order, with {words}")["metadata"]["title"]
    uploads = Uploads(record_page.page, repository.url).open(words)
    label = uploads.attention(title)
    expect(label).to_be_visible()
    expect(uploads.item(fine)).to_be_visible()
    expect(uploads.attention(fine)).to_have_count(0)
    shoot(uploads.item(title), "uploads-attention")
    label.click()
    record_page.expect_status("failed")


def test_a_preview_shows_the_doi_that_it_will_be(
    record_page: RecordPage, repository: Repository
):
    draft = repository.draft(unique_title("Previewed"), doi=NEW)
    record_page.page.goto(f"{repository.url}/records/{draft['id']}?preview=1")
    record_page.expect_status("reserved")
    expect(record_page.panel).to_contain_text(f"10.1234/{draft['id']}")


def test_a_doi_of_somebody_else_has_no_panel(
    record_page: RecordPage, repository: Repository
):
    doi = {"provider": "external", "identifier": f"10.4321/{unique_title('x')[2:]}"}
    record = repository.published(unique_title("Somebody else's DOI"), doi=doi)
    record_page.open(record["id"])
    expect(record_page.page.get_by_text(doi["identifier"]).first).to_be_visible()
    expect(record_page.panel).to_have_count(0)

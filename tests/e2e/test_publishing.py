# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Publication from the deposit form to DataCite, and the resulting DOIs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demo.story import Json

from .form import ADD_CREATOR, Form
from .record_page import RecordPage
from .rest import Repository, unique_title
from .sandbox import Sandbox
from .shots import shoot
from .site import Site

NEW = {"provider": "datacite", "identifier": ""}
RESTRICTED = {"record": "restricted", "files": "restricted"}
EMBARGO = {
    **RESTRICTED,
    "embargo": {"active": True, "until": "2099-03-01", "reason": "Patience"},
}


@pytest.fixture()
def optional_form(page: Page, site: Site) -> Form:
    """Return the deposit form of the site where DOIs are optional."""
    return Form(page, site.optional_url)


def test_happy_path(
    form: Form, record_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    title = unique_title("From an empty form")
    form.open()
    form.fill(title)
    form.new.check()
    record = repository.record(form.published())
    doi = record["pids"]["doi"]["identifier"]
    record_page.expect_status("findable")
    expect(record_page.panel).to_contain_text(doi)
    shoot(record_page.panel, "record-findable")
    found = sandbox.wait_findable(doi)
    assert [each["title"] for each in found["titles"]] == [title]


def test_a_reserved_doi_is_the_one_that_is_published(
    form: Form, record_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    draft = repository.draft(unique_title("Reserved, published"))
    form.open(draft["id"])
    form.reserve.click()
    expect(form.discard).to_be_visible()
    doi = form.doi.inner_text()
    form.published()
    record_page.expect_status("findable")
    expect(record_page.panel).to_contain_text(doi)
    sandbox.wait_findable(doi)


def test_a_missing_publisher_is_an_error_that_one_can_jump_to(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Published by nobody"), doi=NEW)
    form.open(draft["id"])
    form.publisher.fill("")
    form.publish()
    link = form.links.get_by_role("link", name="Publisher")
    expect(link).to_be_visible()
    expect(form.links).to_contain_text("Enter a publisher")
    expect(form.error_of(form.publisher)).to_contain_text("Enter a publisher")
    shoot(form.links, "form-summary", above=70)
    link.click()
    expect(form.publisher).to_be_focused()
    expect(form.publisher).to_be_in_viewport()
    form.publisher.fill("Tidal Archive")
    form.published()


def test_a_link_opens_the_section_of_its_field(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Behind a closed section"), doi=NEW)
    form.open(draft["id"])
    form.publisher.fill("")
    form.save()
    section = form.page.locator(".title", has_text="Recommended information")
    section.click()
    expect(form.publisher).to_be_hidden()
    form.links.get_by_role("link", name="Publisher").click()
    expect(form.publisher).to_be_focused()
    expect(form.publisher).to_be_in_viewport()


def test_a_creator_without_a_name_is_an_error_that_one_can_jump_to(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Made by nobody"), doi=NEW, creators=None)
    form.open(draft["id"])
    # Text pasted from a page may contain an invisible blank. InvenioRDM accepts it as a
    # name; for DataCite there is no creator then.
    form.add_creator("&nbsp;", "")
    form.publish()
    expect(form.links).to_contain_text("Add at least one creator with a name.")
    link = form.links.get_by_role("link", name="Authors/Creators")
    link.click()
    field = form.page.locator(".field").filter(
        has=form.page.get_by_role("button", name=ADD_CREATOR)
    )
    focused = field.locator(":focus")
    expect(focused).to_be_in_viewport()
    assert repository.saved(draft["id"])["is_published"] is False


@pytest.mark.parametrize(
    "access, words",
    [
        (RESTRICTED, "The record is restricted. The DOI is only reserved"),
        (EMBARGO, "The record is under embargo until March 1, 2099"),
    ],
    ids=["restricted", "embargoed"],
)
def test_the_doi_of_a_restricted_record_is_held(
    form: Form,
    record_page: RecordPage,
    repository: Repository,
    sandbox: Sandbox,
    access: Json,
    words: str,
):
    draft = repository.draft(unique_title("Not for everybody"), access=access)
    doi = repository.reserve(draft)
    form.open(draft["id"])
    expect(form.field).to_contain_text(words)
    is_embargo = "embargo" in access
    shoot(form.field, "field-embargo" if is_embargo else "field-restricted")
    form.published()
    record_page.expect_status("withheld")
    expect(record_page.panel).to_contain_text(doi)
    expect(record_page.panel).to_contain_text("does not resolve")
    if is_embargo:
        expect(record_page.panel).to_contain_text("March 1, 2099")
    shoot(record_page.panel, "record-embargo" if is_embargo else "record-withheld")
    # A record that was published later has been delivered, so this one will not follow.
    other = repository.published(unique_title("For everybody"))
    sandbox.wait_findable(other["pids"]["doi"]["identifier"])
    # A DOI that is a draft at DataCite contains no metadata of the record.
    assert "Not for everybody" not in str(sandbox.requests(doi))


def test_restricting_and_opening_again_is_seen_at_once(form: Form):
    form.open()
    form.new.check()
    note = form.field.get_by_text("The record is restricted.")
    expect(note).to_have_count(0)
    form.restricted.click()
    expect(note).to_be_visible()
    form.public.click()
    expect(note).to_have_count(0)


def test_a_new_version_has_a_new_doi_and_the_same_concept_doi(
    form: Form, record_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    first = repository.published(unique_title("First of two"))
    draft = repository.new_version(first)
    form.open(draft["id"])
    expect(form.new).to_be_checked()
    expect(form.existing).to_be_disabled()
    shoot(form.field, "field-new-version")
    second = repository.record(form.published())
    doi = second["pids"]["doi"]["identifier"]
    concept = second["parent"]["pids"]["doi"]["identifier"]
    assert doi != first["pids"]["doi"]["identifier"]
    assert concept == first["parent"]["pids"]["doi"]["identifier"]
    record_page.expect_status("findable")
    expect(record_page.panel).to_contain_text(doi)
    expect(record_page.panel).to_contain_text(concept)
    sandbox.wait_findable(doi)
    sandbox.wait_findable(concept)


def test_the_doi_of_a_published_record_is_locked(form: Form, repository: Repository):
    record = repository.published(unique_title("Published, edited"))
    doi = record["pids"]["doi"]["identifier"]
    repository.edit(record)
    form.open(record["id"])
    expect(form.doi).to_have_text(doi)
    expect(form.field).to_contain_text("belongs to the published record")
    expect(form.field.get_by_role("radio")).to_have_count(0)
    expect(form.field.get_by_role("button")).to_have_count(1)
    expect(form.copy).to_be_visible()
    shoot(form.field, "field-locked")
    form.title.fill(unique_title("Published, edited and published"))
    form.published()
    assert repository.record(record["id"])["pids"]["doi"]["identifier"] == doi


def test_another_doi_that_exists_may_be_corrected_after_publishing(
    form: Form, repository: Repository
):
    external = {"provider": "external", "identifier": f"10.4321/{unique_title('a')}"}
    external["identifier"] = external["identifier"].replace(" ", "")
    record = repository.published(unique_title("With a wrong DOI"), doi=external)
    repository.edit(record)
    form.open(record["id"])
    expect(form.typed).to_have_value(external["identifier"])
    corrected = f"{external['identifier']}.corrected"
    form.typed.fill(corrected)
    form.published()
    published = repository.record(record["id"])
    assert published["pids"]["doi"]["identifier"] == corrected


def test_where_it_is_optional_a_record_is_published_without_a_doi(
    optional_form: Form, repository: Repository
):
    form = optional_form
    draft = repository.draft(unique_title("Without a DOI"), doi=NEW)
    form.open(draft["id"])
    form.none.check()
    expect(form.field).to_contain_text("will be published without a DOI")
    shoot(form.field, "field-none")
    form.save()
    assert repository.saved_doi(draft["id"]) is None
    form.reload()
    expect(form.none).to_be_checked()
    record = repository.record(form.published())
    assert "doi" not in record["pids"]
    assert "doi" not in record["parent"].get("pids", {})
    expect(RecordPage(form.page, "").panel).to_have_count(0)


def test_where_it_is_optional_a_chosen_new_doi_is_made_without_reserving(
    optional_form: Form,
    record_page: RecordPage,
    repository: Repository,
    sandbox: Sandbox,
):
    form = optional_form
    form.open()
    form.fill(unique_title("With a DOI, after all"))
    form.new.check()
    form.save()
    form.reload()
    expect(form.new).to_be_checked()
    record = repository.record(form.published())
    record_page.expect_status("findable")
    sandbox.wait_findable(record["pids"]["doi"]["identifier"])


def test_where_it_is_optional_each_choice_can_be_made_after_each_other(
    optional_form: Form, repository: Repository
):
    form = optional_form
    draft = repository.draft(unique_title("One after another"))
    form.open(draft["id"])
    for choice, saved in (
        (form.new, NEW),
        (form.none, None),
        (form.existing, {"provider": "external", "identifier": "10.4321/there"}),
        (form.none, None),
        (form.new, NEW),
    ):
        choice.check()
        if choice is form.existing:
            form.typed.fill("10.4321/there")
        form.save()
        expect(choice).to_be_checked()
        assert repository.saved_doi(draft["id"]) == saved

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The deposit form with an existing DOI: input, checks and saving."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from .form import Form, held
from .rest import Repository, unique_title
from .shots import shoot

SAVES = re.compile(r"/draft\?")
MALFORMED = "This is not a valid DOI."
OWN = "This repository registers DOIs that begin with 10.1234/ itself."
USED = "Another record of this repository has this DOI already."


def somebody_elses_doi() -> str:
    """Return a DOI that no record of the repository has."""
    return f"10.4321/{uuid4().hex[:8]}"


def external(doi: str) -> dict[str, str]:
    """Return the form's value for an existing DOI."""
    return {"provider": "external", "identifier": doi}


@pytest.mark.parametrize("start", ["https://doi.org/", "DOI:", "  doi: "])
def test_a_pasted_doi_is_cleaned_and_kept(
    form: Form, repository: Repository, start: str
):
    doi = somebody_elses_doi()
    form.open()
    form.title.fill(unique_title("Published elsewhere"))
    form.existing.check()
    form.typed.fill(start + doi)
    form.typed.blur()
    expect(form.typed).to_have_value(doi)
    expect(form.problem).to_have_count(0)
    if start == "DOI:":
        shoot(form.field, "field-existing")
    form.new.check()
    expect(form.typed).to_have_count(0)
    form.existing.check()
    expect(form.typed).to_have_value(doi)
    form.save()
    expect(form.typed).to_have_value(doi)
    assert repository.saved_doi(form.id) == external(doi)
    form.reload()
    expect(form.existing).to_be_checked()
    expect(form.typed).to_have_value(doi)


def test_what_is_typed_the_moment_before_saving_is_saved(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Typed and saved"))
    doi = somebody_elses_doi()
    form.open(draft["id"])
    form.existing.check()
    with form.saving():
        # All in one task of the browser, without a delay in between.
        form.typed.evaluate(
            """(input, doi) => {
                const {set} = Object.getOwnPropertyDescriptor(
                    HTMLInputElement.prototype, "value");
                set.call(input, doi);
                input.dispatchEvent(new Event("input", {bubbles: true}));
                document.querySelector('button[name="save"]').click();
            }""",
            doi,
        )
    assert repository.saved_doi(draft["id"]) == external(doi)
    expect(form.typed).to_have_value(doi)


def test_what_is_typed_while_saving_stays(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Typed on"))
    doi = somebody_elses_doi()
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(doi)
    with form.saving(), held(form.page, SAVES):
        form.save_button.click()
        form.typed.click()
        form.typed.press("End")
        form.typed.press_sequentially("-2")
        expect(form.typed).to_have_value(f"{doi}-2")
    expect(form.typed).to_have_value(f"{doi}-2")
    form.save()
    assert repository.saved_doi(draft["id"]) == external(f"{doi}-2")


def test_a_choice_while_saving_stays(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Chosen on"))
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(somebody_elses_doi())
    with form.saving(), held(form.page, SAVES):
        form.save_button.click()
        form.new.check()
    expect(form.new).to_be_checked()
    form.save()
    assert repository.saved_doi(draft["id"])["provider"] == "datacite"


def test_a_text_that_can_be_no_doi_is_a_problem_while_it_is_typed(form: Form):
    form.open()
    form.existing.check()
    form.typed.press_sequentially("10.4321/")
    expect(form.problem).to_have_count(0)
    form.typed.fill("")
    form.typed.press_sequentially("my own number")
    expect(form.problem).to_contain_text(MALFORMED)
    expect(form.typed).to_have_attribute("aria-invalid", "true")
    shoot(form.field, "field-malformed")
    form.typed.fill(somebody_elses_doi())
    expect(form.problem).to_have_count(0)
    expect(form.typed).to_have_attribute("aria-invalid", "false")


def test_half_a_doi_is_a_problem_when_one_leaves_it(form: Form):
    form.open()
    form.existing.check()
    form.typed.press_sequentially("10.4321/")
    expect(form.problem).to_have_count(0)
    form.typed.press("Tab")
    expect(form.problem).to_contain_text(MALFORMED)


def test_a_doi_of_this_repository_is_a_problem(form: Form):
    form.open()
    form.existing.check()
    form.typed.fill("https://doi.org/10.1234/mine")
    form.typed.blur()
    expect(form.problem).to_contain_text(OWN)
    shoot(form.field, "field-own-prefix")
    # A longer prefix belongs to another account.
    form.typed.fill("10.12345/theirs")
    form.typed.blur()
    expect(form.problem).to_have_count(0)


def test_a_doi_of_another_record_is_a_problem_with_a_link(
    form: Form, repository: Repository
):
    doi = somebody_elses_doi()
    other = repository.published(unique_title("Has it already"), doi=external(doi))
    form.open()
    form.existing.check()
    form.typed.fill(doi)
    form.typed.blur()
    expect(form.problem).to_contain_text(USED)
    shoot(form.field, "field-duplicate")
    link = form.problem.get_by_role("link", name="Open that record (new tab)")
    with form.page.expect_popup() as opened:
        link.click()
    expect(opened.value).to_have_url(re.compile(f"/records/{other['id']}"))
    opened.value.close()
    expect(form.typed).to_have_value(doi)


@pytest.mark.parametrize("typed", ["10.1234/mine", "my-own-number"])
def test_what_the_server_refuses_is_said_once_until_it_is_corrected(
    form: Form, repository: Repository, typed: str
):
    draft = repository.draft(unique_title("Refused, corrected"))
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(typed)
    form.save()
    expect(form.problem).to_have_count(1)
    expect(form.links.get_by_role("link")).to_have_count(1)
    expect(form.typed).to_have_value(typed)
    form.reload()
    expect(form.problem).to_have_count(1)
    expect(form.typed).to_have_value(typed)
    doi = somebody_elses_doi()
    form.typed.fill(doi)
    expect(form.problem).to_have_count(0)
    expect(form.links).to_have_count(0)
    form.save()
    expect(form.problem).to_have_count(0)
    assert repository.saved_doi(draft["id"]) == external(doi)


def test_a_used_doi_that_is_saved_is_said_once(form: Form, repository: Repository):
    doi = somebody_elses_doi()
    repository.published(unique_title("Has it, too"), doi=external(doi))
    draft = repository.draft(unique_title("Wants it, too"))
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(doi)
    form.save()
    expect(form.problem).to_have_count(1)
    expect(form.problem).to_contain_text(USED)
    form.new.check()
    expect(form.problem).to_have_count(0)
    form.save()
    expect(form.problem).to_have_count(0)
    assert repository.saved_doi(draft["id"])["provider"] == "datacite"


def test_an_error_of_the_server_goes_away_with_another_choice(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Refused, chosen anew"))
    form.open(draft["id"])
    form.existing.check()
    form.save()
    expect(form.problem).to_have_count(1)
    form.new.check()
    expect(form.problem).to_have_count(0)
    expect(form.links).to_have_count(0)
    form.existing.check()
    expect(form.problem).to_have_count(0)


def test_a_check_that_fails_does_not_get_in_the_way(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Not checked"))
    doi = somebody_elses_doi()
    form.page.route(re.compile("/draft/doi"), lambda route: route.abort())
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(doi)
    form.typed.blur()
    form.save()
    expect(form.problem).to_have_count(0)
    assert repository.saved_doi(draft["id"]) == external(doi)


def test_a_doi_is_published_as_it_was_typed(form: Form, repository: Repository):
    doi = somebody_elses_doi()
    draft = repository.draft(unique_title("Published with another's DOI"))
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(f"https://doi.org/{doi}")
    form.published()
    assert repository.record(draft["id"])["pids"]["doi"]["identifier"] == doi

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Records from before this package: DataCite is queried, nothing is assumed.

The built-in provider left DOIs in the records, in PIDStore and at DataCite, but there
are no registrations.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.diagnosis import shown_by_mistake
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.repository import concept_doi_of, doi_of

SITE = "https://repository.example.org"
SUPPRESSED = [{"title": "(:unal)"}]


def forget():
    """Delete all registrations, as if this package had never been installed."""
    db.session.rollback()
    db.session.execute(sa.delete(Registration))
    db.session.execute(
        sa.update(PersistentIdentifier.__table__)
        .where(PersistentIdentifier.pid_type == "doi")
        .values(status=PIDStatus.REGISTERED)
    )
    db.session.commit()


@pytest.fixture()
def before(repository, sandbox, record_data):
    """Return two versions of a record that were registered before."""
    first = repository.publish(record_data)
    second = repository.new_version(first, title="Second version")
    repository.deliver()
    forget()
    sandbox.forget("log")
    return first, second


def methods(sandbox, doi):
    """Return the methods of this package's requests about a DOI."""
    return [
        entry["method"]
        for entry in sandbox.log(doi)
        if entry["headers"]["user-agent"].startswith("invenio-rdm-doi")
    ]


def test_restricting_hides_and_overwrites(repository, sandbox, before):
    first, second = before
    for record in (first, second):
        repository.change_access(record, record="restricted")
    repository.deliver()
    for doi in (doi_of(first), doi_of(second), concept_doi_of(second)):
        assert sandbox.doi(doi)["titles"] == SUPPRESSED
        assert sandbox.state(doi) == "registered"
        assert methods(sandbox, doi)[0] == "GET"
        assert repository.registration(doi).status is Status.WITHHELD


def test_restricting_one_version_reaches_its_neighbours(repository, sandbox, before):
    first, second = before
    repository.change_access(first, record="restricted")
    repository.deliver()
    assert sandbox.state(doi_of(first)) == "registered"
    assert sandbox.state(doi_of(second)) == "findable"
    related = sandbox.doi(doi_of(second))["relatedIdentifiers"]
    assert doi_of(first) not in str(related)
    assert sandbox.state(concept_doi_of(second)) == "findable"


def test_deleting_hides_and_restoring_shows(repository, sandbox, before):
    first, second = before
    repository.delete(second)
    repository.deliver()
    assert sandbox.state(doi_of(second)) == "registered"
    assert repository.registration(doi_of(second)).status is Status.HIDDEN
    forget()
    repository.restore(second)
    repository.deliver()
    assert sandbox.state(doi_of(second)) == "findable"


def test_an_edit_reaches_datacite(repository, sandbox, before):
    _first, second = before
    repository.edit(second, title="Corrected")
    repository.deliver()
    assert sandbox.doi(doi_of(second))["titles"][0]["title"] == "Corrected"
    assert methods(sandbox, doi_of(second)) == ["GET", "PUT"]


def test_a_new_version_reaches_its_neighbours_and_the_concept(
    repository, sandbox, before
):
    _first, second = before
    third = repository.new_version(second, title="Third version")
    repository.deliver()
    assert sandbox.state(doi_of(third)) == "findable"
    assert doi_of(third) in str(sandbox.doi(doi_of(second))["relatedIdentifiers"])
    concept = sandbox.doi(concept_doi_of(third))
    assert concept["titles"][0]["title"] == "Third version"
    assert methods(sandbox, doi_of(third)) == ["POST"]


def test_what_the_built_in_provider_lost_is_made(repository, sandbox, before):
    """PIDStore has the status REGISTERED, but DataCite never received the DOI."""
    _first, second = before
    sandbox.forget("dois")
    repository.edit(second, title="Corrected")
    repository.deliver()
    assert sandbox.state(doi_of(second)) == "findable"
    assert methods(sandbox, doi_of(second)) == ["GET", "POST"]


def test_a_former_host_is_this_site(
    repository, sandbox, before, running_app, monkeypatch
):
    _first, second = before
    doi = doi_of(second)
    moved = sandbox.doi(doi)["url"].replace("repository.example.org", "old.example.org")
    sandbox.make(doi, url=moved)
    repository.edit(second, title="Corrected")
    repository.deliver()
    row = repository.registration(doi)
    assert (row.status, row.error["code"]) == (Status.FAILED, "doi.other_system")
    assert "FORMER_HOSTS" in row.error["advice"]

    extension = running_app.extensions["invenio-rdm-doi"]
    account = extension.settings.account
    account = replace(account, former_hosts=("old.example.org",))
    changed = replace(extension.settings, account=account)
    monkeypatch.setattr(extension, "configured", changed)
    repository.edit(second, title="Corrected again")
    repository.deliver()
    assert sandbox.doi(doi)["titles"][0]["title"] == "Corrected again"
    assert sandbox.doi(doi)["url"].startswith(f"{SITE}/doi/")


@pytest.mark.parametrize(
    "path", ["doi/{doi}", "doi/{upper}", "records/{id}", "record/{id}/"]
)
def test_the_addresses_that_were_registered_before_lead_here(
    repository, sandbox, before, path
):
    _first, second = before
    doi = doi_of(second)
    url = path.format(doi=doi, upper=doi.upper(), id=second.id)
    sandbox.make(doi, url=f"{SITE}/{url}")
    repository.edit(second, title="Corrected")
    repository.deliver()
    assert sandbox.doi(doi)["titles"][0]["title"] == "Corrected"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/doi/x",
        f"{SITE}/records/abcde-fgh12",
        f"{SITE}.evil.example/doi/x",
        f"{SITE}/communities/sea",
        "ftp://repository.example.org/doi/x",
    ],
)
def test_another_systems_doi_in_the_same_account_is_left_alone(
    repository, sandbox, before, run, url
):
    _first, second = before
    doi = doi_of(second)
    sandbox.make(doi, url=url)
    held = sandbox.doi(doi)
    repository.edit(second, title="Corrected")
    repository.deliver()
    assert sandbox.doi(doi) == held
    assert repository.registration(doi).error["code"] == "doi.other_system"

    assert run("take-over", "--yes", doi.upper())[0] == 0
    repository.deliver()
    assert sandbox.doi(doi)["titles"][0]["title"] == "Corrected"


def test_what_must_be_hidden_and_is_another_systems_is_an_error_of_status(
    repository, sandbox, before, run, clock
):
    _first, second = before
    doi = doi_of(second)
    sandbox.make(doi, url="https://elsewhere.example.org/x")
    repository.change_access(second, record="restricted")
    repository.deliver()
    row = repository.registration(doi)
    assert (row.status, row.error["must_hide"]) == (Status.FAILED, True)
    assert row.due_at is not None, "it is looked at every day"
    assert "Restricted or deleted, but findable: 1" in run("status")[1]
    sandbox.make(doi, url=f"{SITE}/doi/{doi}")
    clock.forward(24 * 3600 + 1)
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == SUPPRESSED


def test_check_says_how_many_there_are(repository, sandbox, before, run):
    output = run("check")[1]
    assert re.search(r"FAIL  adopt: \d+ DOIs existed before this package", output)


def test_every_row_is_of_this_account_afterwards(repository, sandbox, before):
    _first, second = before
    repository.edit(second, title="Corrected")
    repository.deliver()
    row = repository.registration(doi_of(second))
    assert row.confirmed_account == current_doi.settings.account.id


def test_check_names_what_may_be_shown_by_mistake(repository, before, run):
    first, second = before
    # Other tests leave records whose registrations this test has deleted.
    others = shown_by_mistake().count
    repository.delete(first)
    repository.change_access(second, record="restricted")
    forget()
    assert shown_by_mistake().count == others + 2
    _status, output = run("check")
    assert f"FAIL  shown: {others + 2} DOIs of restricted or deleted" in output
    assert run("take-over", "--yes", doi_of(first))[0] == 0
    assert run("take-over", "--yes", doi_of(second))[0] == 0
    repository.deliver()
    assert shown_by_mistake().count == others

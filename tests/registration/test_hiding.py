# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hiding of DOIs, even if DataCite refuses the metadata."""

from __future__ import annotations

from dataclasses import replace

import pytest
from invenio_db import db

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.intake import request_again
from invenio_rdm_doi.registration.models import Status
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES

SUPPRESSED = [{"title": "(:unal)"}]
REFUSED = {"errors": [{"source": "titles", "title": "Too short", "uid": "10.1234/x"}]}


@pytest.fixture()
def refuse(sandbox):
    """Return a function that lets DataCite refuse writes of a DOI a number of times."""

    def refuse(doi, times=None, body=None):
        script = {
            "kind": "status",
            "status": 422,
            "body": body or REFUSED,
            "match": WRITES | {"doi": doi},
        }
        sandbox.server.fault(**script, **({"times": times} if times else {}))

    yield refuse
    sandbox.server.clear_faults()


@pytest.fixture()
def public(repository, sandbox, record_data):
    """Return a public, registered record."""
    record = repository.publish(record_data)
    repository.deliver()
    return record


def sent(sandbox, doi):
    return [set(entry["body"]["data"]["attributes"]) for entry in sandbox.writes(doi)]


def test_a_placeholder_that_is_refused_leaves_a_bare_hide(
    repository, sandbox, public, refuse, clock
):
    doi = doi_of(public)
    repository.change_access(public, record="restricted")
    refuse(doi, times=1)
    repository.deliver()
    assert sandbox.state(doi) == "registered"
    assert sent(sandbox, doi)[-1] == {"doi", "event"}
    row = repository.registration(doi)
    assert (row.status, row.failures) == (Status.RETRYING, 0)
    assert "must_hide" not in row.error

    clock.forward(24 * 3600 + 1)
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == SUPPRESSED
    assert repository.registration(doi).status is Status.WITHHELD


@pytest.mark.parametrize("turn", ["restrict", "delete"])
def test_what_cannot_be_hidden_is_never_given_up(
    repository, sandbox, public, refuse, clock, run, caplog, turn
):
    doi = doi_of(public)
    if turn == "restrict":
        repository.change_access(public, record="restricted")
    else:
        repository.delete(public)
    refuse(doi)
    for _ in range(4):
        caplog.clear()
        repository.deliver()
        row = repository.registration(doi)
        assert (row.status, row.error["code"]) == (Status.RETRYING, "doi.not_hidden")
        assert row.due_at is not None
        assert [r.levelname for r in caplog.records if r.levelname == "ERROR"]
        clock.forward(4000)
    assert "Restricted or deleted, but findable: 1" in run("status")[1]
    sandbox.server.clear_faults()
    repository.deliver()
    assert sandbox.state(doi) == "registered"
    assert repository.registration(doi).error is None


def test_a_metadata_error_does_not_let_a_doi_lead_nowhere(
    repository, sandbox, public, refuse, monkeypatch
):
    doi = doi_of(public)
    monkeypatch.setattr(
        "invenio_rdm_doi.registration.subject.landing_page",
        lambda doi: f"https://new.example.org/doi/{doi}",
    )
    repository.edit(public, title="Changed")
    refuse(doi, times=1)
    repository.deliver()
    found = sandbox.doi(doi)
    assert found["url"] == f"https://new.example.org/doi/{doi}"
    assert found["titles"] == [{"title": "Tides of the Wadden Sea"}]
    row = repository.registration(doi)
    assert (row.status, row.error["code"]) == (Status.FAILED, "datacite.refused")
    assert row.error["complaints"][0]["field"] == "metadata.title"


def test_no_short_form_makes_an_empty_draft(repository, sandbox, refuse, record_data):
    """A DOI that DataCite does not have cannot be hidden or moved."""
    record = repository.publish(record_data)
    doi = doi_of(record)
    refuse(doi)
    repository.deliver()
    assert sandbox.doi(doi) is None
    assert all("titles" in keys for keys in sent(sandbox, doi))


def test_the_placeholder_leaves_nothing_of_what_others_wrote(
    repository, sandbox, public
):
    """This covers every attribute that DataCite returns, not only the sent ones."""
    doi = doi_of(public)
    mark = "left by somebody"
    attributes = {
        "contentUrl": [f"https://example.org/{mark.replace(' ', '-')}"],
        "reason": mark,
        "language": "de",
        "sizes": [mark],
        "formats": [mark],
        "version": mark,
        "subjects": [{"subject": mark}],
        "identifiers": [{"identifier": mark, "identifierType": "Local"}],
        "descriptions": [{"description": mark, "descriptionType": "Abstract"}],
        "contributors": [{"name": mark, "contributorType": "Editor"}],
        "rightsList": [{"rights": mark}],
        "geoLocations": [{"geoLocationPlace": mark}],
        "fundingReferences": [{"funderName": mark}],
        "dates": [
            {"date": "2020", "dateType": "Issued", "dateInformation": mark},
        ],
        "relatedItems": [
            {
                "relatedItemType": "Journal",
                "relationType": "IsPublishedIn",
                "titles": [{"title": mark}],
            }
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": f"https://example.org/{mark.replace(' ', '-')}",
                "relatedIdentifierType": "URL",
                "relationType": "Cites",
            }
        ],
    }
    sandbox.put(doi, **attributes)
    assert mark in str(sandbox.doi(doi))
    repository.change_access(public, record="restricted")
    repository.deliver()
    hidden = dict(sandbox.doi(doi))
    hidden.pop("xml", None)
    assert "left" not in str(hidden)
    assert hidden["state"] == "registered"


def test_a_hidden_tombstone_gets_the_placeholder_and_a_shown_one_by_setting(
    repository, sandbox, public, running_app, monkeypatch
):
    extension = running_app.extensions["invenio-rdm-doi"]
    repository.delete(public)
    repository.deliver()
    assert sandbox.doi(doi_of(public))["titles"] != SUPPRESSED
    changed = replace(extension.settings, deleted="placeholder")
    monkeypatch.setattr(extension, "configured", changed)
    request_again(doi_of(public))
    db.session.commit()
    repository.deliver()
    assert sandbox.doi(doi_of(public))["titles"] == SUPPRESSED


# The account's domains


@pytest.fixture()
def domains(sandbox):
    """Return a function that sets the domains that the account allows."""
    account = sandbox.server.sandbox.accounts.find("TEST.REPO")
    before = account.domains

    def change(value):
        object.__setattr__(account, "domains", value)

    yield change
    object.__setattr__(account, "domains", before)


def test_a_domain_that_is_not_allowed_is_the_accounts_problem(
    repository, sandbox, domains, record_data, clock, monkeypatch
):
    """The site moves to a new host, and the account allows only the old one."""
    hidden = repository.publish(record_data)
    edited = repository.publish(record_data)
    repository.deliver()
    domains("repository.example.org")
    monkeypatch.setattr(
        "invenio_rdm_doi.registration.subject.landing_page",
        lambda doi: f"https://new.example.org/doi/{doi}",
    )
    fresh = repository.publish(record_data)
    repository.edit(edited, title="Later")
    repository.change_access(hidden, record="restricted")
    repository.deliver()

    for record in (fresh, edited):
        row = repository.registration(doi_of(record))
        assert (row.status, row.error["code"]) == (Status.RETRYING, "account.domain")
        assert row.failures == 0
        assert "not new.example.org" in row.error["message"]
        assert "Fabrica" in row.error["advice"]
    assert sandbox.state(doi_of(hidden)) == "registered", "hides go on"
    assert current_doi.breaker().report()["state"] == "running"

    domains("*")
    clock.forward(1000)
    repository.deliver()
    for record in (fresh, edited):
        assert repository.registration(doi_of(record)).status is Status.FINDABLE
        assert sandbox.state(doi_of(record)) == "findable"
    assert sandbox.doi(doi_of(hidden))["titles"] == SUPPRESSED


def test_what_cannot_even_be_hidden_for_its_domain_is_told(
    repository, sandbox, public, domains, run, caplog, clock
):
    """DataCite also checks the stored URL of a bare ``hide`` (lupo doi.rb:134)."""
    domains("elsewhere.example.org")
    repository.change_access(public, record="restricted")
    repository.deliver()
    row = repository.registration(doi_of(public))
    assert (row.status, row.error["code"]) == (Status.RETRYING, "account.domain")
    assert row.error["must_hide"]
    assert [r for r in caplog.records if r.levelname == "ERROR"]
    assert "Restricted or deleted, but findable: 2" in run("status")[1]
    domains("*")
    clock.forward(1000)
    repository.deliver()
    assert sandbox.doi(doi_of(public))["titles"] == SUPPRESSED


def test_a_refused_url_is_not_the_domains_fault_where_they_allow_it(
    repository, sandbox, refuse, record_data
):
    record = repository.publish(record_data)
    doi = doi_of(record)
    body = {"errors": [{"source": "url", "title": "URL is not allowed by domain"}]}
    refuse(doi, body=body)
    repository.deliver()
    row = repository.registration(doi)
    assert (row.status, row.error["code"]) == (Status.FAILED, "datacite.refused")
    assert sandbox.state(concept_doi_of(record)) == "findable"

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi adopt``: DOIs registered before this package was installed."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.audit import walk
from invenio_rdm_doi.audit.adoption import Adopter
from invenio_rdm_doi.audit.models import AuditFinding, Problem
from invenio_rdm_doi.datacite import listing
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change


@pytest.fixture()
def before(repository, sandbox, record_data):
    """Return three records registered by another system, without registrations here."""
    records = [repository.publish(record_data) for _ in range(3)]
    repository.deliver()
    change(sa.delete(Attempt))
    change(sa.delete(Registration))
    return records


def adopt(run, *options):
    """Return the exit status and the findings of an adoption by DOI."""
    status, output = run("adopt", "--json", *options)
    found = json.loads(output[output.index("[") : output.rindex("]") + 1])
    return status, {(item["doi"], item["problem"]): item["details"] for item in found}


def dois_of(records):
    return {doi_of(r) for r in records} | {concept_doi_of(r) for r in records}


def test_all_is_as_it_should(before, run, repository, sandbox):
    writes = sandbox.writes()
    assert adopt(run) == (0, {})
    rows = repository.registrations()
    assert {row.doi for row in rows} == dois_of(before)
    for row in rows:
        held = sandbox.doi(row.doi)
        assert (row.status, row.due_at) == (Status.FINDABLE, None)
        assert (row.confirmed_state, row.confirmed_url) == ("findable", held["url"])
        assert row.metadata_version == held["metadataVersion"]
        assert row.confirmed_revision == row.revision
        assert repository.pid_status(row.doi) == "R"
    assert run("audit")[0] == 0
    assert run("sync", "--status", "findable")[0] == 0
    assert set(repository.deliver()) == {"unchanged"}, "the digests are the same"
    assert sandbox.writes() == writes


def test_what_differs_is_reported_and_then_sent(before, run, repository, sandbox):
    title, lost, url = (doi_of(record) for record in before)
    sandbox.put(title, titles=[{"title": "Of the built-in provider"}])
    sandbox.lose(lost)
    sandbox.put(url, url=f"https://repository.example.org/records/{before[2].id}")
    writes = sandbox.writes()
    status, found = adopt(run)
    assert status == 3
    assert set(found) == {(title, "differs"), (lost, "missing"), (url, "differs")}
    assert set(found[title, "differs"]["fields"]) == {"titles"}
    assert set(found[url, "differs"]["fields"]) == {"url"}
    for doi in (title, lost, url):
        row = repository.registration(doi)
        assert (row.status, row.due_at) == (Status.PENDING, None)
    assert repository.pid_status(lost) == "K", "DataCite never had it"
    assert repository.pid_status(title) == "R"
    assert repository.deliver() == {}
    assert sandbox.writes() == writes, "nothing is sent"

    status, output = run("adopt", "--send")
    assert status == 0 and "3 DOIs will be sent." in output
    assert repository.deliver() == {"done": 3}
    assert sandbox.state(lost) == "findable"
    assert repository.pid_status(lost) == "R"
    assert adopt(run) == (0, {})
    assert run("audit")[0] == 0


def test_somebody_elses_is_not_taken_over(before, run, repository, sandbox):
    doi = doi_of(before[0])
    sandbox.put(doi, url="https://elsewhere.example.org/x")
    held = sandbox.doi(doi)
    status, found = adopt(run, "--send")
    assert (status, set(found)) == (3, {(doi, "not_ours")})
    row = repository.registration(doi)
    assert (row.status, row.error["code"]) == (Status.FAILED, "doi.other_system")
    assert "take-over" in row.error["advice"]
    assert row.confirmed_account is None
    repository.deliver()
    assert sandbox.doi(doi) == held


def test_what_must_not_be_shown_goes_first(before, run, repository, sandbox):
    """The built-in provider left these restricted records findable."""
    doi = doi_of(before[0])
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
        " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi",
        doi=doi,
    )
    status, found = adopt(run)
    assert set(found) == {(doi, "exposed"), (concept_doi_of(before[0]), "exposed")}
    run("adopt", "--send")
    assert repository.registration(doi).priority == -10
    repository.deliver()
    assert sandbox.state(doi) == "registered"
    assert sandbox.doi(doi)["titles"] == [{"title": "(:unal)"}]
    assert repository.registration(doi).status is Status.WITHHELD
    assert adopt(run) == (0, {})


def test_a_restricted_record_that_datacite_never_had(
    repository, sandbox, record_data, run
):
    record = repository.publish(record_data)
    change(sa.delete(Registration))
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
        " '\"restricted\"')"
    )
    change("UPDATE pidstore_pid SET status = 'R' WHERE pid_type = 'doi'")
    assert adopt(run) == (0, {})
    row = repository.registration(doi_of(record))
    assert (row.status, row.due_at) == (Status.WITHHELD, None)
    assert repository.pid_status(row.doi) == "K"
    assert sandbox.writes() == []


def test_what_is_asked_for_meanwhile_is_delivered(before, run, repository):
    repository.edit(before[0], title="Another title")
    assert repository.registration(doi_of(before[0])).due_at is not None
    assert adopt(run)[0] == 0
    assert repository.registration(doi_of(before[0])).due_at is not None
    assert repository.deliver()["done"] >= 1


def test_it_goes_on_where_it_was(before, run, repository, monkeypatch):
    monkeypatch.setattr(listing, "SIZE", 2)
    monkeypatch.setattr(walk, "SIZE", 2)
    pages = []
    listed = Adopter.listed

    def killed(self, entries):
        pages.append(sorted(entries))
        if len(pages) == 2:
            raise KeyboardInterrupt()
        return listed(self, entries)

    monkeypatch.setattr(Adopter, "listed", killed)
    run("adopt")
    assert adopt(run) == (0, {})
    assert pages[1] == pages[2]
    assert {row.status for row in repository.registrations()} == {Status.FINDABLE}


def test_a_reserved_doi_stays_reserved(repository, run, record_data):
    draft = repository.draft(record_data)
    service.pids.create(system_identity, draft.id, "doi")
    change(sa.delete(Registration))
    assert adopt(run) == (0, {})
    assert repository.registrations() == [], "it is asked for when it is published"


def versions_of_records():
    return db.session.execute(
        sa.text("SELECT id, version_id, json FROM rdm_records_metadata ORDER BY id")
    ).all()


def test_records_are_only_read(before, run, sandbox):
    """Reading a record marks it as changed; no such change may be written."""
    sandbox.put(doi_of(before[0]), titles=[{"title": "Changed in Fabrica"}])
    sandbox.lose(doi_of(before[1]))
    found = versions_of_records()
    db.session.rollback()
    run("adopt")
    run("adopt", "--send")
    run("audit")
    run("audit", "--fix")
    assert versions_of_records() == found


def test_a_record_that_cannot_be_described(before, run, repository):
    broken, *others = (doi_of(record) for record in before)
    change(
        "UPDATE rdm_records_metadata SET json = json #- '{metadata,creators}'"
        " #- '{metadata,publication_date}'"
        " WHERE json->'pids'->'doi'->>'identifier' = :doi",
        doi=broken,
    )
    status, found = adopt(run)
    assert status == 3
    assert {problem for _doi, problem in found} <= {"unreadable", "differs"}
    assert broken in {doi for doi, _problem in found}
    for doi in others:
        assert repository.registration(doi).status is Status.FINDABLE


def test_what_an_audit_found_is_kept(before, run, sandbox):
    """The finding belongs to another job, and only an audit can resolve it."""
    sandbox.make("10.1234/other-system")
    assert adopt(run) == (0, {})
    assert run("audit")[0] == 3
    assert adopt(run) == (0, {})
    (kept,) = AuditFinding.query
    assert (kept.doi, kept.problem) == ("10.1234/other-system", Problem.ORPHANED)


def test_one_doi_that_datacite_cannot_be_asked_about(
    before, run, repository, sandbox, monkeypatch
):
    odd, *others = (doi_of(record) for record in before)
    for doi in (odd, *others):
        sandbox.lose(doi)
    body = {"data": {"id": "10.1234/another", "attributes": {"doi": "10.1234/another"}}}
    sandbox.server.fault(
        kind="status",
        status=200,
        body=body,
        match={"method": "GET", "path": f"/dois/{odd}"},
    )
    status, found = adopt(run)
    sandbox.server.clear_faults()
    assert status == 3
    assert set(found) == {(odd, "unreadable"), *((doi, "missing") for doi in others)}
    assert repository.registration(odd).status is Status.FAILED
    assert {repository.registration(doi).status for doi in others} == {Status.PENDING}


def test_a_doi_of_another_prefix_is_left_alone(before, run, repository):
    foreign = "10.9999/of-the-old-repository"
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json,"
        " '{pids,doi,identifier}', to_jsonb(CAST(:foreign AS text))) WHERE id = :id",
        foreign=foreign,
        id=before[0]._record.id,
    )
    change(
        "UPDATE pidstore_pid SET pid_value = :foreign WHERE pid_value = :doi",
        foreign=foreign,
        doi=doi_of(before[0]),
    )
    _status, found = adopt(run)
    # The metadata refer to a version that they did not refer to before.
    assert found.keys() == {(concept_doi_of(before[0]), "differs")}
    assert repository.registration(foreign) is None

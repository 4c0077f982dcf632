# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes of accounts, prefixes and backups: messages to the operator and effects."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from datacite_sandbox.accounts import Account
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import marks
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Priority, Registration, Status
from invenio_rdm_doi.settings.secret import Secret
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change


@contextmanager
def production(monkeypatch, prefixes):
    """Configure another account at another address, with a sandbox of its own."""
    with SandboxServer([Account("PROD.REPO", "secret", prefixes)]) as server:
        settings = current_doi.settings
        account = replace(
            settings.account,
            symbol="PROD.REPO",
            username=Secret("PROD.REPO"),
            password=Secret("secret"),
            prefixes=prefixes,
            api_url=f"{server.url}/",
        )
        monkeypatch.setattr(
            current_doi, "configured", replace(settings, account=account)
        )
        yield server


def states(server):
    store = server.sandbox.store
    return {doi.uid: doi.state for doi in store.select()}


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    records = [repository.publish(record_data) for _ in range(2)]
    repository.deliver()
    return records


def dois_of(records):
    return {doi_of(r) for r in records} | {concept_doi_of(r) for r in records}


def test_production_with_the_same_prefix(delivered, run, repository, monkeypatch):
    dois = dois_of(delivered)
    with production(monkeypatch, ("10.1234",)) as server:
        output = run("check")[1]
        assert re.search(r"FAIL  elsewhere: 4 DOIs were confirmed by another", output)
        assert "Run 'invenio doi adopt'" in output
        status, output = run("adopt")
        assert status == 3 and "4  confirmed here, but missing at DataCite" in output
        assert {repository.pid_status(doi) for doi in dois} == {"K"}
        assert states(server) == {}
        run("adopt", "--send")
        repository.deliver()
        assert states(server) == dict.fromkeys(dois, "findable")
        assert {repository.pid_status(doi) for doi in dois} == {"R"}
        status, output = run("audit")
        assert status == 0, output
        assert "elsewhere" not in run("check")[1]


def test_production_with_another_prefix(delivered, run, repository, monkeypatch):
    """DOIs of the test account remain unchanged."""
    dois = dois_of(delivered)
    with production(monkeypatch, ("10.9999",)) as server:
        output = run("check")[1]
        assert re.search(
            r"FAIL  prefixes: Prefixes in use that belong to no account: 1", output
        )
        status, output = run("reconcile")
        assert status == 3
        assert "4  DOIs whose prefix belongs to no account" in output
        assert run("adopt")[0] == 0, "there is nothing of this account"
        assert repository.deliver() == {}
        assert states(server) == {}
        assert run("audit")[0] == 0
    for doi in dois:
        assert repository.registration(doi).status is Status.FINDABLE


def restore(since, lost):
    """Restore records and registrations; delete the DOIs created since the backup."""
    change(
        "UPDATE rdm_records_metadata r SET json = kept.json"
        " FROM kept_rdm_records_metadata kept WHERE r.id = kept.id"
    )
    for gone in lost:
        change("DELETE FROM pidstore_pid WHERE pid_value = :doi", doi=gone)
        for table in ("rdm_records_metadata", "rdm_parents_metadata"):
            change(
                f"UPDATE {table} SET json = json #- '{{pids,doi}}'"  # noqa: S608
                " WHERE json->'pids'->'doi'->>'identifier' = :doi",
                doi=gone,
            )
    names = ", ".join(c.name for c in Registration.__table__.columns if not c.computed)
    change("TRUNCATE rdm_doi_registration CASCADE")
    change(
        f"INSERT INTO rdm_doi_registration ({names})"  # noqa: S608
        f" SELECT {names} FROM kept_rdm_doi_registration"
    )
    for table in ("rdm_records_metadata", "rdm_doi_registration"):
        change(f"DROP TABLE kept_{table}")


def test_a_backup_of_yesterday(
    delivered, run, repository, sandbox, record_data, monkeypatch
):
    """DataCite has edits and publications since the backup that are missing here."""
    doi = doi_of(delivered[0])
    for table in ("rdm_records_metadata", "rdm_doi_registration"):
        change(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608
    repository.edit(delivered[0], title="Edited since the backup")
    since = repository.publish(record_data)
    repository.deliver()
    lost = dois_of([since])
    restore(since, lost)
    db.session.expire_all()
    assert run("status", "--exit-code")[0] == 0, "from here, all looks well"

    status, output = run("audit")
    assert status == 3
    assert re.search(rf"^changed +{re.escape(doi)} +titles", output, re.M)
    for gone in lost:
        assert re.search(rf"^orphaned +{re.escape(gone)}", output, re.M)
    held = {gone: sandbox.doi(gone) for gone in lost}
    run("audit", "--fix")
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == [{"title": record_data["metadata"]["title"]}]
    assert {gone: sandbox.doi(gone) for gone in lost} == held, "orphans stay"
    status, output = run("audit")
    assert (status, "changed" in output) == (3, False)


def test_a_prefix_is_transferred_away(delivered, run, repository, sandbox):
    doi = doi_of(delivered[0])
    store = sandbox.server.sandbox.store
    moved = store.get(doi)
    moved.client_id = "other.repo"
    with store.transaction():
        store._write(moved)
    held = store.get(doi).snapshot()
    status, output = run("audit", "--fix")
    assert status == 3
    assert re.search(rf"^not_ours +{re.escape(doi)} .*OTHER\.REPO", output, re.M)
    assert "support@datacite.org" in output
    repository.deliver()
    assert store.get(doi).snapshot() == held, "nothing is sent to it"


def test_a_prefix_is_transferred_in(delivered, run, repository, sandbox, monkeypatch):
    """Its DOIs always belonged to records here; now the account has the prefix."""
    settings = current_doi.settings
    dois = dois_of(delivered)
    change(sa.delete(Attempt))
    change(sa.delete(Registration))
    without = replace(settings.account, prefixes=("10.5678",))
    monkeypatch.setattr(current_doi, "configured", replace(settings, account=without))
    assert run("adopt")[0] == 0
    assert repository.registrations() == [], "they are not this site's yet"
    output = run("check")[1]
    assert "adopt" not in output, "there is nothing that could be adopted"
    monkeypatch.setattr(current_doi, "configured", settings)
    assert run("adopt")[0] == 0
    assert {row.doi for row in repository.registrations()} == dois
    assert {row.status for row in repository.registrations()} == {Status.FINDABLE}
    assert run("audit")[0] == 0


def test_a_week_without_the_package(delivered, run, repository, sandbox, record_data):
    """Meanwhile one record was restricted, and two more were published.

    One of them was published without a DOI, the other one with a DOI of the built-in
    provider.
    """
    restricted, builtin = (doi_of(record) for record in delivered)
    unnamed = repository.publish(record_data)
    change(sa.delete(Attempt))
    for doi in (builtin, concept_doi_of(delivered[1]), *dois_of([unnamed])):
        change("DELETE FROM rdm_doi_registration WHERE doi = :doi", doi=doi)
    for doi in dois_of([unnamed]):
        change("DELETE FROM pidstore_pid WHERE pid_value = :doi", doi=doi)
        sandbox.lose(doi) if sandbox.doi(doi) else None
    for table in ("rdm_records_metadata", "rdm_parents_metadata"):
        change(
            f"UPDATE {table} SET json = json #- '{{pids,doi}}'"  # noqa: S608
            " WHERE json->'pids'->'doi'->>'identifier' IN (:a, :b)",
            a=doi_of(unnamed),
            b=concept_doi_of(unnamed),
        )
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
        " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi",
        doi=restricted,
    )
    db.session.expire_all()

    assert "FAIL  adopt: 2 DOIs" in run("check")[1]
    status, output = run("reconcile")
    assert "2  managed DOIs without a registration" in output
    assert "1  public records without a DOI" in output
    assert run("adopt")[0] == 0, "DataCite has what the built-in provider sent"
    status, output = run("audit")
    assert re.search(rf"^exposed +{re.escape(restricted)}", output, re.M)
    run("reconcile", "--apply", "--mint")
    run("audit", "--fix")
    repository.deliver()
    assert sandbox.doi(restricted)["titles"] == [{"title": "(:unal)"}]
    assert run("audit")[0] == 0
    assert run("reconcile")[0] == 0
    assert run("status", "--exit-code")[0] == 0
    public = [r for r in repository.registrations() if r.status is Status.FINDABLE]
    assert len(public) == 4


def test_a_draft_that_was_published_since_the_backup(
    repository, sandbox, run, record_data
):
    """Its DOI is public at DataCite, but only reserved here, so it must be hidden."""
    draft = repository.draft(record_data)
    doi = service.pids.create(system_identity, draft.id, "doi")["pids"]["doi"][
        "identifier"
    ]
    row = repository.registration(doi)
    assert row.status is Status.RESERVED
    writes = sandbox.writes()
    sandbox.make(doi, url=f"https://repository.example.org/doi/{doi}")
    repository.deliver()
    assert sandbox.state(doi) == "findable", "nothing here knows of it"
    assert run("sync", "--after-restore")[0] == 0
    assert run("deliver")[0] == 0
    assert sandbox.state(doi) == "registered"
    assert sandbox.doi(doi)["titles"] == [{"title": "(:unal)"}]
    assert writes == []


def test_after_a_restore_what_must_not_be_shown_goes_first(delivered, repository, run):
    """DOIs that DataCite may show are hidden first; the others are mere backlog."""
    exposed, never = (doi_of(record) for record in delivered)
    for doi in (exposed, never):
        change(
            "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
            " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi",
            doi=doi,
        )
    change(
        "UPDATE rdm_doi_registration SET confirmed_state = NULL WHERE doi = :doi",
        doi=never,
    )
    assert run("sync", "--after-restore")[0] == 0
    while marks.go_on(current_doi.settings.prefixes) is not None:
        pass
    assert repository.registration(exposed).priority == Priority.HIDE
    assert repository.registration(never).priority == Priority.BACKLOG

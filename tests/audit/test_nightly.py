# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The nightly task: it reports, cleans up, and sends nothing to DataCite."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi import nightly
from invenio_rdm_doi.audit import asker, runs
from invenio_rdm_doi.audit.models import AuditFinding, AuditRun, Job
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import tally
from invenio_rdm_doi.registration.history import Attempt, Tally
from invenio_rdm_doi.registration.models import Registration
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    change(sa.delete(Tally))
    record = repository.publish(record_data)
    repository.deliver()
    return record


def said(caplog, message):
    return [record for record in caplog.records if record.message == message]


def test_the_audit_reports_and_sends_nothing(delivered, sandbox, repository, caplog):
    caplog.set_level(logging.INFO, "invenio_rdm_doi")
    sandbox.lose(doi_of(delivered))
    writes = sandbox.writes()
    nightly.audit()
    (line,) = said(caplog, "doi.audit.found")
    assert (line.problem, line.count, line.account) == ("missing", 1, "default")
    assert {row.doi for row in AuditFinding.query} == {doi_of(delivered)}
    assert repository.deliver() == {}
    assert sandbox.writes() == writes
    before = len(sandbox.log())
    nightly.audit()
    assert len(sandbox.log()) == before, "it is done for this night"


def test_an_audit_that_takes_long_comes_back(delivered, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "invenio_rdm_doi")
    sent = []
    monkeypatch.setattr(nightly.audit, "apply_async", lambda **k: sent.append(k))
    monkeypatch.setattr(nightly, "run_seconds", lambda: 0)
    nightly.audit()
    assert sent == [{"countdown": nightly.COMES_BACK}]
    assert said(caplog, "doi.audit.done") == []
    monkeypatch.undo()
    nightly.audit()
    assert len(said(caplog, "doi.audit.done")) == 1


def test_datacite_is_away(delivered, sandbox, caplog, monkeypatch):
    monkeypatch.setattr(asker, "PAUSES", (0, 0))
    sandbox.server.stop()
    nightly.audit()
    sandbox.server.start()
    assert len(said(caplog, "doi.audit.failed")) == 1
    run = AuditRun.query.filter_by(job=Job.AUDIT).one()
    assert (run.finished_at, run.lease_token) == (None, None)


def test_reconcile_reports(delivered, caplog, repository):
    change(sa.delete(Attempt))
    change(sa.delete(Registration))
    nightly.reconcile()
    (line,) = said(caplog, "doi.reconcile.found")
    assert (line.problem, line.count) == ("unregistered", 2)
    assert repository.registrations() == []


def counts():
    rows = db.session.execute(
        sa.select(Tally.outcome, sa.func.sum(Tally.count)).group_by(Tally.outcome)
    )
    return {outcome.value: count for outcome, count in rows}


def test_the_tally_counts_every_attempt(delivered, repository, sandbox):
    assert counts() == {"done": 2}
    sandbox.server.fault(kind="status", status=503)
    repository.edit(delivered, title="Another title")
    repository.deliver()
    sandbox.server.clear_faults()
    attempts = db.session.scalar(sa.select(sa.func.count(Attempt.id)))
    assert sum(counts().values()) == attempts
    assert counts()["retry"] == attempts - 2
    (prefix,) = {row.prefix for row in Tally.query}
    assert prefix == "10.1234"


def age(doi, count, days):
    """Add attempts that happened some days ago."""
    row = Registration.query.filter_by(doi=doi).one()
    at = datetime.now(UTC) - timedelta(days=days)
    db.session.execute(
        sa.insert(Attempt.__table__),
        [
            {
                "registration_id": row.id,
                "revision": 1,
                "started_at": at + timedelta(seconds=number),
                "duration_ms": 5,
                "outcome": "done",
                "digest": "x",
            }
            for number in range(count)
        ],
    )
    db.session.commit()


def attempts_of(repository, doi):
    return len(repository.attempts(doi))


def test_old_attempts_are_deleted_but_for_the_last(delivered, repository, monkeypatch):
    monkeypatch.setattr(tally, "CHUNK", 7)
    change(sa.delete(Attempt))
    many, few = doi_of(delivered), concept_doi_of(delivered)
    age(many, 50, days=100)
    age(many, 30, days=10)
    age(few, 15, days=100)
    before = counts()
    nightly.clean_up()
    assert attempts_of(repository, many) == 30, "what is new is kept"
    assert attempts_of(repository, few) == 15, "the last 20 are kept for ever"
    assert counts() == before
    age(few, 10, days=0)
    nightly.clean_up()
    assert attempts_of(repository, few) == 20


def test_the_tally_becomes_small(delivered, repository):
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    row = {"prefix": "10.1234", "outcome": "done", "bucket": 1, "count": 3}
    old = hour - timedelta(hours=5)
    for at in (old, old, old, hour):
        change(sa.insert(Tally.__table__).values(hour=at, **row))
    before = counts()
    nightly.clean_up()
    assert counts() == before
    (kept,) = Tally.query.filter_by(hour=old)
    assert kept.count == 9
    nightly.clean_up()
    assert Tally.query.filter_by(hour=old).one().count == 9


def test_a_long_pause_of_datacites_is_not_waited_for(
    delivered, sandbox, caplog, monkeypatch
):
    """The task frees its worker slot, and the audit continues later."""
    sent = []
    monkeypatch.setattr(nightly.audit, "apply_async", lambda **k: sent.append(k))
    sandbox.server.fault(kind="status", status=429, headers={"Retry-After": "3600"})
    begin = time.monotonic()
    nightly.audit()
    sandbox.server.clear_faults()
    assert time.monotonic() - begin < 60
    assert sent == [{"countdown": nightly.COMES_BACK}]
    run = AuditRun.query.filter_by(job=Job.AUDIT).one()
    assert (run.finished_at, run.lease_token) == (None, None)


def test_a_part_is_no_audit_of_the_night(delivered, run, sandbox, caplog):
    assert run("audit", "--since", "2026-01-01")[0] == 0
    before = len(sandbox.log())
    nightly.audit()
    assert len(sandbox.log()) > before
    assert len(said(caplog, "doi.audit.failed")) == 0
    assert runs.last(Job.AUDIT, current_doi.settings.account.id).seen == 2


def test_findings_of_a_former_account_are_forgotten(delivered, run, sandbox):
    sandbox.lose(doi_of(delivered))
    assert run("audit")[0] == 3
    nightly.clean_up()
    assert AuditFinding.query.count() == 1
    change("UPDATE rdm_doi_finding SET account = 'gone'")
    change("UPDATE rdm_doi_run SET account = 'gone'")
    nightly.clean_up()
    assert AuditFinding.query.count() == 0

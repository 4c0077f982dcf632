# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""False answers from DataCite, a stalled database, and an older backup."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import delivery as delivery_module
from invenio_rdm_doi.registration import intake, queue, settling, subject
from invenio_rdm_doi.registration.models import Kind, Registration, Status
from invenio_rdm_doi.registration.run import Run
from tests.support.repository import doi_of
from tests.support.worker import wait_for

from .test_dois_from_before import before  # noqa: F401 - a fixture
from .test_hiding import refuse  # noqa: F401 - a fixture
from .test_nothing_leaves_late import delivery, leaked, secret  # noqa: F401


def leases():
    db.session.rollback()
    held = Registration.lease_token.is_not(None)
    return db.session.scalar(sa.select(sa.func.count()).where(held))


def put_in_doubt(repository, doi, **values):
    """Set the state after a request without an answer, due now."""
    row = repository.registration(doi)
    row.in_doubt, row.checks_left, row.due_at = True, 1, sa.func.now()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


def test_a_request_that_holds_one_row_does_not_make_another_one_late(
    repository,
    sandbox,
    secret,  # noqa: F811
    record_data,
    running_app,
    monkeypatch,
    clock,
):
    other = repository.publish(record_data)
    checking, go = threading.Event(), threading.Event()
    begin = queue.begin

    def wait_first(*args, **kwargs):
        checking.set()
        go.wait(10)
        return begin(*args, **kwargs)

    monkeypatch.setattr(delivery_module.queue, "begin", wait_first)
    work = delivery()

    def run():
        with running_app.app_context():
            Run([work]).run(seconds=20)
            db.session.remove()

    worker = threading.Thread(target=run)
    worker.start()
    assert checking.wait(10)
    with db.engine.connect() as web:
        web.execute(
            sa.update(Registration.__table__)
            .where(Registration.doi == doi_of(other))
            .values(revision=Registration.revision + 1)
        )
        go.set()
        # The record's DOI and the concept DOI are sent at once, without waiting for the
        # other row.
        wait_for(lambda: len(leaked(sandbox)) == 2)
        repository.change_access(secret, record="restricted")
        worker.join(30)
        assert not worker.is_alive(), "the run waits for a locked row"
        web.commit()
    assert len(leaked(sandbox)) == 2
    # Claims that could not be returned end with their leases.
    clock.forward(work.lease + 1)
    repository.deliver()
    assert leases() == 0


def test_an_odd_answer_to_a_check_is_another_answer(
    repository, sandbox, record_data, monkeypatch
):
    doi = doi_of(repository.publish(record_data))
    repository.deliver()
    put_in_doubt(repository, doi)
    ask = DataCiteClient._ask

    def odd(self, *args, **kwargs):
        body = ask(self, *args, **kwargs)
        body["data"]["attributes"] |= {"types": "x", "subjects": ["a"]}
        return body

    monkeypatch.setattr(DataCiteClient, "_ask", odd)
    assert repository.deliver() == {"done": 1}
    assert len(sandbox.writes(doi)) == 2
    assert leases() == 0


def test_a_check_that_failed_leaves_nothing_behind(
    repository, sandbox, record_data, clock
):
    doi = doi_of(repository.publish(record_data))
    repository.deliver()
    put_in_doubt(repository, doi)
    path = f"/dois/{doi}"
    sandbox.server.fault(
        kind="status", status=500, times=1, match={"method": ["GET"], "path": path}
    )
    assert repository.deliver() == {"retry": 1}
    clock.forward(700)
    assert repository.deliver() == {"done": 1}
    row = repository.registration(doi)
    assert (row.status, row.error, row.failures) == (Status.FINDABLE, None, 0)
    assert (row.due_at, row.in_doubt) == (None, False)


def test_a_record_that_cannot_be_described_costs_no_other_one(
    repository, sandbox, before, record_data, monkeypatch  # noqa: F811
):
    _first, second = before
    others = [repository.publish(record_data) for _ in range(3)]
    repository.edit(second, title="An odd old record")
    describe = subject.describe_record

    def broken(source):
        if source.record["id"] == second.id:
            raise RuntimeError("odd old record")
        return describe(source)

    monkeypatch.setattr(subject, "describe_record", broken)
    repository.deliver()
    row = repository.registration(doi_of(second))
    assert (row.status, row.error["code"]) == (Status.RETRYING, "delivery.error")
    assert {sandbox.state(doi_of(other)) for other in others} == {"findable"}
    assert leases() == 0


def test_a_doi_that_datacite_does_not_take_is_told_once(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    owner = repository.registration(doi_of(record)).owner_id
    intake.request("10.1234/old+doi", Kind.RECORD, owner)
    db.session.commit()
    assert repository.deliver(seconds=3) == {"rejected": 1}
    row = repository.registration("10.1234/old+doi")
    assert (row.status, row.error["code"]) == (Status.FAILED, "doi.invalid")


@pytest.mark.parametrize("never_sent", [True, False])
def test_after_a_restored_backup_datacite_is_asked(
    repository, sandbox, record_data, run, never_sent
):
    record = repository.publish(record_data)
    doi = doi_of(record)
    if never_sent:
        kept = repository.registration(doi)
    else:
        repository.deliver()
        record = repository.change_access(record, record="restricted")
        repository.deliver()
        kept = repository.registration(doi)
    columns = [c.name for c in Registration.__table__.columns if c.computed is None]
    backup = {name: getattr(kept, name) for name in columns}
    record = repository.change_access(record, record="public")
    repository.deliver()
    assert sandbox.state(doi) == "findable"
    repository.change_access(record, record="restricted")
    db.session.execute(
        sa.update(Registration).where(Registration.doi == doi).values(**backup)
    )
    db.session.commit()
    status, output = run("sync", "--after-restore")
    assert status == 0 and "will be compared" in output
    repository.deliver()
    assert sandbox.state(doi) == "registered"
    assert sandbox.doi(doi)["titles"] == [{"title": "(:unal)"}]


def test_a_doi_is_not_forgotten_while_a_creation_may_arrive(
    repository, sandbox, record_data, clock
):
    doi = doi_of(repository.publish(record_data))
    # Its record is deleted.
    put_in_doubt(repository, doi, owner_id=uuid.uuid4())
    repository.deliver()
    assert repository.registration(doi).due_at is not None
    clock.forward(901)
    repository.deliver()
    assert repository.registration(doi) is None


def test_what_has_to_be_hidden_is_tried_again_while_a_creation_may_arrive(
    repository, sandbox, record_data, refuse  # noqa: F811
):
    record = repository.publish(record_data)
    doi = doi_of(record)
    put_in_doubt(repository, doi)
    repository.change_access(record, record="restricted")
    refuse(doi)
    repository.deliver()
    assert repository.registration(doi).due_at is not None


def test_a_difference_that_nobody_can_mend_is_not_sent_for_ever(
    repository, sandbox, record_data, clock, monkeypatch
):
    doi = doi_of(repository.publish(record_data))
    repository.deliver()
    put_in_doubt(repository, doi)
    # A normalization by DataCite that this package does not know.
    monkeypatch.setattr(settling, "differences", lambda *_: ["subjects"])
    for _ in range(6):
        repository.deliver()
        clock.forward(901)
    assert len(sandbox.writes(doi)) == 2
    assert repository.registration(doi).due_at is None


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_question_about_the_account_that_fails_does_not_pause_it(
    repository, sandbox, record_data, refuse, status  # noqa: F811
):
    doi = doi_of(repository.publish(record_data))
    refuse(doi, body={"errors": [{"source": "url", "title": "odd"}]})
    sandbox.server.fault(
        kind="status",
        status=status,
        body={"errors": [{"status": str(status), "title": "odd"}]},
        match={"path": "/repositories"},
    )
    repository.deliver()
    assert current_doi.breaker().report()["state"] != "paused"
    assert repository.registration(doi).due_at is not None


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_sent(
    repository, sandbox, record_data
):
    for _ in range(12):
        repository.publish(record_data)
    done = []
    counts = repository.deliver(
        progress=lambda claim, outcome: done.append(outcome),
        stopping=lambda: "done" in done,
    )
    left = 24 - counts["done"]
    assert 0 < left <= 24 - len(sandbox.writes()) + counts.get("retry", 0)
    assert leases() == 0
    db.session.rollback()
    due = Registration.due_at.is_not(None)
    assert db.session.scalar(sa.select(sa.func.count()).where(due)) == left


def test_a_worker_that_is_to_stop_claims_nothing(repository, sandbox, record_data):
    repository.publish(record_data)
    assert repository.deliver(stopping=lambda: True) == {}
    assert sandbox.log() == []


def test_a_function_of_the_site_that_hangs_costs_its_own_record(
    repository, sandbox, record_data, monkeypatch
):
    hangs = repository.publish(record_data)
    fine = repository.publish(record_data)

    def hang(record, attributes):
        while record["id"] == hangs.id:
            time.sleep(0.05)
        return attributes

    settings = current_doi.settings
    metadata = replace(settings.metadata, dumpers=(hang,))
    monkeypatch.setattr(current_doi, "configured", replace(settings, metadata=metadata))
    monkeypatch.setattr("invenio_rdm_doi.metadata.describe.DUMPER_SECONDS", 0.5)
    repository.deliver()
    assert sandbox.state(doi_of(fine)) == "findable"
    row = repository.registration(doi_of(hangs))
    assert (row.status, row.failures) == (Status.RETRYING, 1)


TAKEN = {"errors": [{"source": "doi", "title": "This DOI has already been taken"}]}


def test_what_took_a_doi_in_doubt_may_be_its_own_earlier_request(
    repository, sandbox, record_data
):
    doi = doi_of(repository.publish(record_data))
    put_in_doubt(repository, doi, made_here=True)
    fault = {"method": ["POST"], "doi": doi}
    sandbox.server.fault(kind="status", status=422, body=TAKEN, times=1, match=fault)
    repository.deliver()
    row = repository.registration(doi)
    assert (row.status, row.error["code"]) == (Status.RETRYING, "datacite.taken")
    repository.make_due()
    repository.deliver()
    assert sandbox.state(doi) == "findable"


def test_a_conflict_says_nothing_of_whose_a_doi_is(repository, sandbox, record_data):
    doi = doi_of(repository.publish(record_data))
    body = {"errors": [{"status": "409", "title": "Conflict"}]}
    fault = {"method": ["POST"], "doi": doi}
    sandbox.server.fault(kind="status", status=409, body=body, times=1, match=fault)
    repository.deliver()
    assert sandbox.state(doi) == "findable"


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\x1b[31m"])
def test_a_text_that_cannot_be_stored_costs_its_own_record(
    repository, sandbox, record_data, monkeypatch, text
):
    """One text is raised by a site's function, the other one is in its result."""
    raises = repository.publish(record_data)
    makes = repository.publish(record_data)
    fine = repository.publish(record_data)

    def odd(record, attributes):
        if record["id"] == raises.id:
            raise ValueError(f"odd {text}")
        if record["id"] == makes.id:
            attributes["titles"] = [{"title": "odd", "titleType": f"odd {text}"}]
        return attributes

    settings = current_doi.settings
    metadata = replace(settings.metadata, dumpers=(odd,))
    monkeypatch.setattr(current_doi, "configured", replace(settings, metadata=metadata))
    repository.deliver()
    assert sandbox.state(doi_of(fine)) == "findable"
    for record in (raises, makes):
        kept = json.dumps(repository.registration(doi_of(record)).error)
        assert "odd" in kept
        assert text not in json.loads(kept)["message"]
    assert leases() == 0

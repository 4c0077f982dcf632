# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Delivery: claims, confirmations and failures."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import queue, results, subject
from invenio_rdm_doi.registration.breaker import Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.models import Outcome, Registration, Status
from invenio_rdm_doi.registration.run import Run
from invenio_rdm_doi.registration.settlements import Settlement, settle_all
from invenio_rdm_doi.registration.target import NOTHING, Target
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES


def test_publishing_does_not_need_datacite(repository, sandbox, record_data):
    sandbox.stop()
    record = repository.publish(record_data)
    assert record.data["status"] == "published"
    # Both DOIs are tried; the first wait may be so short that one is tried again.
    assert repository.deliver().keys() == {"retry"}
    row = repository.registration(doi_of(record))
    assert row.status is Status.RETRYING
    assert row.due_at is not None
    # An outage does not count as a failure of the record.
    assert row.failures == 0
    assert repository.pid_status(doi_of(record)) == "K"


def test_the_doi_is_registered_when_datacite_is_back(repository, sandbox, record_data):
    sandbox.stop()
    record = repository.publish(record_data)
    for _ in range(3):
        repository.deliver()
        repository.make_due()
    sandbox.start()
    assert repository.deliver() == {"done": 2}
    row = repository.registration(doi_of(record))
    assert (row.status, row.failures, row.error) == (Status.FINDABLE, 0, None)
    assert sandbox.state(doi_of(record)) == "findable"
    outcomes = [attempt.outcome for attempt in repository.attempts(doi_of(record))]
    assert outcomes == [Outcome.RETRY] * 3 + [Outcome.DONE]


def test_a_failed_attempt_says_what_happened(repository, sandbox, record_data):
    sandbox.stop()
    record = repository.publish(record_data)
    repository.deliver()
    (attempt,) = repository.attempts(doi_of(record))
    assert attempt.error["code"] == "datacite.unreachable"
    assert sandbox.url in attempt.error["message"]
    assert attempt.http_status is None
    assert repository.registration(doi_of(record)).error == attempt.error


def test_waits_grow_and_are_not_all_the_same(repository, sandbox, record_data):
    sandbox.stop()
    record = repository.publish(record_data)
    waits = []
    for _ in range(6):
        repository.make_due()
        repository.deliver()
        (wait,) = db.session.execute(
            sa.select(
                sa.func.extract(
                    "epoch", Registration.due_at - sa.func.clock_timestamp()
                )
            ).where(Registration.doi == doi_of(record))
        ).one()
        waits.append(float(wait))
    assert len(set(waits)) == 6
    for failures, wait in enumerate(waits):
        assert -1 < wait <= 30 * 2**failures


RIGHTS_REFUSED = {
    # lupo spec post_spec.rb:2001
    "errors": [
        {"source": "rights_list", "title": "Rights should not have a length of more"}
    ]
}


def test_a_record_that_datacite_refuses_fails_with_its_complaints(
    repository, sandbox, record_data, monkeypatch
):
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=RIGHTS_REFUSED)
    record = repository.publish(record_data)
    assert repository.deliver() == {"rejected": 2}
    sandbox.server.clear_faults()
    row = repository.registration(doi_of(record))
    assert row.status is Status.FAILED
    assert row.due_at is None
    assert row.error["code"] == "datacite.refused"
    (complaint,) = row.error["complaints"]
    assert complaint["source"] == "rights_list"
    assert complaint["field"] == "metadata.rights"
    assert repository.pid_status(doi_of(record)) == "K"


def test_an_edit_heals_a_failed_record(repository, sandbox, record_data):
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=RIGHTS_REFUSED)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    repository.edit(record, copyright="Mine.")
    assert repository.deliver() == {"done": 2}
    row = repository.registration(doi_of(record))
    assert (row.status, row.error) == (Status.FINDABLE, None)


# Revisions


def test_a_delivery_does_not_confirm_an_edit_that_came_later(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record, title="Sixth")
    claims = queue.claim(10, 60, ("10.1234",))
    repository.edit(record, title="Seventh")

    for claim in claims:
        settle_all([Settlement(claim, NOTHING, Status.FINDABLE)])

    row = repository.registration(doi_of(record))
    assert (row.confirmed_revision, row.revision) == (2, 3)
    assert row.status is Status.PENDING
    assert row.due_at is not None
    repository.deliver()
    assert sandbox.doi(doi_of(record))["titles"] == [{"title": "Seventh"}]
    assert repository.registration(doi_of(record)).confirmed_revision == 3


def test_a_failure_does_not_delay_an_edit_that_came_later(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    claims = queue.claim(10, 60, ("10.1234",))
    repository.edit(record, title="Later")
    error = {"code": "x", "message": "", "complaints": []}
    for claim in claims:
        results.settle_trouble(claim, Outcome.RETRY, error, delay_seconds=3600)
    assert repository.deliver() == {"done": 2}
    assert sandbox.doi(doi_of(record))["titles"] == [{"title": "Later"}]


def test_a_delivery_does_not_write_the_record(repository, sandbox, record_data):
    record = repository.publish(record_data)
    with counted_statements() as statements:
        repository.deliver()
    writes = re.compile(r"(?:UPDATE|INSERT INTO|DELETE FROM) (?!SKIP|OF )(\w+)")
    assert set(writes.findall("\n".join(statements))) == {
        "rdm_doi_registration",
        "rdm_doi_attempt",
        "rdm_doi_tally",
        "pidstore_pid",
    }
    assert sandbox.state(doi_of(record)) == "findable"


@contextmanager
def counted_statements():
    """Collect the SQL statements that are executed during the block."""
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(db.engine, "before_cursor_execute", note)


def test_what_was_overtaken_before_it_was_sent_is_built_again(
    repository, sandbox, record_data
):
    """The record may have been restricted since its target was built."""
    record = repository.publish(record_data)
    claims = queue.claim(10, 60, ("10.1234",))
    repository.change_access(record, record="restricted", files="restricted")
    assert queue.begin(claims, 60) == set()
    assert queue.give_back(claims) == []
    assert sandbox.log() == []
    assert repository.deliver() == {"unchanged": 2}
    assert sandbox.log() == []
    assert repository.registration(doi_of(record)).status is Status.WITHHELD


def test_a_row_that_a_request_holds_is_not_waited_for(
    repository, sandbox, record_data, running_app
):
    """An uncommitted publish and a batch must not wait for each other."""
    record = repository.publish(record_data)
    claims = queue.claim(10, 60, ("10.1234",))
    assert len(claims) == 2
    request = db.engine.connect()
    request.execute(
        sa.update(Registration.__table__)
        .where(Registration.doi == doi_of(record))
        .values(revision=Registration.revision + 1)
    )
    held = queue.begin(claims, 60)
    assert {claim.doi for claim in claims if claim.id in held} == {
        concept_doi_of(record)
    }
    overtaken = [claim for claim in claims if claim.id not in held]
    assert queue.give_back(overtaken) == overtaken
    request.commit()
    request.close()
    assert queue.give_back(overtaken) == []
    assert repository.registration(doi_of(record)).lease_token is None


# Claims


def test_a_claimed_registration_is_claimed_by_nobody_else(repository, record_data):
    repository.publish(record_data)
    assert len(queue.claim(10, 60, ("10.1234",))) == 2
    assert queue.claim(10, 60, ("10.1234",)) == []


def test_a_claim_ends_by_itself(repository, record_data):
    repository.publish(record_data)
    assert len(queue.claim(10, 0, ("10.1234",))) == 2
    assert len(queue.claim(10, 60, ("10.1234",))) == 2


def test_who_lost_the_claim_settles_nothing_and_sends_nothing(repository, record_data):
    record = repository.publish(record_data)
    lost = {claim.doi: claim for claim in queue.claim(10, 0, ("10.1234",))}[
        doi_of(record)
    ]
    queue.claim(10, 60, ("10.1234",))
    assert queue.begin([lost], 60) == set()
    assert not settle_all([Settlement(lost, Target("findable"), Status.FINDABLE)])
    row = repository.registration(doi_of(record))
    assert (row.status, row.confirmed_revision) == (Status.PENDING, 0)
    assert not row.in_doubt


def test_claims_are_limited_and_the_longest_due_comes_first(repository, record_data):
    first = repository.publish(record_data)
    repository.publish(record_data)
    claims = queue.claim(2, 60, ("10.1234",))
    assert {claim.doi for claim in claims} == {doi_of(first), concept_doi_of(first)}


def test_nothing_is_claimed_before_it_is_due(repository, sandbox, record_data):
    repository.publish(record_data)
    sandbox.stop()
    repository.deliver()
    db.session.execute(
        sa.update(Registration).values(
            due_at=sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 1)
        )
    )
    db.session.commit()
    sandbox.start()
    assert repository.deliver() == {}


def test_workers_that_claim_at_the_same_time_get_different_rows(
    repository, record_data, running_app
):
    for _ in range(5):
        repository.publish(record_data)
    barrier = threading.Barrier(4)
    claimed = []

    def work():
        with running_app.app_context():
            barrier.wait()
            while claims := queue.claim(1, 60, ("10.1234",)):
                claimed.extend(claim.doi for claim in claims)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(claimed) == 10
    assert len(set(claimed)) == 10


# Doubt


def test_after_an_answer_was_lost_the_old_digest_is_not_trusted(
    repository, sandbox, record_data
):
    """Edit, send, no answer, edit back: DataCite may have the edited version."""
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record, title="In between")
    sandbox.server.fault(kind="no_answer", match=WRITES)
    repository.deliver()
    sandbox.server.clear_faults()
    repository.edit(record, title=record_data["metadata"]["title"])
    before = len(sandbox.writes(doi_of(record)))
    assert repository.deliver() == {"done": 2}
    assert len(sandbox.writes(doi_of(record))) == before + 1


def test_a_worker_that_died_after_claiming_loses_nothing(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    claims = queue.claim(10, 60, ("10.1234",))
    assert queue.begin(claims, 0) == {claim.id for claim in claims}
    assert repository.registration(doi_of(record)).in_doubt
    assert repository.deliver() == {"done": 2}
    assert sandbox.state(doi_of(record)) == "findable"


# States


def test_a_doi_that_datacite_lost_is_made_again(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.clear()
    repository.edit(record, title="Made again")
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"
    (put,) = sandbox.writes(doi_of(record))
    assert put["status"] == 201


def test_a_doi_that_somebody_hid_is_hidden_again_on_delete(
    repository, sandbox, record_data
):
    """The last confirmed state is not the state at DataCite."""
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.clear()
    repository.delete(record)
    repository.deliver()
    # "hide" has no effect on a DOI that does not exist, so "register" is sent next.
    assert sandbox.state(doi_of(record)) == "registered"
    events = [
        p["body"]["data"]["attributes"]["event"] for p in sandbox.writes(doi_of(record))
    ]
    assert events == ["hide", "register"]


def test_a_doi_whose_prefix_is_not_configured_any_more_is_never_written(
    repository, sandbox, record_data, monkeypatch
):
    record = repository.publish(record_data)
    account = replace(current_doi.settings.account, prefixes=("10.5678",))
    settings = replace(current_doi.settings, account=account)
    Run([Delivery(settings, DataCiteClient(account), Breaker(account))]).run()

    assert sandbox.log() == []
    error = repository.registration(doi_of(record)).error
    assert error["code"] == "doi.prefix_unknown"
    assert "RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES" in error["advice"]


def test_an_error_of_one_record_does_not_stop_the_others(
    repository, sandbox, record_data, monkeypatch
):
    bad = repository.publish(record_data)
    good = repository.publish(record_data)
    describe = subject.describe_record

    def broken(source):
        if source.record["id"] == bad.id:
            raise RuntimeError("a defect")
        return describe(source)

    monkeypatch.setattr(subject, "describe_record", broken)
    counts = repository.deliver()
    assert counts["retry"] == 1
    assert sandbox.state(doi_of(good)) == "findable"
    row = repository.registration(doi_of(bad))
    assert row.error["code"] == "delivery.error"
    assert "RuntimeError: a defect" in row.error["message"]

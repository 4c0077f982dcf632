# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Batches of DOIs: problems of one DOI do not affect the others."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa
from invenio_db import db

from benchmarks.harness import counted_statements
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.batch import Batch
from invenio_rdm_doi.registration import queue
from invenio_rdm_doi.registration.models import Priority, Registration, Status
from invenio_rdm_doi.registration.settlements import (
    Exchange,
    Settlement,
    settle_all,
)
from invenio_rdm_doi.registration.target import Target
from tests.support.repository import concept_doi_of, doi_of

URL = "https://example.org/"

HOLD = "SELECT 1 FROM rdm_doi_registration WHERE id = :id FOR UPDATE"


def settlement(claim, state="findable"):
    exchange = Exchange(datetime.now(UTC), 5, "digest", 200, "findable")
    target = Target(state, {"url": URL})
    return Settlement(claim, target, Status.FINDABLE, "account", exchange)


@contextmanager
def held(statement, **values):
    """Let another session hold rows during the block."""
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.execute(sa.text(statement), values)
        yield connection
        connection.rollback()


def test_statements_do_not_grow_with_the_dois_of_a_batch(
    repository, sandbox, record_data
):
    def statements_of_an_unchanged_sync():
        db.session.execute(
            sa.update(Registration).values(
                revision=Registration.revision + 1,
                due_at=sa.func.now(),
                priority=int(Priority.BULK),
            )
        )
        db.session.commit()
        with counted_statements() as statements:
            counts = repository.deliver()
        return counts["unchanged"], len(statements)

    repository.publish(record_data)
    repository.deliver()
    few = statements_of_an_unchanged_sync()
    for _ in range(7):
        repository.publish(record_data)
    repository.deliver()
    many = statements_of_an_unchanged_sync()
    assert (few[0], many[0]) == (2, 16)
    assert many[1] <= few[1] + 2


def test_a_batch_reads_what_the_single_reader_reads(repository, sandbox, record_data):
    records = [repository.publish(record_data) for _ in range(2)]
    records.append(repository.new_version(records[0]))
    ids = [record._record.id for record in records]
    parents = {record._record.parent.id for record in records}
    together = Batch()
    together.load(ids, parents)
    for id_ in ids:
        alone = Batch()
        one, other = together.record(id_), alone.record(id_)
        assert dict(one) == dict(other)
        assert one.parent.id == other.parent.id
        assert together.around(one) == alone.around(other)
        assert together.addresses(one.parent.id) == alone.addresses(one.parent.id)
        assert together.versions(one.parent.id) == alone.versions(one.parent.id)


def test_a_row_that_a_request_holds_does_not_hold_up_the_others(
    app, repository, record_data
):
    for _ in range(2):
        repository.publish(record_data)
    claims = queue.claim(16, 60, ("10.1234",))
    first, *others = claims
    settled = []

    def settle():
        with app.app_context():
            settled.append(settle_all([settlement(claim) for claim in claims]))

    thread = threading.Thread(target=settle)
    with held(HOLD, id=first.id):
        thread.start()
        thread.join(2)
        assert thread.is_alive(), "it waits for the one that is held"
        for claim in others:
            assert repository.registration(claim.doi).status is Status.FINDABLE
            assert repository.pid_status(claim.doi) == "R"
        assert repository.registration(first.doi).status is Status.PENDING
        db.session.rollback()
    thread.join(10)
    assert settled == [{claim.id for claim in claims}]
    assert repository.registration(first.doi).status is Status.FINDABLE
    assert repository.pid_status(first.doi) == "R"
    assert all(len(repository.attempts(claim.doi)) == 1 for claim in claims)


def test_a_pid_that_a_request_holds_is_waited_for_alone(app, repository, record_data):
    for _ in range(2):
        repository.publish(record_data)
    claims = queue.claim(16, 60, ("10.1234",))
    *others, last = claims
    settled = []

    def settle():
        with app.app_context():
            settled.append(settle_all([settlement(claim) for claim in claims]))

    thread = threading.Thread(target=settle)
    with held(
        "SELECT 1 FROM pidstore_pid WHERE pid_type = 'doi' AND pid_value = :doi "
        "FOR UPDATE",
        doi=last.doi,
    ):
        thread.start()
        thread.join(2)
        assert thread.is_alive(), "it waits for the one that is held"
        for claim in others:
            assert repository.registration(claim.doi).status is Status.FINDABLE
            assert repository.pid_status(claim.doi) == "R"
        assert repository.registration(last.doi).status is Status.PENDING
        db.session.rollback()
    thread.join(10)
    assert settled == [{claim.id for claim in claims}]
    assert repository.pid_status(last.doi) == "R"
    assert all(len(repository.attempts(claim.doi)) == 1 for claim in claims)


def test_one_that_the_database_refuses_does_not_undo_the_others(
    repository, record_data
):
    for _ in range(2):
        repository.publish(record_data)
    bad, *others = queue.claim(16, 60, ("10.1234",))
    settler = current_doi.delivery().deliveries[0].settler
    too_long = settlement(bad, state="x" * 100)
    ended = dict(settler.finish([too_long, *map(settlement, others)]))
    assert ended[bad] == "retry"
    assert [ended[claim] for claim in others] == ["done"] * 3
    for claim in others:
        row = repository.registration(claim.doi)
        assert (row.status, row.in_doubt) == (Status.FINDABLE, False)
        assert row.confirmed_digest is not None
        assert len(repository.attempts(claim.doi)) == 1
    row = repository.registration(bad.doi)
    assert (row.status, row.lease_token) == (Status.PENDING, bad.token)


def test_a_lost_claim_in_a_batch_stays_lost(repository, record_data):
    record = repository.publish(record_data)
    lost = {claim.doi: claim for claim in queue.claim(16, 0, ("10.1234",))}
    mine = {claim.doi: claim for claim in queue.claim(16, 60, ("10.1234",))}
    doi, concept = doi_of(record), concept_doi_of(record)
    settled = settle_all([settlement(lost[doi]), settlement(mine[concept])])
    assert settled == {mine[concept].id}
    assert repository.registration(doi).status is Status.PENDING
    assert repository.registration(concept).status is Status.FINDABLE


def test_a_newer_revision_in_a_batch_stays_due(repository, record_data):
    record = repository.publish(record_data)
    claims = queue.claim(16, 60, ("10.1234",))
    repository.edit(record, title="Later")
    settle_all([settlement(claim) for claim in claims])
    row = repository.registration(doi_of(record))
    assert (row.status, row.confirmed_revision, row.revision) == (Status.PENDING, 1, 2)
    assert row.due_at is not None


def test_a_record_that_cannot_be_read_costs_only_itself(
    repository, sandbox, record_data
):
    good, bad = (repository.publish(record_data) for _ in range(2))
    db.session.execute(
        sa.text(
            "UPDATE rdm_records_metadata SET json = '[]' WHERE json ->> 'id' = :id"
        ),
        {"id": bad.id},
    )
    db.session.commit()
    repository.deliver()
    assert sandbox.state(doi_of(good)) == "findable"
    assert sandbox.state(concept_doi_of(good)) == "findable"
    row = repository.registration(doi_of(bad))
    assert (row.status, row.error["code"]) == (Status.RETRYING, "delivery.error")


def test_what_is_refused_alone_does_not_cast_doubt_on_what_was_settled(
    app, repository, record_data
):
    """A request holds one row; the others are settled, and then that one is refused."""
    for _ in range(2):
        repository.publish(record_data)
    bad, *others = queue.claim(16, 60, ("10.1234",))
    settlements = [settlement(bad, state="x" * 100), *map(settlement, others)]
    ended = {}

    def finish():
        with app.app_context():
            settler = current_doi.delivery().deliveries[0].settler
            ended.update(settler.finish(settlements))

    thread = threading.Thread(target=finish)
    with held(HOLD, id=bad.id):
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "what is refused is refused before it waits"
    assert ended == {bad: "retry", **dict.fromkeys(others, "done")}
    for claim in others:
        row = repository.registration(claim.doi)
        assert (row.in_doubt, row.due_at) == (False, None)
        assert len(repository.attempts(claim.doi)) == 1

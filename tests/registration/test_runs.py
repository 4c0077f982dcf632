# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The number of concurrent runs, and the mark that a publish leaves for them."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi import tasks
from invenio_rdm_doi.datacite.budget import Budget
from invenio_rdm_doi.registration import intake, queue, runners
from invenio_rdm_doi.registration.models import Priority, Registration, Runner
from tests.support.repository import concept_doi_of, doi_of


@pytest.fixture()
def sent(monkeypatch):
    """Collect the messages to the workers instead of sending them."""
    messages = []
    monkeypatch.setattr(tasks, "_is_eager", lambda: False)
    monkeypatch.setattr(tasks, "_send", lambda: messages.append("deliver"))
    return messages


def rows():
    db.session.rollback()
    return Runner.query.order_by(Runner.slot).all()


# Places


def test_one_run_at_a_time(repository):
    first = runners.take(1)
    assert first is not None and runners.take(1) is None
    # The second run left a mark.
    assert not first.leave()
    assert first.leave()
    assert runners.take(1) is not None


def test_as_many_runs_as_the_setting_says(repository):
    assert [runners.take(3) is not None for _ in range(4)] == [True] * 3 + [False]


def test_workers_that_come_at_the_same_time_get_one_place(repository, running_app):
    taken = []

    def work():
        with running_app.app_context():
            taken.append(runners.take(1))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(place is not None for place in taken) == 1


def test_the_place_of_a_worker_that_died_is_free_after_a_while(repository, clock):
    lost = runners.take(1)
    clock.forward(runners.LEASE_SECONDS - 1)
    assert runners.take(1) is None
    clock.forward(2)
    other = runners.take(1)
    assert other is not None
    # If the first run comes back, it ends, because another run has its place.
    lost.renewed -= runners.RENEW_SECONDS
    assert not lost.keep()
    lost.abandon()
    assert rows()[0].token == other.token


def test_a_run_that_goes_on_keeps_its_place(repository, clock):
    place = runners.take(1)
    for _ in range(3):
        clock.forward(runners.LEASE_SECONDS - 10)
        place.renewed -= runners.RENEW_SECONDS
        assert place.keep()
        assert runners.take(1) is None


# Calls


def test_a_publish_while_a_run_goes_on_sends_no_message(repository, sent, record_data):
    place = runners.take(1)
    for _ in range(3):
        repository.publish(record_data)
    assert sent == []
    assert not place.leave()


def test_many_publishes_send_one_message(
    repository, sent, record_data, clock, monkeypatch
):
    # Longer than five publishes take on a slow machine.
    monkeypatch.setattr(runners, "QUIET_SECONDS", 600)
    for _ in range(5):
        repository.publish(record_data)
    assert sent == ["deliver"]
    # The message does not arrive; after a while, another one is sent.
    clock.forward(runners.QUIET_SECONDS + 1)
    repository.publish(record_data)
    assert sent == ["deliver"] * 2


def test_after_a_message_has_arrived_the_next_publish_sends_one(
    repository, sandbox, sent, record_data
):
    repository.publish(record_data)
    tasks.deliver()
    fresh = repository.publish(record_data)
    assert sent == ["deliver"] * 2
    tasks.deliver()
    assert sandbox.state(doi_of(fresh)) == "findable"


def test_a_message_that_could_not_be_sent_is_no_message(
    repository, monkeypatch, record_data
):
    def fail():
        raise OSError("no broker")

    monkeypatch.setattr(tasks, "_is_eager", lambda: False)
    monkeypatch.setattr(tasks, "_send", fail)
    assert not tasks.nudge()
    messages = []
    monkeypatch.setattr(tasks, "_send", lambda: messages.append("deliver"))
    assert tasks.nudge() and messages == ["deliver"]


def test_a_mark_that_comes_when_the_run_ends_is_no_mark(repository, monkeypatch):
    """The run ends between the look and the mark, so no run would read the mark."""
    place = runners.take(1)
    # The rows have been read; now the run ends.
    monkeypatch.setattr(runners, "_alive", lambda: place.abandon() or _never())
    assert runners.call(1) is False


def _never():
    return sa.false()


# The task


def test_what_becomes_due_during_a_run_is_delivered_by_it(
    repository, sandbox, sent, record_data, monkeypatch
):
    first = repository.publish(record_data)
    fresh = []
    begin = queue.begin

    def publishing(*args):
        if not fresh:
            fresh.append(repository.publish(record_data))
        return begin(*args)

    monkeypatch.setattr(queue, "begin", publishing)
    tasks.deliver()
    assert sent == ["deliver"]
    for record in (first, *fresh):
        assert sandbox.state(doi_of(record)) == "findable"
    assert rows()[0].token is None


def test_a_run_whose_time_is_over_calls_the_next_one(
    repository, sandbox, sent, record_data, monkeypatch
):
    repository.publish(record_data)
    sent.clear()
    db.session.execute(sa.update(Runner).values(called_at=None))
    db.session.commit()
    monkeypatch.setattr(tasks, "run_seconds", lambda: 0.0)
    tasks.deliver()
    assert sandbox.writes() == []
    assert sent == ["deliver"] and rows()[0].token is None


def test_a_run_that_would_wait_for_long_ends(
    repository, sandbox, sent, record_data, monkeypatch
):
    """Its worker is needed for other tasks; the schedule starts another run."""
    record = repository.publish(record_data)
    spent = Budget(1, 300, "memory://", "spent")
    assert spent.take(0)
    run = tasks.current_doi.delivery()
    for delivery in run.deliveries:
        monkeypatch.setattr(delivery.client, "budget", spent)
    begin = time.monotonic()
    assert run.run(seconds=60) == {}
    assert time.monotonic() - begin < 30
    row = repository.registration(doi_of(record))
    assert row.lease_token is None and row.due_at is not None


def test_a_run_that_fails_leaves_its_place(repository, sent, record_data, monkeypatch):
    repository.publish(record_data)

    def fail(*args, **kwargs):
        raise RuntimeError("a defect")

    monkeypatch.setattr("invenio_rdm_doi.registration.run.Run.run", fail)
    with pytest.raises(RuntimeError):
        tasks.deliver()
    assert rows()[0].token is None


# Fairness


def priorities(repository, *records):
    dois = [f(record) for record in records for f in (doi_of, concept_doi_of)]
    return [repository.registration(doi).priority for doi in dois]


def test_who_has_much_due_waits_behind_the_others(
    repository, sandbox, sent, record_data, make_user
):
    for _ in range(12):
        last = repository.publish(record_data)
    assert priorities(repository, last) == [Priority.BACKLOG, Priority.BACKLOG]
    from tests.support.repository import Repository

    other = Repository(make_user("somebody-else").identity).publish(record_data)
    assert priorities(repository, other) == [Priority.URGENT, Priority.URGENT]
    # The script's first eleven records, and the other user's record.
    first = {claim.doi for claim in queue.claim(24, 0, ("10.1234",))}
    assert {doi_of(other), concept_doi_of(other)} < first
    assert not {doi_of(last), concept_doi_of(last)} & first
    repository.deliver()
    # When few records are due again, new ones are urgent again.
    assert priorities(repository, repository.publish(record_data)) == [0, 0]


def test_what_has_to_be_hidden_goes_before_everything_else_also_of_a_script(
    repository, sandbox, sent, record_data
):
    public = repository.publish(record_data)
    repository.deliver()
    for _ in range(12):
        repository.publish(record_data)
    repository.change_access(public, record="restricted")
    assert priorities(repository, public)[0] == Priority.HIDE
    claims = queue.claim(1, 0, ("10.1234",))
    assert claims[0].doi in (doi_of(public), concept_doi_of(public))


def test_a_request_that_is_made_again_goes_no_further_back(
    repository, sent, record_data
):
    first = repository.publish(record_data)
    for _ in range(12):
        repository.publish(record_data)
    repository.edit(first, title="Corrected")
    assert priorities(repository, first) == [Priority.URGENT, Priority.URGENT]


def test_counting_what_somebody_has_due_uses_an_index(repository):
    db.session.execute(
        sa.text(
            "INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id,"
            " status, revision, due_at, priority, confirmed_revision, failures,"
            " in_doubt, requested_by)"
            " SELECT gen_random_uuid(), d, d, 'record', gen_random_uuid(), 'pending',"
            " 1, CASE WHEN n % 10 = 0 THEN now() END, 0, 0, 0, false,"
            " CASE WHEN n % 1000 = 0 THEN '7' ELSE '8' END"
            " FROM (SELECT n, '10.1234/q' || n AS d FROM generate_series(1, 50000) n) r"
        )
    )
    db.session.commit()
    db.session.execute(sa.text("ANALYZE rdm_doi_registration"))
    asked = (sa.literal(int(Priority.URGENT)), sa.literal("7"))
    statement = sa.select(intake._priority(*asked))
    text = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = "\n".join(r[0] for r in db.session.execute(sa.text(f"EXPLAIN {text}")))
    db.session.rollback()
    assert "ix_rdm_doi_registration_requester" in plan, plan
    assert "Seq Scan" not in plan


# Free space in the table


def updates():
    """Return the numbers of updated rows, and of those updated in place."""
    db.session.execute(sa.text("SELECT pg_stat_force_next_flush()"))
    db.session.commit()
    row = db.session.execute(
        sa.text(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
            " WHERE relname = 'rdm_doi_registration'"
        )
    ).one()
    db.session.rollback()
    return row


def test_a_claim_and_a_begin_write_no_index_entries(repository, sandbox, record_data):
    for _ in range(10):
        repository.publish(record_data)
    before = updates()
    claims = queue.claim(20, 60, ("10.1234",))
    assert len(claims) == 20
    assert len(queue.begin(claims, 60)) == 20
    after = updates()
    assert after.n_tup_upd - before.n_tup_upd == 40
    assert after.n_tup_hot_upd - before.n_tup_hot_upd == 40
    assert Registration.query.count() == 20


def test_no_row_is_too_long_for_that(repository, sandbox, record_data):
    """Confirmed rows are longer, and a claim makes them longer still."""
    repository.publish(record_data)
    repository.deliver()
    names = [
        column.name
        for column in Registration.__table__.columns
        if column.name not in ("id", "doi", "doi_key", "due_at", "prefix")
    ]
    columns = ", ".join(names)
    db.session.execute(
        sa.text(
            f"INSERT INTO rdm_doi_registration (id, doi, doi_key, due_at, {columns})"
            " SELECT gen_random_uuid(), doi || n, doi_key || n, now(), "
            f"{columns} FROM rdm_doi_registration, generate_series(1, 300) n"
        )
    )
    db.session.commit()
    before = updates()
    claims = queue.claim(600, 60, ("10.1234",))
    assert len(queue.begin(claims, 60)) == 600
    after = updates()
    assert after.n_tup_upd - before.n_tup_upd == 1200
    assert after.n_tup_hot_upd - before.n_tup_hot_upd == 1200

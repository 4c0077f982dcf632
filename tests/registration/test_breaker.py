# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The breaker: an outage stops the deliveries, and its end starts them."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.breaker import FAILURES_TO_SUSPEND, Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.registration.run import Run
from invenio_rdm_doi.settings.secret import Secret
from tests.support.repository import concept_doi_of, doi_of, forget_records
from tests.support.sandbox_client import WRITES

REASON = {"code": "datacite.unavailable", "message": "Down.", "complaints": []}


@pytest.fixture()
def breaker(repository):
    return Breaker(current_doi.settings.account)


def fail(breaker, times=FAILURES_TO_SUSPEND):
    for _ in range(times):
        breaker.failed(REASON)


def test_it_opens_after_failures_in_a_row(breaker):
    fail(breaker, FAILURES_TO_SUSPEND - 1)
    assert breaker.admit(8) == 8
    fail(breaker, 1)
    assert breaker.admit(8) == 0
    assert breaker.report()["state"] == "suspended"
    assert breaker.report()["reason"]["message"] == "Down."


def test_a_success_in_between_starts_the_count_again(breaker):
    fail(breaker, FAILURES_TO_SUSPEND - 1)
    assert breaker.admit(8) == 8
    breaker.succeeded()
    fail(breaker, FAILURES_TO_SUSPEND - 1)
    assert breaker.admit(8) == 8


def test_all_workers_share_it(breaker):
    fail(breaker)
    assert Breaker(current_doi.settings.account).admit(8) == 0


def test_one_worker_probes_with_one_delivery(breaker, clock):
    fail(breaker)
    clock.forward(31)
    others = [Breaker(current_doi.settings.account) for _ in range(4)]
    assert sorted(other.admit(8) for other in others) == [0, 0, 0, 1]


def test_a_probe_that_succeeds_closes_it(breaker, clock):
    fail(breaker)
    clock.forward(31)
    assert breaker.admit(8) == 1
    breaker.succeeded()
    assert breaker.admit(8) == 8
    assert breaker.report()["state"] == "running"


def test_a_probe_that_fails_keeps_it_open_for_at_most_half_a_minute(breaker, clock):
    fail(breaker)
    for _ in range(10):
        clock.forward(31)
        assert breaker.admit(8) == 1
        fail(breaker, 1)
        assert breaker.admit(8) == 0


def test_a_probe_whose_worker_died_is_taken_by_another(breaker, clock):
    fail(breaker)
    clock.forward(31)
    assert breaker.admit(8) == 1
    assert breaker.admit(8) == 0
    clock.forward(121)
    assert breaker.admit(8) == 1


def test_check_and_status_say_until_when_deliveries_are_suspended(breaker, run):
    fail(breaker)
    end = breaker.report()["retry_at"]
    words = f"suspended until {end[:10]} {end[11:16]} UTC"
    status, output = run("check")
    assert status == 1
    assert f"Deliveries are {words}: " in output
    assert f"deliveries are {words}." in run("status")[1]


def test_a_pause_lasts_until_somebody_resumes(breaker, clock):
    breaker.pause(REASON)
    clock.forward(1_000_000)
    assert breaker.admit(8) == 0
    assert breaker.report()["state"] == "paused"
    assert breaker.resume()
    assert breaker.admit(8) == 8
    assert not breaker.resume()


def test_a_pause_ends_when_the_setting_changes(breaker):
    breaker.pause(REASON)
    repaired = Breaker(
        replace(current_doi.settings.account, password=Secret("repaired"))
    )
    assert repaired.admit(8) == 1
    repaired.succeeded()
    assert repaired.admit(8) == 8


def test_a_pause_is_not_ended_by_an_answer_that_was_on_its_way(breaker):
    breaker.pause(REASON)
    breaker.succeeded()
    assert breaker.admit(8) == 0


def test_what_datacite_asks_to_wait_is_waited(breaker, clock):
    breaker.throttle(90, REASON)
    assert breaker.report()["state"] == "throttled"
    breaker.succeeded()
    clock.forward(89)
    assert breaker.admit(8) == 0
    clock.forward(2)
    assert breaker.admit(8) == 8


def test_workers_that_fail_at_the_same_time_are_all_counted(breaker, running_app):
    def work():
        with running_app.app_context():
            Breaker(current_doi.settings.account).failed(REASON)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert breaker.conditions()[1].failures == 8


def test_the_password_is_not_in_the_table(breaker):
    breaker.pause(REASON)
    row = db.session.execute(sa.text("SELECT * FROM rdm_doi_breaker")).one()
    assert "sandbox-password" not in str(row)


# Deliveries


def test_while_it_is_open_nothing_is_claimed_and_no_attempt_is_counted(
    repository, sandbox, breaker, record_data
):
    record = repository.publish(record_data)
    fail(breaker)
    assert repository.deliver() == {}
    row = repository.registration(doi_of(record))
    assert (row.status, row.failures, row.lease_token) == (Status.PENDING, 0, None)
    assert repository.attempts(doi_of(record)) == []
    assert sandbox.log() == []


def test_an_outage_longer_than_ten_waits_with_sixty_publishes(
    repository, sandbox, record_data, clock
):
    """Afterwards all DOIs are findable automatically, and none has ever been failed."""
    sandbox.stop()
    dois, seen = [], set()
    for _minute in range(20):
        for _ in range(3):
            record = repository.publish(record_data)
            dois.append((doi_of(record), concept_doi_of(record)))
        forget_records()
        repository.deliver()  # the schedule
        seen |= {row.status for row in repository.registrations()}
        clock.forward(60)
    assert current_doi.breaker().report()["state"] == "suspended"
    assert seen <= {Status.PENDING, Status.RETRYING}
    # Some probes and the requests in progress; no attempt for each record and minute.
    attempts = db.session.scalar(sa.select(sa.func.count(Attempt.id)))
    assert attempts < 60

    sandbox.start()
    clock.forward(60)
    counts = repository.deliver()  # the first schedule after the return
    assert counts["done"] == 120
    rows = repository.registrations()
    assert {row.status for row in rows} == {Status.FINDABLE}
    assert max(row.failures for row in rows) == 0
    for doi in (*dois[0], *dois[-1]):
        assert sandbox.state(doi) == "findable"


def test_a_record_that_makes_datacite_stumble_does_not_stop_the_others(
    repository, sandbox, record_data, clock
):
    """One DOI causes 500 again and again; the others are registered nevertheless."""
    poison = repository.publish(record_data)
    for doi in (doi_of(poison), concept_doi_of(poison)):
        sandbox.server.fault(kind="status", status=500, match=WRITES | {"doi": doi})
    for _ in range(8):
        repository.deliver()
        clock.forward(700)
    assert current_doi.breaker().report()["state"] == "suspended"
    fresh = repository.publish(record_data)
    for _ in range(2):
        clock.forward(60)
        repository.deliver()
    assert sandbox.state(doi_of(fresh)) == "findable"
    assert repository.registration(doi_of(poison)).status is Status.RETRYING
    sandbox.server.clear_faults()


def test_probes_that_need_not_send_anything_do_not_hold_up_the_others(
    repository, sandbox, breaker, record_data, clock
):
    old = repository.publish(record_data)
    repository.deliver()
    fail(breaker)
    repository.edit(old)  # an edit without changes
    fresh = repository.publish(record_data)
    clock.forward(31)
    assert repository.deliver() == {"unchanged": 2, "done": 2}
    assert sandbox.state(doi_of(fresh)) == "findable"


def test_a_changed_password_starts_the_deliveries_again(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    wrong = replace(current_doi.settings.account, password=Secret("wrong"))
    settings = replace(current_doi.settings, account=wrong)
    Run([Delivery(settings, DataCiteClient(wrong), Breaker(wrong))]).run()
    assert Breaker(wrong).report()["state"] == "paused"

    assert repository.deliver() == {"done": 2}
    assert sandbox.state(doi_of(record)) == "findable"
    assert current_doi.breaker().report()["state"] == "running"


# Commands


def test_status_and_check_show_the_pause_and_its_reason(breaker, run):
    breaker.pause(REASON | {"advice": "Correct the password."})
    _code, status = run("status")
    assert "deliveries are paused" in status and "Down." in status
    assert "What to do: Correct the password." in status
    code, check = run("check")
    assert code == 1
    reason = "DataCite is not available. Down."
    assert f"deliveries: Deliveries are paused: {reason}\n" in check


def test_resume(breaker, run):
    assert "Nothing to resume" in run("resume")[1]
    breaker.pause(REASON)
    assert "Resumed" in run("resume")[1]
    assert breaker.admit(8) == 8


def test_deliver_says_why_nothing_is_sent(repository, breaker, run, record_data):
    repository.publish(record_data)
    breaker.pause(REASON)
    assert "deliveries are paused" in run("deliver")[1]
    assert db.session.scalar(sa.select(sa.func.count(Registration.id))) == 2


def test_sync_asks_for_all(repository, sandbox, run, record_data):
    repository.publish(record_data)
    repository.deliver()
    assert "All DOIs will be compared" in run("sync")[1]
    assert repository.deliver() == {"unchanged": 2}

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""No late requests: they are not sent, and earlier ones are overwritten at once."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.datacite.budget import Budget
from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import delivery as delivery_module
from invenio_rdm_doi.registration.breaker import Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.registration.run import Run
from invenio_rdm_doi.registration.settlements import CHECK_DELAYS
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES

SECRET = "Nobody may know this title"
SUPPRESSED = [{"title": "(:unal)"}]


def delivery(budget=None):
    account = current_doi.settings.account
    client = DataCiteClient(account, budget)
    return Delivery(current_doi.settings, client, Breaker(account))


def leaked(sandbox):
    return [entry for entry in sandbox.writes() if SECRET in str(entry["body"])]


@pytest.fixture()
def secret(repository, sandbox, record_data):
    """Return a registered public record with a new title that will become secret."""
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record, title=SECRET)
    sandbox.forget("log")
    return record


def test_the_budget_is_taken_before_the_check(repository, sandbox, secret, running_app):
    """The restriction is committed while the delivery waits for its budget."""
    budget = Budget(1, 4, "memory://", uuid.uuid4().hex)
    assert budget.take(0)
    # The claim assumes a budget, which is spent before the DOI's turn.
    budget.remaining = lambda: 16
    work = delivery(budget)

    def run():
        with running_app.app_context():
            Run([work]).run(seconds=30)
            db.session.remove()

    worker = threading.Thread(target=run)
    worker.start()
    deadline = time.monotonic() + 5
    while not leased() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert leased(), "it was claimed, and waits"
    repository.change_access(secret, record="restricted")
    worker.join()
    assert leaked(sandbox) == []
    assert sandbox.doi(doi_of(secret))["titles"] == SUPPRESSED


def leased():
    db.session.rollback()
    return db.session.scalar(
        sa.select(sa.func.count()).where(Registration.lease_token.is_not(None))
    )


def test_a_second_write_is_checked_again(repository, sandbox, secret, monkeypatch):
    """The state is repaired by a separate delivery, not by a second request."""
    doi = doi_of(secret)
    sandbox.server.fault(
        kind="wrong_state", state="registered", match=WRITES | {"doi": doi}, times=1
    )
    work = delivery()
    settle = work._settle
    restricted = []

    def settle_and_restrict(parcel, future):
        if parcel.claim.doi == doi and not restricted:
            restricted.append(True)
            repository.change_access(secret, record="restricted")
        return settle(parcel, future)

    monkeypatch.setattr(work, "_settle", settle_and_restrict)
    Run([work]).run()
    sandbox.server.clear_faults()
    # One request was in progress during the restriction; no other request followed.
    assert len([e for e in leaked(sandbox) if e["doi"] == doi.lower()]) == 1
    assert sandbox.doi(doi)["titles"] == SUPPRESSED
    assert sandbox.state(doi) == "registered"


def test_a_worker_that_was_frozen_sends_nothing(
    repository, sandbox, secret, monkeypatch
):
    """It was stopped between check and request, for longer than a request may wait."""
    work = delivery()
    send = work.sender.send
    monkeypatch.setattr(delivery_module, "START_SECONDS", 0.1)

    def frozen(parcel, start_by):
        time.sleep(0.3)
        return send(parcel, start_by)

    monkeypatch.setattr(work.sender, "send", frozen)
    counts = Run([work]).run(seconds=5)
    assert set(counts) == {"lost"}
    assert sandbox.writes() == []
    assert repository.deliver() == {"done": 2}


def test_what_a_frozen_worker_sends_after_its_lease_is_overwritten(
    repository, sandbox, secret, clock, running_app, monkeypatch
):
    """It was stopped with the request half sent; another worker hid the record."""
    doi = doi_of(secret)
    started, go_on = threading.Event(), threading.Event()
    work = delivery()
    send = work.sender.send

    def frozen(parcel, start_by):
        if parcel.claim.doi == doi:
            started.set()
            go_on.wait(20)
            # As if the request had already been on its way.
            start_by += 60
        return send(parcel, start_by)

    monkeypatch.setattr(work.sender, "send", frozen)

    def run():
        with running_app.app_context():
            Run([work]).run(seconds=1)
            db.session.remove()

    worker = threading.Thread(target=run)
    worker.start()
    assert started.wait(10)
    repository.change_access(secret, record="restricted")
    clock.forward(work.lease + 1)
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == SUPPRESSED
    go_on.set()
    worker.join()
    titles = [
        entry["body"]["data"]["attributes"]["titles"] == SUPPRESSED
        for entry in sandbox.writes(doi)
    ]
    assert titles[:2] == [True, False], "it arrived after the newer one"
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == SUPPRESSED
    assert sandbox.state(doi) == "registered"


@pytest.mark.parametrize("turn", ["edit", "restrict"])
def test_a_request_that_timed_out_and_is_processed_later_does_not_win(
    repository, sandbox, secret, clock, turn
):
    doi = doi_of(secret)
    sandbox.server.fault(kind="no_answer", match=WRITES | {"doi": doi}, times=1)
    repository.deliver()
    late = sandbox.writes(doi)[-1]
    if turn == "restrict":
        repository.change_access(secret, record="restricted")
    else:
        repository.edit(secret, title="The newer title")
    clock.forward(60)
    repository.deliver()
    right = sandbox.doi(doi)
    assert SECRET not in str(right)
    row = repository.registration(doi)
    expected = Status.WITHHELD if turn == "restrict" else Status.FINDABLE
    assert (row.status, row.in_doubt) == (expected, True)

    # DataCite processes the request that timed out after the newer one.
    late["body"]["data"]["attributes"]["event"] = "publish"
    sandbox.put(doi, **late["body"]["data"]["attributes"])
    assert SECRET in str(sandbox.doi(doi))

    clock.forward(CHECK_DELAYS[3] if turn == "restrict" else CHECK_DELAYS[1])
    clock.forward(2)
    repository.deliver()
    assert SECRET not in str(sandbox.doi(doi))
    assert sandbox.state(doi) == right["state"]
    # The DOI is checked until no request can arrive anymore.
    for _ in range(4):
        clock.forward(CHECK_DELAYS[1] + 1)
        repository.deliver()
    row = repository.registration(doi)
    assert (row.in_doubt, row.checks_left, row.due_at) == (False, 0, None)


def test_without_trouble_a_new_doi_costs_one_request(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        assert [entry["method"] for entry in sandbox.log(doi)] == ["POST"]
        row = repository.registration(doi)
        assert (row.in_doubt, row.checks_left, row.due_at) == (False, 0, None)


def test_what_has_to_be_hidden_goes_before_everything_else(
    repository, sandbox, record_data
):
    hidden = repository.publish(record_data)
    repository.deliver()
    others = [repository.publish(record_data) for _ in range(3)]
    repository.change_access(hidden, record="restricted")
    sandbox.forget("log")
    account = current_doi.settings.account
    client = DataCiteClient(account)
    Run([Delivery(current_doi.settings, client, Breaker(account), window=1)]).run()
    first = [entry["doi"] for entry in sandbox.writes()][:2]
    assert set(first) == {doi_of(hidden), concept_doi_of(hidden)}
    assert sandbox.state(doi_of(others[0])) == "findable"

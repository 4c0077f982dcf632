# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The rate budget, shared by all workers."""

from __future__ import annotations

import os
import threading
import uuid
from dataclasses import replace

import pytest

from invenio_rdm_doi.datacite.budget import Budget
from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.breaker import Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.run import Run
from tests.support.accounts import account

ACCOUNT = account(prefixes=("10.1234",), timeout=(1, 5))
SHARED = os.environ.get("CACHE_REDIS_URL", "redis://localhost:6379/0")


@pytest.fixture(params=["memory://", SHARED], ids=["alone", "shared"])
def make(request):
    """Return a function that creates budgets with a name unique to the test."""
    name = uuid.uuid4().hex

    def make(requests, seconds):
        return Budget(requests, seconds, request.param, name)

    return make


def test_no_more_than_the_budget_is_given(make):
    budget = make(300, 30)
    taken = sum(budget.take(0) for _ in range(50))
    assert taken == budget.item.amount == 10
    assert budget.remaining() == 0
    assert 0 < budget.wait_seconds() <= 1


@pytest.mark.parametrize(
    "requests, seconds, amount, step",
    [
        (300, 30, 10, 1),
        (2400, 300, 16, 2),
        (600, 300, 10, 5),
        (5, 300, 5, 300),
        (100000, 10, 10000, 1),
    ],
)
def test_a_budget_is_spread_evenly(requests, seconds, amount, step):
    item = Budget(requests, seconds, "memory://", "x").item
    assert (item.amount, item.get_expiry()) == (amount, step)
    assert item.amount * seconds / item.get_expiry() <= requests


def test_who_waits_gets_the_next_one(make):
    budget = make(300, 30)
    while budget.take(0):
        pass
    assert budget.take(5)


def test_workers_share_it():
    name = uuid.uuid4().hex
    workers = [Budget(300, 30, SHARED, name) for _ in range(4)]
    taken = []

    def work(budget):
        while budget.take(0):
            taken.append(budget)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 10


def test_without_its_store_each_process_keeps_the_rate_by_itself(caplog):
    budget = Budget(300, 30, "redis://127.0.0.1:1/0", "x")
    assert sum(budget.take(0) for _ in range(50)) == 10
    assert budget.remaining() == 0
    assert caplog.text.count("doi.budget.alone") == 1


def test_every_request_is_taken_out_of_it(sandbox):
    account = replace(ACCOUNT, api_url=f"{sandbox.url}/")
    budget = Budget(300, 30, "memory://", "x")
    client = DataCiteClient(account, budget)
    client.credentials_accepted()
    client.repository()
    assert budget.remaining() == 7
    assert len(sandbox.log()) == 3


def test_a_backlog_goes_out_at_the_rate_and_no_faster(repository, sandbox, record_data):
    sandbox.server.rate(10, 1)
    for _ in range(10):
        repository.publish(record_data)
    settings = current_doi.settings
    client = DataCiteClient(settings.account, Budget(10, 1, SHARED, uuid.uuid4().hex))
    delivery = Delivery(settings, client, Breaker(settings.account))
    assert dict(Run([delivery]).run()) == {"done": 20}
    assert {entry["status"] for entry in sandbox.writes()} == {201}
    sandbox.server.clear_rate()


def test_what_is_claimed_is_what_can_be_sent(repository, sandbox, record_data):
    """A publish must not wait because of DOIs claimed without budget to send them."""
    for _ in range(10):
        repository.publish(record_data)
    settings = current_doi.settings
    budget = Budget(10, 10, SHARED, uuid.uuid4().hex)
    for _ in range(8):
        assert budget.take(0)
    delivery = Delivery(
        settings, DataCiteClient(settings.account, budget), Breaker(settings.account)
    )
    claims, _wait = delivery._claim(1)
    assert len(claims) == 2


def test_a_budget_that_stays_spent_costs_the_record_nothing(
    repository, sandbox, record_data, monkeypatch
):
    repository.publish(record_data)
    settings = current_doi.settings
    budget = Budget(1, 300, SHARED, uuid.uuid4().hex)
    monkeypatch.setattr(budget, "remaining", lambda: 8)
    client = DataCiteClient(settings.account, budget)
    delivery = Delivery(settings, client, Breaker(settings.account))
    counts = Run([delivery]).run(seconds=2)
    assert counts == {"done": 1, "lost": 1}
    assert len(sandbox.writes()) == 1
    left = [row for row in repository.registrations() if row.due_at is not None]
    assert [row.failures for row in left] == [0]
    assert left[0].lease_until is None

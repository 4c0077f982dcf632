# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The table of outcomes, row by row, over HTTP."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from invenio_access.permissions import system_identity

from invenio_rdm_doi.datacite import errors
from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.breaker import Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.models import Outcome, Status
from invenio_rdm_doi.registration.outcomes import RULES, Blame
from invenio_rdm_doi.registration.run import Run
from invenio_rdm_doi.services import words
from invenio_rdm_doi.settings.secret import Secret
from tests.support.repository import Repository, doi_of
from tests.support.sandbox_client import WRITES

DOCUMENTED = Path(__file__).parents[2] / "docs" / "outcomes.rst"


def status(code, **options):
    return {"kind": "status", "status": code, **options}


# fault -> error code, outcome, status, counts against the record, account
ROWS = {
    "connection reset before the request is read": (
        {"kind": "reset"},
        ("datacite.unreachable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "processed, and then no answer": (
        {"kind": "no_answer"},
        ("datacite.unreachable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "processed, and then the connection reset": (
        {"kind": "no_answer", "reset": True},
        ("datacite.unreachable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "no answer in time": (
        {"kind": "hang", "seconds": 30},
        ("datacite.unreachable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "301": (
        status(301, headers={"Location": "https://example.org/"}),
        ("datacite.redirected", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "400": (
        status(400),
        ("datacite.bad_request", Outcome.REJECTED, Status.FAILED, True, "running"),
    ),
    "401 though the account is in order": (
        status(401),
        ("datacite.unexplained", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "403 though account and prefix are in order": (
        status(403),
        ("datacite.unexplained", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "404 though account and prefix are in order": (
        status(404),
        ("datacite.unexplained", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "405": (
        status(405),
        ("datacite.not_allowed", Outcome.REJECTED, Status.FAILED, True, "running"),
    ),
    # Another request was faster; that does not imply that the DOI has another owner.
    "409, and DataCite does not show it": (
        status(409),
        ("datacite.taken", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "413": (
        status(413),
        ("datacite.too_large", Outcome.REJECTED, Status.FAILED, True, "running"),
    ),
    "418, and any other 4xx": (
        status(418),
        ("datacite.request_failed", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "422": (
        status(422),
        ("datacite.refused", Outcome.REJECTED, Status.FAILED, True, "running"),
    ),
    "429 with Retry-After": (
        {"kind": "rate_limit", "retry_after": 90},
        ("datacite.rate_limited", Outcome.RETRY, Status.RETRYING, False, "throttled"),
    ),
    "429 without Retry-After": (
        {"kind": "rate_limit"},
        ("datacite.rate_limited", Outcome.RETRY, Status.RETRYING, False, "throttled"),
    ),
    "500 with the odd body": (
        status(500),
        ("datacite.server_failed", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "502 with HTML": (
        status(502),
        ("datacite.unavailable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "503 with HTML": (
        status(503),
        ("datacite.unavailable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "503 with Retry-After": (
        status(503, headers={"Retry-After": "90"}),
        ("datacite.unavailable", Outcome.RETRY, Status.RETRYING, False, "throttled"),
    ),
    "504 although it was processed": (
        status(504, processed=True),
        ("datacite.unavailable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "success with the wrong state": (
        {"kind": "wrong_state", "state": "registered"},
        ("datacite.wrong_state", Outcome.RETRY, Status.RETRYING, True, "running"),
    ),
    "success with a page of another site": (
        {"kind": "html"},
        ("datacite.unreadable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
    "success with half an answer": (
        {"kind": "garbage"},
        ("datacite.unreadable", Outcome.RETRY, Status.RETRYING, False, "running"),
    ),
}


@pytest.fixture()
def fault(sandbox):
    """Return a function that adds a fault for writes; remove all faults at the end."""

    def add(**script):
        sandbox.server.fault(**{"match": WRITES, **script})

    yield add
    sandbox.server.clear_faults()


@pytest.mark.parametrize("name", ROWS)
def test_row(name, repository, sandbox, fault, record_data, clock):
    script, (code, outcome, shown, counted, account) = ROWS[name]
    record = repository.publish(record_data)
    doi = doi_of(record)
    fault(**script, match=WRITES | {"doi": doi})

    repository.deliver()

    row = repository.registration(doi)
    assert row.error["code"] == code
    assert row.error["advice"]
    assert row.status is shown
    assert row.failures == int(counted)
    assert (row.due_at is None) is (outcome is Outcome.REJECTED)
    assert repository.attempts(doi)[-1].outcome is outcome
    assert current_doi.breaker().report()["state"] == account
    assert repository.pid_status(doi) == "K"

    # In all cases, an edit or the next attempt repairs it when the fault is over.
    sandbox.server.clear_faults()
    if outcome is Outcome.REJECTED:
        repository.edit(record, title="Edited")
    clock.forward(7200)
    repository.deliver()
    assert repository.registration(doi).status is Status.FINDABLE
    assert sandbox.state(doi) == "findable"


def deliver_as(**changes):
    """Deliver with changed settings of the account; return counts and breaker state."""
    account = replace(current_doi.settings.account, **changes)
    settings = replace(current_doi.settings, account=account)
    delivery = Delivery(settings, DataCiteClient(account), Breaker(account))
    counts = Run([delivery]).run()
    return dict(counts), Breaker(account).report()


def test_a_wrong_password_pauses_the_account_and_costs_the_record_nothing(
    repository, sandbox, record_data
):
    """The sandbox really answers 404 to a PUT of an unknown DOI."""
    record = repository.publish(record_data)
    counts, account = deliver_as(password=Secret("wrong"))
    assert set(counts) == {"paused"}
    assert account["state"] == "paused"
    assert account["reason"]["code"] == "datacite.unauthorized"
    row = repository.registration(doi_of(record))
    assert (row.status, row.failures) == (Status.RETRYING, 0)


def test_a_prefix_of_somebody_else_pauses_the_account(repository, sandbox, record_data):
    """The sandbox really answers 403 to a PUT with a foreign prefix."""
    record_data["pids"] = {"doi": {"identifier": "10.5678/x", "provider": "datacite"}}
    Repository(system_identity).publish(record_data)
    accounts = sandbox.server.sandbox.accounts
    with without_prefix(accounts, "10.5678"):
        repository.deliver()
    account = current_doi.breaker().report()
    assert account["state"] == "paused"
    assert "10.5678 does not belong to" in account["reason"]["message"]


@contextmanager
def without_prefix(accounts, prefix):
    """Remove one of the prefixes of the sandbox's account during the block."""
    account = accounts.find("TEST.REPO")
    before = account.prefixes
    object.__setattr__(account, "prefixes", tuple(p for p in before if p != prefix))
    try:
        yield
    finally:
        object.__setattr__(account, "prefixes", before)


def test_an_outcome_that_is_not_known_is_not_confirmed(
    repository, sandbox, fault, record_data, clock
):
    """Sent, processed, no answer: the next attempt sends again, and that is safe."""
    record = repository.publish(record_data)
    doi = doi_of(record)
    fault(kind="no_answer", match=WRITES | {"doi": doi}, times=1)
    repository.deliver()
    assert sandbox.state(doi) == "findable"
    row = repository.registration(doi)
    assert row.in_doubt and row.confirmed_revision == 0
    clock.forward(60)
    repository.deliver()
    assert [put["processed"] for put in sandbox.writes(doi)] == [True, True]
    assert repository.registration(doi).status is Status.FINDABLE


def test_waits_of_a_record_grow_and_are_not_all_the_same(
    repository, sandbox, fault, record_data, clock
):
    record = repository.publish(record_data)
    fault(**status(418), match=WRITES | {"doi": doi_of(record)})
    waits = []
    for failures in range(8):
        repository.deliver()
        row = repository.registration(doi_of(record))
        started = repository.attempts(doi_of(record))[-1].started_at
        wait = (row.due_at - started).total_seconds() - clock.seconds
        assert -1 < wait <= 30 * 2**failures + 2
        waits.append(wait)
        clock.forward(7200)
    assert max(waits) > 60
    assert len(set(waits)) == 8


def test_every_trouble_has_its_rule():
    troubles = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.Trouble)
        and kind is not errors.Trouble
    }
    assert set(RULES) == troubles
    assert len({kind.code for kind in troubles}) == len(troubles)


def test_every_error_has_a_label_in_plain_words():
    others = {"breaker.unknown", "delivery.error"}
    assert set(words.ERRORS) == {kind.code for kind in RULES} | others


def test_only_records_are_rejected_and_only_accounts_paused():
    for rule in RULES.values():
        assert (rule.outcome is Outcome.REJECTED) <= (rule.blame is Blame.RECORD)
        assert (rule.outcome is Outcome.PAUSED) == (rule.blame is Blame.ACCOUNT)


def test_the_documentation_has_the_same_table():
    rows = re.findall(
        r"^``((?:account|datacite|delivery|doi|metadata)\.\w+)``\s+(\w+)\s+(\w+)",
        DOCUMENTED.read_text(),
        re.M,
    )
    assert sorted(rows) == sorted(
        (kind.code, rule.outcome.value, rule.blame.value)
        for kind, rule in RULES.items()
    )

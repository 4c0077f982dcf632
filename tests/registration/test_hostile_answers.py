# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Answers are hostile input: they affect only the DOI of the request.

Every status with every odd body, and every odd header and timing, about one DOI while
two others are due. ``DOI_HOSTILE=all`` tries all of them, which takes five minutes;
without it, every tenth is tried.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import resource
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.datacite import answers
from invenio_rdm_doi.registration import intake
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import BreakerState, Registration, Status
from tests.support.hostile_server import HostileServer
from tests.support.repository import doi_of

SECONDS, TIMEOUT = 5, (1, 1)

STATUSES = [
    *(100, 199, 200, 201, 202, 204, 206, 301, 302, 307, 304),
    *(400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 418, 422, 423),
    *(429, 451, 499, 500, 501, 502, 503, 504, 507, 520, 599, 600, 999),
]

LONG = "long \u0000 \ud800 \x1b[31m " * 40


def jsonapi(**attributes):
    return json.dumps({"data": {"id": "10.1234/elsewhere", "attributes": attributes}})


def errors(*found):
    return json.dumps({"errors": list(found)})


BODIES = {
    "nothing": "",
    "html": "<html><body>Forbidden</body></html>",
    "half": '{"data": {"id": "10.1234/',
    "null": "null",
    "number": "9" * 5000,
    "list": "[]",
    "text": '"text"',
    "deep": "[" * 100_000,
    "nan": '{"data": NaN}',
    "of_another": jsonapi(state="findable", url="https://example.org", titles=[]),
    "odd_state": jsonapi(state=["findable"]),
    "no_attributes": '{"data": {"id": null, "attributes": null}}',
    "control": errors({"source": LONG, "title": LONG}),
    "many": errors(*({"source": "titles", "title": f"No {n}"} for n in range(10_000))),
    "shape": errors(1, None, [], {"title": {"a": [1]}}, {"source": 3, "title": 4}),
    "object": json.dumps({"errors": {"title": "Odd", "source": {}}}),
    "lonely": json.dumps({"status": 3, "title": None}),
}

LARGE = b"x" * (6 * 1024 * 1024)
BOMB = gzip.compress(b" " * (200 * 1024 * 1024), 9)
BROKEN = b"\x1f\x8b\x08broken"


def answer(status, body="", headers=(), length=None):
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} Odd", "Content-Type: application/json", *headers]
    if length is not False:
        head.append(f"Content-Length: {len(content) if length is None else length}")
    text = "\r\n".join([*head, "Connection: close", "", ""])
    return [text.encode("utf-8") + content]


RETRY_AFTER = [
    "315360000",
    "9" * 30,
    "²³",
    "-5",
    "1e9",
    "Fri, 31 Dec 9999 23:59:59 GMT",
]

COMBINATIONS = {
    f"{status}-{name}": answer(status, body)
    for status, (name, body) in itertools.product(STATUSES, BODIES.items())
}
COMBINATIONS |= {
    f"{status}-retry-after-{n}": answer(status, "{}", [f"Retry-After: {value}"])
    for status in (200, 403, 422, 429, 500, 503)
    for n, value in enumerate(RETRY_AFTER)
}
for status in (200, 201, 422, 500):
    head = answer(status, length=False)[0]
    COMBINATIONS |= {
        f"{status}-too-long": answer(status, LARGE),
        f"{status}-bomb": answer(status, BOMB, ["Content-Encoding: gzip"]),
        f"{status}-not-gzip": answer(status, BROKEN, ["Content-Encoding: gzip"]),
        f"{status}-brotli": answer(status, "{}", ["Content-Encoding: br"]),
        f"{status}-shorter": answer(status, "{}", length=100),
        f"{status}-longer": answer(status, "{}" * 50, length=2),
        f"{status}-no-length": answer(status, "x" * 100, length="many"),
        f"{status}-many-headers": answer(status, "{}", ["X: y"] * 500),
        f"{status}-long-header": answer(status, "{}", ["X: " + "y" * 70_000]),
        f"{status}-chunks": [head[:-2] + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"],
        f"{status}-drops": [head, 1.2, b'{"data":', 1.2, b"{}"],
        f"{status}-drip": [head, *itertools.chain(*[(b" ", 0.4)] * 8)],
    }
COMBINATIONS |= {
    "silence": [5.0],
    "hangs-up": [],
    "not-http": [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "binary": [bytes(range(256)) * 10],
    "endless-headers": [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50],
    "continues": [b"HTTP/1.1 100 Continue\r\n\r\n" * 200],
}

STEP = 1 if os.environ.get("DOI_HOSTILE") == "all" else 10
TRIED = [*COMBINATIONS][::STEP]

TOGETHER = 30
"""The number of combinations in one test, which needs three records."""


@pytest.fixture(scope="module")
def hostile(sandbox_server):
    with HostileServer(sandbox_server.url) as server:
        yield server


@pytest.fixture(scope="module")
def doi_config(doi_config, hostile):
    prefix = "RDM_RECORDS_DOI_DATACITE_"
    changed = {f"{prefix}API_URL": hostile.url, f"{prefix}TIMEOUT": TIMEOUT}
    return doi_config | changed


@pytest.fixture()
def dois(repository, hostile, record_data):
    """Return three registered DOIs, the first of which gets the odd answers."""
    hostile.answer = None
    records = [repository.publish(record_data) for _ in range(3)]
    repository.deliver()
    dois = [doi_of(record) for record in records]
    hostile.odd = dois[0]
    yield dois
    hostile.answer = None


def changed(dois):
    """Mark all of these DOIs as changed, so that they have to be sent."""
    db.session.rollback()
    db.session.execute(sa.delete(BreakerState))
    db.session.execute(sa.delete(Attempt))
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi.in_(dois))
        .values(
            revision=Registration.revision + 1,
            confirmed_digest="0",
            status=Status.PENDING,
            due_at=sa.func.now(),
            failures=0,
            error=None,
        )
    )
    db.session.commit()


def undelivered(repository, dois):
    found = [repository.registration(doi) for doi in dois]
    return [r.doi for r in found if r.revision != r.confirmed_revision]


def let_days_pass():
    """End all waits, and keep the order of the due registrations."""
    db.session.rollback()
    for column in (
        Registration.due_at,
        BreakerState.retry_at,
        BreakerState.throttled_until,
    ):
        db.session.execute(
            sa.update(column.class_)
            .where(column.is_not(None))
            .values({column: column - timedelta(days=2)})
        )
    db.session.commit()


def deliver_until_done(repository, dois, times=4):
    """Deliver repeatedly, ending all waits; return the longest run in seconds."""
    longest = 0.0
    for _ in range(times):
        begin = time.monotonic()
        repository.deliver(seconds=SECONDS)
        longest = max(longest, time.monotonic() - begin)
        if not undelivered(repository, dois):
            break
        let_days_pass()
    return longest


def memory():
    """Return the maximum memory use of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_there_are_hundreds_of_combinations():
    assert len(COMBINATIONS) >= 500


@pytest.mark.parametrize("first", range(0, len(TRIED), TOGETHER))
def test_an_odd_answer_costs_its_own_doi_only(repository, hostile, dois, first):
    odd, *others = dois
    before = memory()
    for name in TRIED[first : first + TOGETHER]:
        changed(dois)
        hostile.answer = COMBINATIONS[name]
        longest = deliver_until_done(repository, others)
        assert undelivered(repository, others) == [], name
        assert longest < SECONDS + 4 * sum(TIMEOUT), name
        let_days_pass()
        hostile.answer = None
        if repository.registration(odd).status is Status.FAILED:
            # As if an operator had acted on the failure.
            intake.request_again(odd)
            db.session.commit()
        deliver_until_done(repository, dois)
        assert undelivered(repository, dois) == [], name
        assert repository.registration(odd).status is Status.FINDABLE, name
    assert memory() - before < 50


def test_no_wait_that_an_answer_asks_for_is_longer_than_the_cap(
    repository, hostile, dois
):
    for value in RETRY_AFTER:
        changed(dois)
        hostile.answer = answer(429, "{}", [f"Retry-After: {value}"])
        repository.deliver(seconds=SECONDS)
        db.session.rollback()
        longest = db.session.scalar(
            sa.select(
                sa.func.max(
                    sa.func.extract(
                        "epoch", BreakerState.throttled_until - sa.func.now()
                    )
                )
            )
        )
        assert longest is None or longest <= answers.RETRY_AFTER_CAP, value


def test_what_is_kept_of_an_answer_can_be_stored_and_shown(repository, hostile, dois):
    for name in ("control", "many", "shape"):
        changed(dois)
        hostile.answer = answer(422, BODIES[name])
        repository.deliver(seconds=SECONDS)
        kept = json.dumps(repository.registration(dois[0]).error, ensure_ascii=False)
        assert len(kept) < 30_000, name
        assert kept.isprintable(), name

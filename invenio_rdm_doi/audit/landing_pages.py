# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A check of the site's own landing pages, like that of DataCite's link checker.

A findable DOI must lead to a page that answers 200, and the DOI of a deleted record to
its tombstone (410 with a page). Source:
https://support.datacite.org/docs/landing-pages and
https://support.datacite.org/docs/link-checker.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import requests
import sqlalchemy as sa
from invenio_db import db

from ..datacite.asking import user_agent
from ..doi import doi_key
from ..links import landing_page
from ..registration.models import Status
from ..settings.model import Account
from ..states import FINDABLE, REGISTERED
from . import findings, runs
from .findings import Found
from .here import REGISTRATION, rows_of
from .models import Job, Problem

SIZE = 100
"""DOIs per transaction."""

TIMEOUT = (5, 30)
"""Timeouts in seconds for the connection and for the answer."""

OPEN = frozenset({200})
TOMBSTONE = frozenset({410})
CLOSED = frozenset({200, 401, 403})
"""For a restricted record: its page, or a request to log in."""

EXPECTED = {
    Status.FINDABLE: OPEN,
    Status.HIDDEN: TOMBSTONE,
    Status.WITHHELD: CLOSED,
}
"""HTTP statuses that a page may answer, by status of the registration."""


@dataclass(frozen=True)
class Answered:
    """The answer of the site.

    :param status: HTTP status after all redirects; None: no answer.
    """

    status: int | None
    url: str


class Fetcher:
    """Requests pages at a limited rate."""

    def __init__(self, account: Account, rate: float):
        """Constructor.

        :param rate: maximum number of pages per second.
        """
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent(account.contact)
        self._session.max_redirects = 5
        self._pause = 1 / rate

    def __call__(self, url: str) -> Answered:
        """Request a page with HEAD, and with GET if HEAD is refused."""
        Event().wait(self._pause)
        try:
            found = self._ask("HEAD", url)
            if found.status in (400, 404, 405, 500, 501):
                found = self._ask("GET", url)
            return found
        except requests.RequestException as error:
            return Answered(None, f"{url} ({type(error).__name__})")

    def _ask(self, method: str, url: str) -> Answered:
        with self._session.request(
            method, url, timeout=TIMEOUT, allow_redirects=True, stream=True
        ) as answer:
            return Answered(answer.status_code, answer.url)


def check(account: Account, rate: float, sample: int | None = None) -> Iterator[Any]:
    """Check the landing pages of an account's DOIs.

    :param rate: maximum number of pages per second.
    :param sample: number of DOIs, chosen at random; None: all.
    :returns: the row of the run, at the beginning and after each transaction.
    :raises runs.Busy: if another process is working on it.
    :raises runs.Lost: if another process took over the run.
    """
    run = runs.begin(Job.PAGES, account.id)
    yield run
    fetch = Fetcher(account, rate)
    # A transaction must end well within the lease of the run.
    size = max(1, min(SIZE, int(rate * runs.LEASE_SECONDS / 10)))
    try:
        for rows in (
            _all(account, run.cursor, size)
            if sample is None
            else _sample(account, sample, size)
        ):
            found = [f for row in rows if (f := _problem(row, fetch)) is not None]
            findings.note(run, found)
            findings.forget(run, [Problem.PAGE], [doi_key(row.doi) for row in rows])
            run = runs.advance(
                run,
                cursor=str(rows[-1].id) if sample is None else None,
                seen=runs.RUN.c.seen + len(rows),
            )
            db.session.commit()
            yield run
        if sample is None:
            findings.forget(run, [Problem.PAGE])
        run = runs.finish(run)
        db.session.commit()
    finally:
        if run.finished_at is None:
            runs.leave(run)


def _all(account: Account, cursor: str | None, size: int) -> Iterator[Sequence[Any]]:
    after = uuid.UUID(cursor) if cursor else None
    while rows := _next(account, after, size):
        yield rows
        after = rows[-1].id


def _sample(account: Account, count: int, size: int) -> Iterator[Sequence[Any]]:
    """Yield a random sample: ids are random, so consecutive ids are a sample."""
    start = uuid.uuid4()
    rows = [*_next(account, start, count)]
    if len(rows) < count:
        ids = {row.id for row in rows}
        first = _next(account, None, count - len(rows))
        rows += [row for row in first if row.id not in ids]
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


def _next(account: Account, after: uuid.UUID | None, size: int) -> Sequence[Any]:
    row = REGISTRATION.c
    where = sa.and_(
        row.prefix.in_(account.prefixes),
        row.confirmed_state.in_([FINDABLE, REGISTERED]),
        row.due_at.is_(None),
        row.status.in_([status.value for status in EXPECTED]),
    )
    if after is not None:
        where = sa.and_(where, row.id > after)
    rows = rows_of(where, size)
    # No transaction stays open while the site answers.
    db.session.rollback()
    return rows


def _problem(row: Any, fetch: Fetcher) -> Found | None:
    url = landing_page(row.doi)
    answered = fetch(url)
    expected = EXPECTED[row.status]
    if answered.status in expected:
        return None
    what = {
        "url": url,
        "ends_at": answered.url,
        "answer": answered.status,
        "expected": sorted(expected),
    }
    return Found(row.doi, Problem.PAGE, what)

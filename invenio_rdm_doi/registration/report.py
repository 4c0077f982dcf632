# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Read-only reports about registrations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..doi import doi_key
from ..settings.model import Settings
from . import queue
from .history import Attempt
from .models import Registration, Status
from .selection import is_of_older_mapping

MOST = 10_000
"""Upper limit of counts that grow: a higher number would not help an operator."""

SMALL_PAGES = 4096
"""Maximum pages (of 8 KiB) of a table that is counted completely."""


def summary(settings: Settings | None = None) -> dict[str, Any]:
    """Return the registrations by status, and the backlog of the delivery.

    :param settings: without them, ``unknown`` is 0 and ``accounts`` is empty.

    :returns: ``statuses`` (every status, also with 0), ``is_exact`` (False for a large
        table, whose statuses are PostgreSQL's estimates), ``due`` (the number that is
        due now), ``in_flight``, ``oldest_due`` (the due time of the one that has been
        due longest, or None), ``oldest_due_seconds``, ``unknown`` (not confirmed by
        their account), ``must_hide`` (restricted or deleted, but findable),
        ``older_mapping`` (sent with an older version of the mapping) and ``accounts``
        (by name: ``statuses`` and ``due``; None for DOIs whose prefix belongs to no
        account). Numbers that may be large are counted up to :data:`MOST`.
    """
    is_exact = _is_small()
    counted = _counted() if is_exact else _estimated()
    due = _due()
    oldest = min((row.oldest for row in due), default=None)
    statuses: Counter[str] = Counter()
    for _prefix, status, count in counted:
        statuses[status] += count
    return {
        "statuses": {status.value: statuses[status.value] for status in Status},
        "is_exact": is_exact,
        "due": sum(row.count for row in due),
        "in_flight": sum(row.leased for row in due),
        "oldest_due": _iso(oldest),
        "oldest_due_seconds": max((row.waiting for row in due), default=None),
        "unknown": _unknown(settings) if settings else 0,
        "must_hide": _at_most(
            # The same expression as in the index.
            sa.select(Registration.id).where(
                sa.text("(error ->> 'must_hide') = 'true'")
            )
        ),
        "older_mapping": _at_most(
            sa.select(Registration.id).where(
                is_of_older_mapping(),
                *([Registration.prefix.in_(settings.prefixes)] if settings else []),
            )
        ),
        "accounts": _by_account(settings, counted, due) if settings else {},
    }


@dataclass(frozen=True)
class Due:
    """Due registrations of one prefix, up to :data:`MOST` of each priority.

    :param leased: the number that is being delivered.
    :param waiting: seconds for which the oldest one has been due.
    """

    prefix: str
    count: int
    leased: int
    oldest: datetime
    waiting: float


def _due() -> list[Due]:
    now = sa.select(sa.func.clock_timestamp()).scalar_subquery()
    ranges, found = queue.due_ranges(
        MOST, Registration.due_at, Registration.lease_until
    )
    given = queue.ranges_of(queue.due_prefixes())
    rows = db.session.execute(
        sa.select(
            ranges.c.prefix,
            sa.func.count(),
            sa.func.count().filter(found.c.lease_until > now),
            sa.func.min(found.c.due_at),
            sa.func.extract("epoch", now - sa.func.min(found.c.due_at)),
        )
        .select_from(ranges.join(found, sa.true()))
        .group_by(ranges.c.prefix),
        given,
    ).all()
    db.session.rollback()
    return [
        Due(prefix, count, leased, oldest, round(float(waiting), 1))
        for prefix, count, leased, oldest, waiting in rows
    ]


def _is_small() -> bool:
    """Return whether the table is small enough to be counted quickly."""
    pages = db.session.scalar(
        sa.text("SELECT pg_relation_size(CAST(:name AS regclass)) / 8192"),
        {"name": Registration.__tablename__},
    )
    return (pages or 0) <= SMALL_PAGES


def _counted() -> list[tuple[str, str, int]]:
    """Return prefix, status and number, counted."""
    rows = db.session.execute(
        sa.select(Registration.prefix, Registration.status, sa.func.count()).group_by(
            Registration.prefix, Registration.status
        )
    )
    return [(prefix, status.value, count) for prefix, status, count in rows]


def _estimated() -> list[tuple[str, str, int]]:
    """Return the same for a large table: PostgreSQL's estimates, but failures counted.

    The estimates are the planner's statistics, which ANALYZE maintains; reading every
    row would take minutes.
    """
    failed = Counter(
        db.session.scalars(
            sa.select(Registration.prefix)
            .where(Registration.status == Status.FAILED)
            .limit(MOST)
        )
    )
    found = [(prefix, Status.FAILED.value, count) for prefix, count in failed.items()]
    prefixes = _frequent("prefix")
    for status, share in _frequent("status").items():
        if status == Status.FAILED.value:
            continue
        for prefix, part in prefixes.items():
            found.append((prefix, status, round(share * part * _rows())))
    return found


def _rows() -> float:
    return max(
        0.0,
        db.session.scalar(
            sa.text(
                "SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)"
            ),
            {"name": Registration.__tablename__},
        )
        or 0.0,
    )


def _frequent(column: str) -> dict[str, float]:
    """Return the most frequent values of a column, and their share of all rows."""
    row = db.session.execute(
        sa.text(
            "SELECT CAST(CAST(most_common_vals AS text) AS text[]), most_common_freqs"
            " FROM pg_stats WHERE tablename = :table AND attname = :column"
        ),
        {"table": Registration.__tablename__, "column": column},
    ).one_or_none()
    if row is None or row[0] is None:
        return {}
    return dict(zip(row[0], row[1], strict=True))


def _by_account(
    settings: Settings, counted: list[tuple[str, str, int]], due: list[Due]
) -> dict[str | None, dict[str, Any]]:
    found: dict[str | None, dict[str, Any]] = {
        account.name: {"statuses": Counter(), "due": 0} for account in settings.accounts
    }
    for prefix, status, count in counted:
        entry = found.setdefault(_name(settings, prefix), _nothing())
        entry["statuses"][status] += count
    for row in due:
        entry = found.setdefault(_name(settings, row.prefix), _nothing())
        entry["due"] += row.count
    return found


def _nothing() -> dict[str, Any]:
    return {"statuses": Counter(), "due": 0}


def _name(settings: Settings, prefix: str) -> str | None:
    account = settings.account_of(f"{prefix}/")
    return account.name if account else None


def _at_most(statement: sa.Select[Any]) -> int:
    """Count rows, up to :data:`MOST`."""
    rows = statement.limit(MOST).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def not_confirmed(settings: Settings, column: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a registration's account is not the one in a column.

    :param column: the account that confirmed something, see ``Account.id``.
    """
    return sa.or_(
        *(
            sa.and_(
                Registration.prefix.in_(account.prefixes),
                column.is_distinct_from(account.id),
            )
            for account in settings.accounts
        )
    )


def is_unknown(registration: Registration, account: str) -> bool:
    """Return whether this account at this address has not confirmed a DOI."""
    return (
        registration.confirmed_state is not None
        and registration.confirmed_account != account
    )


def _unknown(settings: Settings) -> int:
    return sum(
        _at_most(
            sa.select(Registration.id).where(
                Registration.confirmed_state.is_not(None),
                Registration.prefix == prefix,
                other,
            )
        )
        for account in settings.accounts
        for prefix in account.prefixes
        for other in _others(Registration.confirmed_account, account.id)
    )


def _others(column: Any, value: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return conditions for all other values, as ranges of an index."""
    return column.is_(None), column < value, column > value


def find(doi: str) -> Registration | None:
    """Return the registration of a DOI, in any spelling."""
    return Registration.query.filter_by(doi_key=doi_key(doi)).one_or_none()


def listed(row: Any, account: str | None) -> dict[str, Any]:
    """Return a registration of a list as plain values.

    :param row: a row of the table, or the registration itself.
    :param account: the name of its account.
    """
    return {
        "doi": row.doi,
        "kind": row.kind.value,
        "status": row.status.value,
        "account": account,
        "state": row.confirmed_state,
        "due_at": _iso(row.due_at),
        "failures": row.failures,
        "updated": _iso(row.updated),
        "handled": is_handled(row),
        "error": row.error,
    }


def is_handled(row: Any) -> bool:
    """Return whether the failure is marked as handled and nothing changed since."""
    return row.handled_at is not None and row.handled_at >= row.updated


def describe(
    registration: Registration, account: str | None = None, attempts: int = 20
) -> dict[str, Any]:
    """Return one registration and its last attempts as plain values.

    :param account: the name of its account.
    :param attempts: the maximum number of attempts, the newest first.
    """
    history = (
        Attempt.query.filter_by(registration_id=registration.id)
        .order_by(Attempt.started_at.desc(), Attempt.id.desc())
        .limit(attempts)
    )
    return {
        "doi": registration.doi,
        "account": account,
        "kind": registration.kind.value,
        "owner_id": str(registration.owner_id),
        "status": registration.status.value,
        "revision": registration.revision,
        "confirmed_revision": registration.confirmed_revision,
        "confirmed_state": registration.confirmed_state,
        "confirmed_at": _iso(registration.confirmed_at),
        "confirmed_account": registration.confirmed_account,
        "in_doubt": registration.in_doubt,
        "due_at": _iso(registration.due_at),
        "failures": registration.failures,
        "error": registration.error,
        "attempts": [
            {
                "started_at": _iso(attempt.started_at),
                "duration_ms": attempt.duration_ms,
                "revision": attempt.revision,
                "outcome": attempt.outcome.value,
                "http_status": attempt.http_status,
                "state": attempt.state,
                "digest": attempt.digest,
                "error": attempt.error,
            }
            for attempt in history
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

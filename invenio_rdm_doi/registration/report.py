# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads what is registered; changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..doi import doi_key
from ..settings.model import Settings
from .models import Attempt, Registration, Status


def summary(settings: Settings | None = None) -> dict[str, Any]:
    """Registrations by status, and how far the delivery is behind.

    :param settings: without them, nothing is unknown and there are no accounts.

    :returns: ``statuses`` (every status, also with 0), ``due`` (how many are due now),
        ``in_flight``, ``oldest_due`` (since when the longest due one is, or None),
        ``oldest_due_seconds``, ``unknown`` (what its account has not confirmed),
        ``must_hide`` (restricted or deleted, but findable) and ``accounts`` (by name:
        ``statuses`` and ``due``; None for DOIs whose prefix no account has).
    """
    now = sa.func.clock_timestamp()
    due = Registration.due_at <= now
    rows = db.session.execute(
        sa.select(
            Registration.prefix,
            Registration.status,
            sa.func.count(),
            sa.func.count().filter(due),
        ).group_by(Registration.prefix, Registration.status)
    ).all()
    counts: Counter[Status] = Counter()
    for _prefix, status, count, _due in rows:
        counts[status] += count
    leased = Registration.lease_until > now
    total, flying, oldest, waiting = db.session.execute(
        sa.select(
            sa.func.count().filter(due),
            sa.func.count().filter(leased),
            sa.func.min(Registration.due_at).filter(due),
            sa.func.extract(
                "epoch", now - sa.func.min(Registration.due_at).filter(due)
            ),
        )
    ).one()
    return {
        "statuses": {status.value: counts.get(status, 0) for status in Status},
        "due": total,
        "in_flight": flying,
        "oldest_due": _iso(oldest),
        "unknown": _unknown(settings) if settings else 0,
        "accounts": _by_account(settings, rows) if settings else {},
        "must_hide": db.session.scalar(
            sa.select(sa.func.count()).where(
                Registration.error["must_hide"].as_boolean()
            )
        ),
        "oldest_due_seconds": None if waiting is None else round(float(waiting), 1),
    }


def is_unknown(registration: Registration, account: str) -> bool:
    """Whether this account at this address has not confirmed a DOI."""
    return (
        registration.confirmed_state is not None
        and registration.confirmed_account != account
    )


def _by_account(settings: Settings, rows: Any) -> dict[str | None, dict[str, Any]]:
    found: dict[str | None, dict[str, Any]] = {
        account.name: {"statuses": Counter(), "due": 0} for account in settings.accounts
    }
    for prefix, status, count, due in rows:
        account = settings.account_of(f"{prefix}/")
        name = account.name if account else None
        counted = found.setdefault(name, {"statuses": Counter(), "due": 0})
        counted["statuses"][status.value] += count
        counted["due"] += due
    return found


def not_confirmed(settings: Settings, column: Any) -> sa.ColumnElement[bool]:
    """Whether a registration's account is another one than a column says.

    :param column: of the account that confirmed something, see ``Account.id``.
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


def _unknown(settings: Settings) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Registration.confirmed_state.is_not(None),
                not_confirmed(settings, Registration.confirmed_account),
            )
        )
        or 0
    )


def find(doi: str) -> Registration | None:
    """The registration of a DOI, in any spelling."""
    return Registration.query.filter_by(doi_key=doi_key(doi)).one_or_none()


def describe(
    registration: Registration, account: str | None = None, attempts: int = 20
) -> dict[str, Any]:
    """One registration and its last attempts, as plain values.

    :param account: name of its account.
    :param attempts: how many of them, the newest first.
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads what is registered; changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from .models import Attempt, Registration, Status


def summary() -> dict[str, Any]:
    """Registrations by status, and how far the delivery is behind.

    :returns: ``statuses`` (every status, also with 0), ``due`` (how many are due now),
        ``in_flight``, ``oldest_due`` (since when the longest due one is, or None) and
        ``oldest_due_seconds``.
    """
    now = sa.func.clock_timestamp()
    counts = dict(
        db.session.execute(
            sa.select(Registration.status, sa.func.count()).group_by(
                Registration.status
            )
        ).all()
    )
    due = Registration.due_at <= now
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
        "oldest_due_seconds": None if waiting is None else round(float(waiting), 1),
    }


def find(doi: str) -> Registration | None:
    """The registration of a DOI, in any case of its letters."""
    return Registration.query.filter(
        sa.func.lower(Registration.doi) == doi.lower()
    ).one_or_none()


def describe(registration: Registration, attempts: int = 20) -> dict[str, Any]:
    """One registration and its last attempts, as plain values.

    :param attempts: how many of them, the newest first.
    """
    history = (
        Attempt.query.filter_by(registration_id=registration.id)
        .order_by(Attempt.started_at.desc(), Attempt.id.desc())
        .limit(attempts)
    )
    return {
        "doi": registration.doi,
        "kind": registration.kind.value,
        "owner_id": str(registration.owner_id),
        "status": registration.status.value,
        "revision": registration.revision,
        "confirmed_revision": registration.confirmed_revision,
        "confirmed_state": registration.confirmed_state,
        "confirmed_at": _iso(registration.confirmed_at),
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

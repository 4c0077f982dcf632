# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Keeps the history of deliveries: attempts for a time, and how many for ever."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..doi import doi_key
from .models import Attempt, Outcome, Tally
from .queue import Claim

ATTEMPT = Attempt.__table__
TALLY = Tally.__table__

BUCKETS = (100, 250, 500, 1000, 2500, 5000, 10_000, 30_000)
"""Upper limits of what an attempt took, in milliseconds; the last bucket has none."""


@dataclass(frozen=True)
class Exchange:
    """What an attempt was, for the history.

    :param metadata_version: DataCite's, in the answer.
    """

    started_at: datetime
    duration_ms: int
    digest: str
    http_status: int | None = None
    state: str | None = None
    metadata_version: int | None = None


@dataclass(frozen=True)
class Ended:
    """An attempt, and how it ended.

    :param error: as in :attr:`.models.Registration.error`.
    """

    claim: Claim
    outcome: Outcome
    exchange: Exchange
    error: dict[str, Any] | None = None


def keep(attempts: Sequence[Ended]) -> None:
    """Keep some attempts, and count them, in the transaction."""
    if not attempts:
        return
    db.session.execute(sa.insert(ATTEMPT), [_row(attempt) for attempt in attempts])
    counts = Counter(_counted(attempt) for attempt in attempts)
    names = ("hour", "prefix", "outcome", "bucket")
    db.session.execute(
        sa.insert(TALLY),
        [
            dict(zip(names, counted, strict=True)) | {"count": count}
            for counted, count in counts.items()
        ],
    )


def _row(attempt: Ended) -> dict[str, Any]:
    claim, exchange = attempt.claim, attempt.exchange
    return {
        "registration_id": claim.id,
        "revision": claim.revision,
        "outcome": attempt.outcome,
        "error": attempt.error,
        "started_at": exchange.started_at,
        "duration_ms": exchange.duration_ms,
        "digest": exchange.digest,
        "http_status": exchange.http_status,
        "state": exchange.state,
    }


def _counted(attempt: Ended) -> tuple[datetime, str, Outcome, int]:
    exchange = attempt.exchange
    hour = exchange.started_at.replace(minute=0, second=0, microsecond=0)
    prefix = doi_key(attempt.claim.doi).partition("/")[0]
    return hour, prefix, attempt.outcome, bisect_left(BUCKETS, exchange.duration_ms)

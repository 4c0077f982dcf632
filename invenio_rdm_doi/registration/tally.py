# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The history of deliveries: attempts for a limited time, and their number forever."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..doi import doi_key
from .history import Attempt, Tally
from .models import Outcome
from .queue import Claim

ATTEMPT = Attempt.__table__
TALLY = Tally.__table__

BUCKETS = (100, 250, 500, 1000, 2500, 5000, 10_000, 30_000)
"""Upper limits of the attempts' duration in milliseconds; the last bucket has none."""


@dataclass(frozen=True)
class Exchange:
    """The exchange of an attempt, for the history.

    :param metadata_version: DataCite's ``metadataVersion`` in the answer.
    """

    started_at: datetime
    duration_ms: int
    digest: str
    http_status: int | None = None
    state: str | None = None
    metadata_version: int | None = None


@dataclass(frozen=True)
class Ended:
    """An attempt and its outcome.

    :param error: as in :attr:`.models.Registration.error`.
    """

    claim: Claim
    outcome: Outcome
    exchange: Exchange
    error: dict[str, Any] | None = None


def keep(attempts: Sequence[Ended]) -> None:
    """Store and count some attempts, without commit."""
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


def hours(since: datetime) -> Sequence[Any]:
    """Return hour, outcome and number of attempts, in a separate transaction."""
    found = db.session.execute(
        sa.select(TALLY.c.hour, TALLY.c.outcome, sa.func.sum(TALLY.c["count"]))
        .where(TALLY.c.hour >= since)
        .group_by(TALLY.c.hour, TALLY.c.outcome)
    ).all()
    db.session.rollback()
    return [(hour, outcome, int(count)) for hour, outcome, count in found]


KEPT = 20
"""Number of attempts of each DOI that are kept forever: the last ones."""

CHUNK = 1000
"""Number of attempts that are examined in one transaction."""


def prune(keep_days: int, since: datetime | None = None) -> Iterator[int]:
    """Delete attempts that are old, and not among the last of their DOI.

    Examines the DOIs whose attempts became old since the last run, and those with new
    attempts, so that a nightly run costs only what one day added.

    :param since: the time of the last run; None: never, and all old attempts are
        examined.
    :returns: the number of deleted attempts, after each transaction.
    """
    now = datetime.now(UTC)
    limit = now - timedelta(days=keep_days)
    spans: list[tuple[datetime | None, datetime]] = [(None, limit)]
    if since is not None:
        spans = [(since - timedelta(days=keep_days, hours=1), limit), (since, now)]
    for begin, end in spans:
        first, last = _ids_between(begin, end)
        while first is not None and first <= last:
            yield _prune_some(first, first + CHUNK, limit)
            first += CHUNK


def _ids_between(begin: datetime | None, end: datetime) -> tuple[Any, Any]:
    """Return the first and the last id of a period: attempts are in order of time."""
    when = ATTEMPT.c.started_at <= end
    if begin is not None:
        when = sa.and_(when, ATTEMPT.c.started_at > begin)
    # Not the id itself: PostgreSQL would scan its index from one of the ends, through
    # all attempts of other periods.
    id_ = ATTEMPT.c.id + 0
    found = db.session.execute(
        sa.select(sa.func.min(id_), sa.func.max(id_)).where(when)
    ).one()
    db.session.rollback()
    return found[0], found[1]


def _prune_some(first: int, end: int, limit: datetime) -> int:
    owners = (
        sa.select(ATTEMPT.c.registration_id)
        .where(ATTEMPT.c.id >= first, ATTEMPT.c.id < end)
        .distinct()
    )
    place = sa.func.row_number().over(
        partition_by=ATTEMPT.c.registration_id,
        order_by=(ATTEMPT.c.started_at.desc(), ATTEMPT.c.id.desc()),
    )
    ranked = (
        sa.select(ATTEMPT.c.id, ATTEMPT.c.started_at, place.label("place"))
        .where(ATTEMPT.c.registration_id.in_(owners))
        .subquery()
    )
    gone = sa.select(ranked.c.id).where(
        ranked.c.place > KEPT, ranked.c.started_at < limit
    )
    count = db.session.execute(
        sa.delete(ATTEMPT).where(ATTEMPT.c.id.in_(gone))
    ).rowcount
    db.session.commit()
    return int(count)


def compact(since: datetime | None = None) -> None:
    """Merge all rows with the same hour, prefix, outcome and bucket, hour by hour.

    The current hour and the previous one are left alone, because deliveries add to
    them.

    :param since: the time of the last run; None: never.
    """
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = sa.select(TALLY.c.hour).where(TALLY.c.hour < end - timedelta(hours=1))
    if since is not None:
        hours = hours.where(TALLY.c.hour > since - timedelta(hours=3))
    for hour in db.session.scalars(hours.distinct()).all():
        old = sa.delete(TALLY).where(TALLY.c.hour == hour).returning(TALLY).cte("old")
        names = ["hour", "prefix", "outcome", "bucket"]
        keys = [old.c[name] for name in names]
        db.session.execute(
            sa.insert(TALLY).from_select(
                [*names, "count"],
                sa.select(*keys, sa.func.sum(old.c["count"])).group_by(*keys),
            )
        )
        db.session.commit()

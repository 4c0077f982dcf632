# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Cumulative numbers of deliveries."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Lock

import sqlalchemy as sa
from invenio_db import db

from ..registration.history import Tally
from ..registration.models import Outcome

Key = tuple[str, Outcome, int]
"""Prefix, outcome, and index of :data:`..registration.tally.BUCKETS`."""

SETTLED = timedelta(hours=3)
"""Hours that are older than this do not change any more."""

STEP = timedelta(days=1)

EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Totals:
    """Sums of the tally; each process reads the settled hours only once."""

    def __init__(self) -> None:
        """Constructor."""
        self._until = EVER
        self._before: Counter[Key] = Counter()
        self._lock = Lock()

    def read(self) -> Counter[Key]:
        """Return the number of deliveries by prefix, outcome and duration bucket."""
        with self._lock:
            settled = datetime.now(UTC) - SETTLED
            if settled - self._until > STEP:
                self._before += _sums(self._until, settled)
                self._until = settled
            return self._before + _sums(self._until, None)


def _sums(begin: datetime, end: datetime | None) -> Counter[Key]:
    statement = (
        sa.select(Tally.prefix, Tally.outcome, Tally.bucket, sa.func.sum(Tally.count))
        .where(Tally.hour >= begin)
        .group_by(Tally.prefix, Tally.outcome, Tally.bucket)
    )
    if end is not None:
        statement = statement.where(Tally.hour < end)
    found = Counter(
        {
            (prefix, outcome, bucket): int(count)
            for prefix, outcome, bucket, count in db.session.execute(statement)
        }
    )
    db.session.rollback()
    return found

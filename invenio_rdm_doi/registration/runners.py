# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The limit on the number of runs that deliver at the same time on a site.

One run can send as much as DataCite allows; more runs would only take workers from the
site's other tasks. A run takes one of a few rows, without waiting, and holds it as long
as it renews it. Locks of a database session would not survive a connection pooler.

A process that has something to deliver while a run is active sets a flag, which the run
reads before it ends: no message is sent, and nothing waits for the schedule.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from ..timing import now
from . import clock
from .models import Runner

LEASE_SECONDS = 30
"""Seconds for which a run that was killed still holds its place.

A run that is slow and renews its place later than that may lose it to another run. It
ends as soon as it notices this. Until then two runs deliver, which is safe: claims
prevent them from sending the same DOI.
"""

RENEW_SECONDS = 5
"""Minimum seconds between two renewals of a run's place."""

QUIET_SECONDS = 10
"""Seconds for which a message to the workers counts as on its way: no other is sent."""

RUNNER = Runner.__table__


@dataclass
class Place:
    """A run's place among those that may be active at the same time."""

    token: uuid.UUID
    renewed: float = field(default_factory=now)
    is_lost: bool = False

    def keep(self) -> bool:
        """Renew the place if due; return False if it was lost and the run must end."""
        if not self.is_lost and now() >= self.renewed + RENEW_SECONDS:
            self.renewed = now()
            self.is_lost = not _write(
                RUNNER.c.token == self.token, lease_until=clock.later(LEASE_SECONDS)
            )
        return not self.is_lost

    def leave(self) -> bool:
        """Give up the place; return False if the flag was set and the run continues."""
        free = {"token": None, "lease_until": None}
        if _write(RUNNER.c.token == self.token, ~RUNNER.c.again, **free):
            return True
        return not _write(RUNNER.c.token == self.token, again=False)

    def abandon(self) -> None:
        """Give the place up, regardless of the flag."""
        _write(RUNNER.c.token == self.token, token=None, lease_until=None)


def take(places: int) -> Place | None:
    """Take a free place, or set the flag of an active run.

    :param places: the maximum number of active runs.
    :returns: None if all places are taken.
    """
    db.session.execute(
        insert(RUNNER)
        .values([{"slot": slot} for slot in range(places)])
        .on_conflict_do_nothing(index_elements=[RUNNER.c.slot])
    )
    # The message that called this worker has arrived.
    _write(RUNNER.c.called_at.is_not(None), called_at=None)
    free = (
        sa.select(RUNNER.c.slot)
        .where(
            RUNNER.c.slot < places,
            sa.or_(RUNNER.c.lease_until.is_(None), RUNNER.c.lease_until <= clock.now()),
        )
        .order_by(RUNNER.c.slot)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    place = Place(uuid.uuid4())
    taken = _write(
        RUNNER.c.slot == free,
        token=place.token,
        lease_until=clock.later(LEASE_SECONDS),
        again=False,
    )
    if taken:
        return place
    _write(_alive(), ~RUNNER.c.again, again=True)
    return None


def call(places: int) -> bool:
    """Announce that something is due; return False if a worker has to be called.

    Uses a separate transaction on a separate connection: the session of the request has
    committed, and must not be used again.
    """
    with db.engine.begin() as connection:
        rows = connection.execute(
            sa.select(
                RUNNER.c.slot,
                RUNNER.c.again,
                (RUNNER.c.lease_until > clock.now()).label("alive"),
                (RUNNER.c.called_at > clock.earlier(QUIET_SECONDS)).label("called"),
            ).where(RUNNER.c.slot < places)
        ).all()
        if any(row.alive and row.again for row in rows):
            return True
        for row in rows:
            # Only if it has not ended meanwhile: no run would read the flag then.
            if (
                row.alive
                and connection.execute(
                    sa.update(RUNNER)
                    .where(RUNNER.c.slot == row.slot, _alive())
                    .values(again=True)
                ).rowcount
            ):
                return True
        if any(row.called for row in rows):
            return True
        connection.execute(
            insert(RUNNER)
            .values(slot=0, called_at=clock.now())
            .on_conflict_do_update(
                index_elements=[RUNNER.c.slot], set_={"called_at": clock.now()}
            )
        )
    return False


def forget_call() -> None:
    """Record that no worker could be called, so that the next caller may try."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(RUNNER).values(called_at=None))


def _alive() -> sa.ColumnElement[bool]:
    return RUNNER.c.lease_until > clock.now()


def _write(*where: Any, **values: Any) -> int:
    count: int = db.session.execute(
        sa.update(RUNNER).where(*where).values(**values)
    ).rowcount
    db.session.commit()
    return count

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Claim what is due, and settle what came of it.

Any number of workers on any number of hosts may claim at the same time: a claim
takes rows with ``FOR UPDATE SKIP LOCKED`` and leases them, so that a worker that
dies gives them back. All times are the database's, so that clocks of hosts do not
matter. Every function is a transaction of its own and commits.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..states import DRAFT
from . import clock
from .models import Attempt, Kind, Outcome, Registration, Status
from .target import Target

# The tables and not the mapped classes: these statements are the hot path, and need no
# session that looks after objects.
REGISTRATION = Registration.__table__
PID = PersistentIdentifier.__table__


@dataclass(frozen=True)
class Claim:
    """A registration that this worker, and no other, may deliver now.

    :param revision: the revision that was wanted when it was claimed; nothing newer
        can be confirmed by this delivery.
    """

    id: uuid.UUID
    token: uuid.UUID
    doi: str
    kind: Kind
    owner_id: uuid.UUID
    revision: int
    failures: int
    confirmed_state: str | None
    confirmed_digest: str | None
    in_doubt: bool
    created: datetime

    def confirms(self, target: Target) -> bool:
        """Whether DataCite is known to hold the target already."""
        return not self.in_doubt and self.confirmed_digest == target.digest


@dataclass(frozen=True)
class Exchange:
    """What an attempt was, for the history."""

    started_at: datetime
    duration_ms: int
    digest: str
    http_status: int | None = None
    state: str | None = None


def claim(limit: int, lease_seconds: float) -> list[Claim]:
    """Take what is due: urgent registrations first, then the longest due."""
    now = clock.now()
    due = (
        sa.select(REGISTRATION.c.id)
        .where(
            REGISTRATION.c.due_at <= now,
            sa.or_(
                REGISTRATION.c.lease_until.is_(None), REGISTRATION.c.lease_until <= now
            ),
        )
        .order_by(REGISTRATION.c.priority, REGISTRATION.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    token = uuid.uuid4()
    columns = (
        REGISTRATION.c.id,
        REGISTRATION.c.doi,
        REGISTRATION.c.kind,
        REGISTRATION.c.owner_id,
        REGISTRATION.c.revision,
        REGISTRATION.c.failures,
        REGISTRATION.c.confirmed_state,
        REGISTRATION.c.confirmed_digest,
        REGISTRATION.c.in_doubt,
        REGISTRATION.c.created,
    )
    rows = db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == due.c.id)
        .values(lease_token=token, lease_until=clock.later(lease_seconds))
        .returning(*columns)
    ).mappings()
    claims = [Claim(token=token, **row) for row in rows]
    db.session.commit()
    return claims


def begin(claims: Sequence[Claim]) -> set[uuid.UUID]:
    """Note that something is about to be sent, before it is.

    From here until an answer, nobody knows which of the two targets DataCite holds:
    a worker that dies in between must not leave the old digest standing as truth.

    A claim that was overtaken is given back and is due now: the record may have been
    restricted since its target was built. Rows that a web request holds at this moment
    are about to be overtaken; they are not waited for, which could be a deadlock.

    :returns: the ``id`` of the claims that are still held; nothing may be sent for the
        others.
    """
    mine = sa.or_(
        *(
            sa.and_(
                REGISTRATION.c.id == claim.id,
                REGISTRATION.c.lease_token == claim.token,
                REGISTRATION.c.revision == claim.revision,
            )
            for claim in claims
        )
    )
    free = (
        sa.select(REGISTRATION.c.id)
        .where(mine)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    held = set(
        db.session.scalars(
            sa.update(REGISTRATION)
            .where(REGISTRATION.c.id == free.c.id)
            .values(in_doubt=True)
            .returning(REGISTRATION.c.id)
        )
    )
    db.session.commit()
    for claim in claims:
        if claim.id not in held:
            # One row, one transaction: it may wait for a web request without harm.
            _update(claim, lease_token=None, lease_until=None, due_at=clock.now())
            db.session.commit()
    return held


def settle_done(
    claim: Claim, target: Target, status: Status, exchange: Exchange | None = None
) -> bool:
    """DataCite holds the target (or does not have to hold anything).

    :param exchange: None if nothing had to be sent.
    :returns: False if the claim was lost: another worker settles it.
    """
    values: dict[str, Any] = dict(
        confirmed_revision=claim.revision, failures=0, error=None, status=status
    )
    if exchange:
        values |= dict(
            confirmed_state=target.state,
            confirmed_digest=target.digest,
            confirmed_at=clock.now(),
            in_doubt=False,
        )
    settled = _release(claim, due_at=None, **values)
    if exchange:
        _keep(claim, Outcome.DONE, exchange, None)
        if settled and target.state != DRAFT:
            _register_pid(claim.doi)
    db.session.commit()
    return settled


def settle_gone(claim: Claim) -> bool:
    """Nobody has the DOI any more, and DataCite does not know it: forget it.

    A newer revision (somebody took the DOI again) stays, as if it had never been sent.
    """
    forgotten = db.session.execute(
        sa.delete(REGISTRATION).where(
            REGISTRATION.c.id == claim.id,
            REGISTRATION.c.lease_token == claim.token,
            REGISTRATION.c.revision == claim.revision,
        )
    ).rowcount
    if not forgotten:
        forgotten = _release(
            claim,
            due_at=None,
            status=Status.PENDING,
            confirmed_state=None,
            confirmed_digest=None,
            in_doubt=False,
        )
    db.session.commit()
    return bool(forgotten)


TROUBLE_STATUS = {
    Outcome.RETRY: Status.RETRYING,
    Outcome.PAUSED: Status.RETRYING,
    Outcome.REJECTED: Status.FAILED,
}


def settle_trouble(
    claim: Claim,
    outcome: Outcome,
    error: dict[str, Any],
    *,
    delay_seconds: float = 0,
    burns: bool = True,
    exchange: Exchange | None = None,
    confirmed_state: str | None = None,
) -> bool:
    """It failed: try again later, or let somebody act.

    :param delay_seconds: until it is due again, unless it was rejected.
    :param burns: whether it counts as one of the record's own failures.
    :param exchange: None if nothing was sent.
    :param confirmed_state: DataCite's state, if the failure told it.
    :returns: False if the claim was lost.
    """
    values: dict[str, Any] = {"error": error}
    if burns:
        values["failures"] = claim.failures + 1
    if confirmed_state:
        values["confirmed_state"] = confirmed_state
    rejected = outcome is Outcome.REJECTED
    settled = _release(
        claim,
        due_at=None if rejected else clock.later(delay_seconds),
        status=TROUBLE_STATUS[outcome],
        **values,
    )
    if exchange:
        _keep(claim, outcome, exchange, error)
    db.session.commit()
    return settled


def _release(claim: Claim, *, due_at: Any, status: Status, **values: Any) -> bool:
    """Give the claim back. A newer revision stays wanted, and is due now."""
    newer = REGISTRATION.c.revision > claim.revision
    return _update(
        claim,
        lease_token=None,
        lease_until=None,
        due_at=sa.case((newer, clock.now()), else_=due_at),
        status=sa.case((newer, Status.PENDING.value), else_=status.value),
        updated=clock.now(),
        **values,
    )


def _update(claim: Claim, **values: Any) -> bool:
    return bool(
        db.session.execute(
            sa.update(REGISTRATION)
            .where(
                REGISTRATION.c.id == claim.id,
                REGISTRATION.c.lease_token == claim.token,
            )
            .values(**values)
        ).rowcount
    )


def _keep(
    claim: Claim, outcome: Outcome, exchange: Exchange, error: dict[str, Any] | None
) -> None:
    db.session.execute(
        sa.insert(Attempt.__table__).values(
            registration_id=claim.id,
            revision=claim.revision,
            outcome=outcome,
            error=error,
            started_at=exchange.started_at,
            duration_ms=exchange.duration_ms,
            digest=exchange.digest,
            http_status=exchange.http_status,
            state=exchange.state,
        )
    )


def _register_pid(doi: str) -> None:
    """PIDStore says REGISTERED only now that DataCite confirmed it."""
    db.session.execute(
        sa.update(PID)
        .where(
            PID.c.pid_type == "doi",
            PID.c.pid_value == doi,
            PID.c.status.in_([PIDStatus.NEW, PIDStatus.RESERVED]),
        )
        .values(status=PIDStatus.REGISTERED)
    )

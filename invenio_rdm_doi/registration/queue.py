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
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from .models import Attempt, Kind, Outcome, Registration, Status
from .target import Target


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
    """Take up to ``limit`` due registrations, the longest due first."""
    now = sa.func.clock_timestamp()
    due = (
        sa.select(Registration.id)
        .where(
            Registration.due_at <= now,
            sa.or_(Registration.lease_until.is_(None), Registration.lease_until <= now),
        )
        .order_by(Registration.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    token = uuid.uuid4()
    columns = (
        Registration.id,
        Registration.doi,
        Registration.kind,
        Registration.owner_id,
        Registration.revision,
        Registration.failures,
        Registration.confirmed_state,
        Registration.confirmed_digest,
        Registration.in_doubt,
        Registration.created,
    )
    rows = db.session.execute(
        sa.update(Registration)
        .where(Registration.id == due.c.id)
        .values(
            lease_token=token,
            lease_until=now + sa.func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds),
        )
        .returning(*columns)
        .execution_options(synchronize_session=False)
    ).mappings()
    claims = [Claim(token=token, **row) for row in rows]
    db.session.commit()
    return claims


def begin(claim: Claim) -> bool:
    """Note that something is about to be sent, before it is.

    From here until an answer, nobody knows which of the two targets DataCite holds:
    a worker that dies in between must not leave the old digest standing as truth.

    :returns: False if the claim was lost; then nothing may be sent.
    """
    held = _update(claim, in_doubt=True)
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
            confirmed_at=sa.func.clock_timestamp(),
            in_doubt=False,
        )
    settled = _release(claim, due_at=None, **values)
    if exchange:
        _keep(claim, Outcome.DONE, exchange, None)
        if settled:
            _register_pid(claim.doi)
    db.session.commit()
    return settled


def settle_retry(
    claim: Claim,
    delay_seconds: float,
    error: dict[str, Any],
    exchange: Exchange | None = None,
) -> bool:
    """It failed, and is tried again after ``delay_seconds``."""
    settled = _release(
        claim,
        due_at=sa.func.clock_timestamp()
        + sa.func.make_interval(0, 0, 0, 0, 0, 0, delay_seconds),
        failures=claim.failures + 1,
        error=error,
        status=Status.RETRYING,
    )
    if exchange:
        _keep(claim, Outcome.RETRY, exchange, error)
    db.session.commit()
    return settled


def settle_rejected(
    claim: Claim, error: dict[str, Any], exchange: Exchange | None = None
) -> bool:
    """It was refused; nothing happens until somebody changes something."""
    settled = _release(
        claim,
        due_at=None,
        failures=claim.failures + 1,
        error=error,
        status=Status.FAILED,
    )
    if exchange:
        _keep(claim, Outcome.REJECTED, exchange, error)
    db.session.commit()
    return settled


def _release(claim: Claim, *, due_at: Any, status: Status, **values: Any) -> bool:
    """Give the claim back. A newer revision stays wanted, and is due now."""
    newer = Registration.revision > claim.revision
    return _update(
        claim,
        lease_token=None,
        lease_until=None,
        due_at=sa.case((newer, sa.func.clock_timestamp()), else_=due_at),
        status=sa.case((newer, Status.PENDING.value), else_=status.value),
        updated=sa.func.clock_timestamp(),
        **values,
    )


def _update(claim: Claim, **values: Any) -> bool:
    return bool(
        db.session.execute(
            sa.update(Registration)
            .where(Registration.id == claim.id, Registration.lease_token == claim.token)
            .values(**values)
            .execution_options(synchronize_session=False)
        ).rowcount
    )


def _keep(
    claim: Claim, outcome: Outcome, exchange: Exchange, error: dict[str, Any] | None
) -> None:
    db.session.add(
        Attempt(
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
        sa.update(PersistentIdentifier)
        .where(
            PersistentIdentifier.pid_type == "doi",
            PersistentIdentifier.pid_value == doi,
            PersistentIdentifier.status.in_([PIDStatus.NEW, PIDStatus.RESERVED]),
        )
        .values(status=PIDStatus.REGISTERED)
        .execution_options(synchronize_session=False)
    )

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

from ..datacite import answers
from ..states import DRAFT
from . import clock
from .models import Attempt, Kind, Outcome, Priority, Registration, Status
from .target import Target

# The tables and not the mapped classes: these statements are the hot path, and need no
# session that looks after objects.
REGISTRATION = Registration.__table__
PID = PersistentIdentifier.__table__

CHECK_DELAYS = {1: 900, 2: 300, 3: 60}
"""Checks that are left -> seconds until the next one.

A request that timed out may be processed after the one that came after it. DataCite's
load balancer gives up after 200 s. What was hidden is looked at after 1, 5 and 15
minutes, everything else after 15 minutes.
"""

CHECKS_OF_HIDDEN, CHECKS_OF_OTHERS = 3, 1


@dataclass(frozen=True)
class Claim:
    """A registration that this worker, and no other, may deliver now.

    :param revision: the revision that was wanted when it was claimed; nothing newer
        can be confirmed by this delivery.
    :param confirmed_revision: the last one that DataCite is known to have.
    :param confirmed_account: who confirmed it, see ``Account.id``.
    :param after_loss: the worker that claimed it before never settled it.
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
    confirmed_revision: int = 0
    confirmed_account: str | None = None
    made_here: bool = False
    taken_over: bool = False
    checks_left: int = 0
    priority: int = 0
    after_loss: bool = False

    @property
    def hides(self) -> bool:
        """Whether it was asked for because something has to be hidden."""
        return self.priority == Priority.HIDE

    def confirmed(self, target: Target) -> bool:
        """Whether DataCite said that it has the target; it may be in doubt."""
        return self.confirmed_digest == target.digest

    @property
    def never_sent(self) -> bool:
        """Whether DataCite cannot have it from here: no request was ever sent."""
        return (
            self.made_here
            and not self.in_doubt
            and self.confirmed_state is None
            and not self.after_loss
        )


@dataclass(frozen=True)
class Exchange:
    """What an attempt was, for the history."""

    started_at: datetime
    duration_ms: int
    digest: str
    http_status: int | None = None
    state: str | None = None


COLUMNS = (
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
    REGISTRATION.c.confirmed_revision,
    REGISTRATION.c.confirmed_account,
    REGISTRATION.c.made_here,
    REGISTRATION.c.taken_over,
    REGISTRATION.c.checks_left,
    REGISTRATION.c.priority,
)


def claim(limit: int, lease_seconds: float) -> list[Claim]:
    """Take what is due: what has to be hidden, then urgent, then the longest due."""
    now = clock.now()
    due = (
        sa.select(REGISTRATION.c.id, REGISTRATION.c.lease_token.label("before"))
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
    rows = db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == due.c.id)
        .values(
            lease_token=token,
            lease_until=clock.later(lease_seconds),
            # What may have ended its worker must not be the first again.
            due_at=sa.case(
                (due.c.before.is_not(None), clock.now()), else_=REGISTRATION.c.due_at
            ),
        )
        .returning(*COLUMNS, due.c.before.is_not(None).label("after_loss"))
    ).mappings()
    claims = [Claim(token=token, **row) for row in rows]
    db.session.commit()
    return sorted(claims, key=lambda claim: claim.after_loss)


def begin(
    claims: Sequence[Claim], lease_seconds: float, writes: bool = True
) -> set[uuid.UUID]:
    """Check, right before something is sent, that it may still be sent, and note it.

    From here until an answer, nobody knows which of the two targets DataCite holds:
    a worker that dies in between must not leave the old digest standing as truth.

    A claim that was overtaken has to be given back, with :func:`give_back`: the
    record may have been restricted since its target was built. Rows that a web request
    holds at this moment are about to be overtaken; they are not waited for: what was
    checked here has to leave at once.

    :param lease_seconds: the claims are theirs for so long again.
    :param writes: False: DataCite is only asked, and nothing is in doubt for it.
    :returns: the ``id`` of the claims that are still held; nothing may be sent for the
        others.
    """
    mine = sa.or_(
        *(
            sa.and_(
                REGISTRATION.c.id == claim.id,
                REGISTRATION.c.lease_token == claim.token,
                REGISTRATION.c.lease_until > clock.now(),
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
    values: dict[str, Any] = {"lease_until": clock.later(lease_seconds)}
    if writes:
        values["in_doubt"] = True
    held = set(
        db.session.scalars(
            sa.update(REGISTRATION)
            .where(REGISTRATION.c.id == free.c.id)
            .values(**values)
            .returning(REGISTRATION.c.id)
        )
    )
    db.session.commit()
    return held


def give_back(claims: Sequence[Claim]) -> list[Claim]:
    """Give claims back, due now, and wait for no request that holds their rows.

    :returns: those whose rows are held; they are for the next time.
    """
    left = []
    for claim in claims:
        mine = sa.select(REGISTRATION.c.id).where(
            REGISTRATION.c.id == claim.id, REGISTRATION.c.lease_token == claim.token
        )
        if db.session.scalar(mine.with_for_update(skip_locked=True)) is not None:
            _update(claim, lease_token=None, lease_until=None, due_at=clock.now())
        elif db.session.scalar(mine) is not None:
            left.append(claim)
    db.session.commit()
    return left


def cast_doubt(claim: Claim, checks: int) -> None:
    """Somebody else has the claim now, and something of this one may have been sent.

    It may arrive after what the other worker sends: whatever that one confirms stays in
    doubt, and DataCite is asked.
    """
    db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == claim.id)
        .values(
            in_doubt=True,
            checks_left=_at_least(checks),
            # Without a digest, what DataCite has is sent again, and not only compared.
            confirmed_digest=None,
            due_at=clock.now(),
        )
    )
    db.session.commit()


def settle_done(
    claim: Claim,
    target: Target,
    status: Status,
    account: str | None = None,
    exchange: Exchange | None = None,
    *,
    remote_state: str | None = None,
    checks: int = 0,
) -> bool:
    """DataCite holds the target (or does not have to hold anything).

    :param account: who confirmed it; None: nobody was asked.
    :param exchange: None if nothing had to be sent.
    :param remote_state: DataCite's state, where nothing was sent and it was asked.
    :param checks: an earlier request may arrive later: so often DataCite is asked.
    :returns: False if the claim was lost: another worker settles it.
    """
    values: dict[str, Any] = dict(
        confirmed_revision=claim.revision, failures=0, error=None
    )
    if account:
        values["confirmed_account"] = account
    due_at: Any = None
    if exchange:
        left = _at_least(checks) if checks else REGISTRATION.c.checks_left
        values |= dict(
            confirmed_state=target.state,
            confirmed_digest=target.digest,
            confirmed_at=clock.now(),
            in_doubt=left > 0,
            checks_left=left,
        )
        due_at = _next_check(left)
    elif account:
        # What it has was not compared: it is sent when it is to have something else.
        values |= dict(confirmed_state=remote_state, confirmed_digest=None)
    settled = _release(claim, due_at=due_at, status=status, **values)
    if exchange:
        _keep(claim, Outcome.DONE, exchange, None)
        if settled and target.state != DRAFT:
            _register_pid(claim.doi)
    db.session.commit()
    return settled


def settle_checked(claim: Claim, status: Status, exchange: Exchange) -> bool:
    """DataCite was asked, and has what it confirmed."""
    left = sa.func.greatest(REGISTRATION.c.checks_left - 1, 0)
    settled = _release(
        claim,
        due_at=_next_check(left),
        status=status,
        in_doubt=left > 0,
        checks_left=left,
        # An earlier question may have failed.
        failures=0,
        error=None,
    )
    _keep(claim, Outcome.DONE, exchange, None)
    db.session.commit()
    return settled


def settle_gone(claim: Claim) -> bool:
    """Nobody has the DOI any more, and DataCite does not know it: forget it.

    Not as long as an earlier request may arrive later: then DataCite is asked again. A
    newer revision (somebody took the DOI again) stays, as if it had never been sent.
    """
    if claim.checks_left:
        left = claim.checks_left - 1
        kept = _release(
            claim,
            due_at=clock.later(CHECK_DELAYS[claim.checks_left]),
            status=Status.HIDDEN,
            confirmed_state=None,
            confirmed_digest=None,
            confirmed_account=None,
            made_here=False,
            checks_left=left,
        )
        db.session.commit()
        return kept
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
            checks_left=0,
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
    delay_seconds: float | None = 0,
    burns: bool = True,
    exchange: Exchange | None = None,
    confirmed_state: str | None = None,
    unchanged: bool = False,
    checks: int = 0,
) -> bool:
    """It failed: try again later, or let somebody act.

    :param delay_seconds: until it is due again; None: not before somebody acts.
    :param burns: whether it counts as one of the record's own failures.
    :param exchange: None if nothing was sent.
    :param confirmed_state: DataCite's state, if the failure told it.
    :param unchanged: DataCite refused and changed nothing: what was certain before is
        certain again.
    :param checks: there was no answer: so often DataCite is asked after the next
        success.
    :returns: False if the claim was lost.
    """
    # From a site's function or a record, too: one text must not end a run.
    error = answers.clean_all(error)
    values: dict[str, Any] = {"error": error}
    if burns:
        values["failures"] = claim.failures + 1
    if confirmed_state:
        values["confirmed_state"] = confirmed_state
    if unchanged:
        values["in_doubt"] = claim.in_doubt
    if checks:
        values["checks_left"] = _at_least(checks)
    settled = _release(
        claim,
        due_at=None if delay_seconds is None else clock.later(delay_seconds),
        status=TROUBLE_STATUS[outcome],
        **values,
    )
    if exchange:
        _keep(claim, outcome, exchange, error)
    db.session.commit()
    return settled


def note_check(claim: Claim) -> None:
    """DataCite was asked, and had something else than it confirmed.

    What is sent now is compared as often as is left: a difference that nobody can mend
    must not be sent again for ever.
    """
    _update(claim, checks_left=sa.func.greatest(REGISTRATION.c.checks_left - 1, 0))
    db.session.commit()


def _at_least(checks: int) -> Any:
    return sa.func.greatest(REGISTRATION.c.checks_left, checks)


def _next_check(left: Any) -> Any:
    """When DataCite is asked next; NULL if nothing is in doubt."""
    return sa.case(
        *(
            (left == number, clock.later(seconds))
            for number, seconds in CHECK_DELAYS.items()
        ),
        else_=None,
    )


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

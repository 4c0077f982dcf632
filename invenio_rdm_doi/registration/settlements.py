# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Settlement of claims whose targets DataCite has: many in one transaction.

The statements are built only once, because SQLAlchemy takes longer to build them than
the database to run them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.exc import DBAPIError

from ..metadata.kernel import MAPPING
from ..states import DRAFT
from . import clock
from .given import array, arrays, given
from .models import Outcome, Status
from .queue import REGISTRATION, Claim
from .tally import Ended, Exchange, keep
from .target import Target

PID = PersistentIdentifier.__table__

CHECK_DELAYS = {1: 900, 2: 300, 3: 60}
"""Checks that are left -> seconds until the next one.

A request that timed out may be processed after the request that followed it. DataCite's
load balancer gives up after 200 s. Hidden DOIs are checked after 1, 5 and 15 minutes,
all others after 15 minutes.
"""


@dataclass(frozen=True)
class Settlement:
    """A claim whose target DataCite holds (or does not have to hold).

    :param account: the account that confirmed it; None: DataCite was not queried.
    :param exchange: None if nothing had to be sent.
    :param remote_state: DataCite's state, if nothing was sent and DataCite was queried.
    :param checks: the number of checks, because an earlier request may arrive later.
    :param doubt: the same, if the claim turns out to be lost.
    """

    claim: Claim
    target: Target
    status: Status
    account: str | None = None
    exchange: Exchange | None = None
    remote_state: str | None = None
    checks: int = 0
    doubt: int = 0

    @property
    def registers(self) -> bool:
        """Whether DataCite confirmed a DOI that is not a draft."""
        return self.exchange is not None and self.target.state != DRAFT

    def values(self) -> dict[str, Any]:
        """Return a row of :data:`_GIVEN`."""
        sent = self.exchange is not None
        return {
            "id": self.claim.id,
            "token": self.claim.token,
            "revision": self.claim.revision,
            "status": self.status.value,
            "account": self.account,
            "sent": sent,
            # Queried but not sent: the answer was not compared, and has no digest.
            "asked": sent or self.account is not None,
            # The current mapping produces the same target.
            "described": sent
            or self.target.state is None
            or self.claim.confirmed_digest == self.target.digest,
            "state": self.target.state if sent else self.remote_state,
            "digest": self.target.digest if sent else None,
            "checks": self.checks if sent else 0,
            "url": self.target.attributes.get("url") if sent else None,
            "version": self.exchange.metadata_version if self.exchange else None,
        }


_TYPES: dict[str, Any] = {
    "id": Uuid,
    "token": Uuid,
    "revision": sa.Integer,
    "status": sa.String,
    "account": sa.String,
    "sent": sa.Boolean,
    "asked": sa.Boolean,
    "described": sa.Boolean,
    "state": sa.String,
    "digest": sa.String,
    "checks": sa.Integer,
    "url": sa.String,
    "version": sa.Integer,
}

_GIVEN = given(_TYPES)


@cache
def settle_statement(wait: bool) -> sa.Update:
    """Return the statement that settles claims.

    :param wait: whether to wait for locked rows; False: skip them.
    """
    row, new = REGISTRATION.c, _GIVEN.c
    mine = sa.and_(row.id == new.id, row.lease_token == new.token)
    if not wait:
        free = (
            sa.select(row.id)
            .where(row.id == sa.any_(array("id", Uuid)))
            .with_for_update(skip_locked=True)
            .cte("free")
        )
        mine = sa.and_(mine, row.id.in_(sa.select(free.c.id)))
    # A newer revision stays wanted, and is due now.
    newer = row.revision > new.revision
    left = sa.func.greatest(row.checks_left, new.checks)
    return (
        sa.update(REGISTRATION)
        .where(mine)
        .values(
            lease_token=None,
            lease_until=None,
            due_at=sa.case(
                (newer, clock.now()), (new.sent, next_check(left)), else_=None
            ),
            status=sa.case((newer, Status.PENDING.value), else_=new.status),
            updated=clock.now(),
            failures=0,
            error=None,
            confirmed_revision=new.revision,
            confirmed_account=sa.func.coalesce(new.account, row.confirmed_account),
            confirmed_state=sa.case((new.asked, new.state), else_=row.confirmed_state),
            confirmed_digest=sa.case(
                (new.asked, new.digest), else_=row.confirmed_digest
            ),
            confirmed_url=sa.case((new.asked, new.url), else_=row.confirmed_url),
            metadata_version=sa.case(
                (new.asked, new.version), else_=row.metadata_version
            ),
            mapping_version=sa.case(
                (new.described, sa.literal_column(str(MAPPING))),
                else_=row.mapping_version,
            ),
            confirmed_at=sa.case((new.sent, clock.now()), else_=row.confirmed_at),
            in_doubt=sa.case((new.sent, left > 0), else_=row.in_doubt),
            checks_left=left,
        )
        .returning(row.id)
    )


def settle_all(
    settlements: Sequence[Settlement], errors: dict[UUID, DBAPIError] | None = None
) -> set[UUID]:
    """Settle several claims at once.

    It never waits for several rows while it holds others: rows that a web request has
    locked at this moment are settled separately, after the others. If the database
    refuses one of them, each is settled separately.

    :param errors: collects, by the ``id`` of the claim, errors of the database; None:
        they are raised.
    :returns: the ``id`` of the claims that were settled; the others were lost: other
        workers settle them.
    :raises DBAPIError: if the database connection was lost.
    """
    settled: set[UUID] = set()
    if len(settlements) > 1:
        try:
            settled = _settle(settlements, wait=False)
        except DBAPIError as error:
            db.session.rollback()
            if error.connection_invalidated:
                raise
    for settlement in settlements:
        if settlement.claim.id in settled:
            continue
        try:
            settled |= _settle([settlement], wait=True)
        except DBAPIError as error:
            db.session.rollback()
            if error.connection_invalidated or errors is None:
                raise
            errors[settlement.claim.id] = error
    return settled


def _settle(settlements: Sequence[Settlement], wait: bool) -> set[UUID]:
    settled = set(
        db.session.scalars(
            settle_statement(wait),
            arrays(_TYPES, (settlement.values() for settlement in settlements)),
        )
    )
    if not wait:
        settlements = [s for s in settlements if s.claim.id in settled]
    dois = [s.claim.doi for s in settlements if s.registers and s.claim.id in settled]
    if dois and not _register_pids(dois, wait):
        db.session.rollback()
        return set()
    keep([Ended(s.claim, Outcome.DONE, s.exchange) for s in settlements if s.exchange])
    db.session.commit()
    return settled


def next_check(left: Any) -> Any:
    """Return when DataCite is queried next; NULL if nothing is in doubt."""
    return sa.case(
        *(
            (left == number, clock.later(seconds))
            for number, seconds in CHECK_DELAYS.items()
        ),
        else_=None,
    )


_UNREGISTERED = sa.select(PID.c.id).where(
    PID.c.pid_type == "doi",
    PID.c.pid_value == sa.any_(sa.bindparam("dois", type_=ARRAY(sa.String))),
    PID.c.status.in_([PIDStatus.NEW, PIDStatus.RESERVED]),
)
_LOCKED = _UNREGISTERED.with_for_update()
_FREE = _UNREGISTERED.with_for_update(skip_locked=True)
_REGISTER = (
    sa.update(PID)
    .where(PID.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Integer))))
    .values(status=PIDStatus.REGISTERED)
)


def _register_pids(dois: Sequence[str], wait: bool) -> bool:
    """Set DOIs to REGISTERED in PIDStore, only now that DataCite confirmed them.

    :param wait: whether to wait for locked rows.
    :returns: False if a row is locked, and was not waited for.
    """
    given = {"dois": list(dois)}
    ids = list(db.session.scalars(_UNREGISTERED, given))
    if not ids:
        return True
    mine = list(db.session.scalars(_LOCKED if wait else _FREE, given))
    db.session.execute(_REGISTER, {"ids": mine})
    return wait or len(mine) == len(ids)

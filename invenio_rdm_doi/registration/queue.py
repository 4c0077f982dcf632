# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The queue: claiming due registrations, and giving back those that were not sent.

Any number of workers on any number of hosts may claim at the same time: a claim takes
rows with ``FOR UPDATE SKIP LOCKED`` and leases them, so that the leases of a worker
that dies expire. All times are the database's, so that the hosts' clocks do not matter.
Every function is a separate transaction and commits, unless stated otherwise.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as Uuid

from . import clock
from .choice import Newer
from .given import arrays, given
from .models import Kind, Priority, Registration
from .target import Target

logger = logging.getLogger(__name__)

NEWER_SECONDS = 300
"""Seconds for which an unrecognized kind of DOI is left to newer workers."""

# The tables, not the mapped classes: these statements are the hot path, and do not need
# a session that tracks objects.
REGISTRATION = Registration.__table__


@dataclass(frozen=True)
class Claim:
    """A registration that this worker, and no other, may deliver now.

    :param revision: the revision that was wanted when it was claimed; nothing newer
        can be confirmed by this delivery.
    :param confirmed_revision: the last revision that DataCite is known to have.
    :param confirmed_account: the account that confirmed it, see ``Account.id``.
    :param after_loss: whether the worker that claimed it before never settled it.
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
        """Whether it was requested because the DOI has to be hidden."""
        return self.priority == Priority.HIDE

    def confirmed(self, target: Target) -> bool:
        """Return whether DataCite confirmed the target; this may be in doubt."""
        return self.confirmed_digest == target.digest

    @property
    def never_sent(self) -> bool:
        """Whether no request for the DOI was ever sent from here."""
        return (
            self.made_here
            and not self.in_doubt
            and self.confirmed_state is None
            and not self.after_loss
        )


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


def claim(limit: int, lease_seconds: float, prefixes: Collection[str]) -> list[Claim]:
    """Claim due registrations: first those to be hidden, then by urgency and due time.

    Each prefix and priority is a separate range of the index: registrations that belong
    to other accounts, or are not due yet, are not read.

    :param prefixes: the prefixes of one account.
    """
    if not prefixes:
        return []
    token = uuid.uuid4()
    given = {"token": token, "lease_seconds": lease_seconds, "most": limit}
    rows = db.session.execute(claim_statement(), given | ranges_of(prefixes)).mappings()
    claims = [Claim(token=token, **row) for row in rows]
    db.session.commit()
    for newer in [claim for claim in claims if isinstance(claim.kind, Newer)]:
        _leave_to_newer(newer)
        claims.remove(newer)
    return sorted(claims, key=lambda claim: claim.after_loss)


def _leave_to_newer(claim: Claim) -> None:
    """Leave a kind of DOI that this version does not recognize to a newer worker."""
    logger.warning("doi.claim.newer", extra={"doi": claim.doi, "kind": claim.kind})
    later = clock.later(NEWER_SECONDS)
    update_claimed(claim, lease_token=None, lease_until=None, due_at=later)
    db.session.commit()


@cache
def claim_statement() -> sa.Update:
    """Return the statement of :func:`claim`.

    It is cached, because building it takes longer than running it.
    """
    row = REGISTRATION.c
    free = sa.or_(row.lease_until.is_(None), row.lease_until <= _moment())
    limit = sa.bindparam("most", type_=sa.Integer)
    ranges, found = due_ranges(
        limit,
        row.id,
        row.lease_token.label("before"),
        row.priority,
        row.due_at,
        where=free,
        lock=True,
    )
    due = (
        sa.select(found.c.id, found.c.before)
        .select_from(ranges.join(found, sa.true()))
        .order_by(found.c.priority, found.c.due_at)
        .limit(limit)
        .cte("due")
    )
    return (
        sa.update(REGISTRATION)
        .where(row.id == due.c.id)
        .values(
            lease_token=sa.bindparam("token", type_=row.lease_token.type),
            lease_until=clock.later(sa.bindparam("lease_seconds", type_=sa.Float)),
            # A registration that may have killed its worker must not be first again.
            due_at=sa.case((due.c.before.is_not(None), clock.now()), else_=row.due_at),
        )
        .returning(*COLUMNS, due.c.before.is_not(None).label("after_loss"))
    )


def ranges_of(prefixes: Collection[str]) -> dict[str, list[Any]]:
    """Return the parameters of :func:`due_ranges`."""
    pairs = [(prefix, int(priority)) for prefix in prefixes for priority in Priority]
    return {
        "prefixes": [prefix for prefix, _priority in pairs],
        "priorities": [priority for _prefix, priority in pairs],
    }


def due_ranges(
    limit: Any, *columns: Any, where: Any = True, lock: bool = False
) -> tuple[Any, Any]:
    """Return a query for due registrations, by prefix and priority.

    Each prefix and priority is a separate range of the index: registrations that belong
    to other accounts, or are not due yet, are not read. The parameters of the statement
    are those of :func:`ranges_of`.

    :param limit: the maximum number of rows of each range.
    :param lock: lock the rows, and skip those that are locked already.
    :returns: the ranges (``prefix``, ``priority``), and the subquery to join to them.
    """
    ranges = (
        sa.func.unnest(
            sa.bindparam("prefixes", type_=ARRAY(sa.String)),
            sa.bindparam("priorities", type_=ARRAY(sa.SmallInteger)),
        )
        .table_valued(
            sa.column("prefix", sa.String), sa.column("priority", sa.SmallInteger)
        )
        .render_derived(name="ranges")
    )
    found = (
        sa.select(*columns)
        .where(
            REGISTRATION.c.prefix == ranges.c.prefix,
            REGISTRATION.c.priority == ranges.c.priority,
            REGISTRATION.c.due_at <= _moment(),
            where,
        )
        .order_by(REGISTRATION.c.due_at)
        .limit(limit)
    )
    if lock:
        found = found.with_for_update(skip_locked=True)
    return ranges, found.lateral("found")


def is_due() -> bool:
    """Return whether anything is due now."""
    ranges, found = due_ranges(1, REGISTRATION.c.id)
    statement = sa.select(found.c.id).select_from(ranges.join(found, sa.true()))
    given = ranges_of(due_prefixes())
    is_due = db.session.scalar(statement.limit(1), given) is not None
    db.session.commit()
    return is_due


def _moment() -> Any:
    """Return the time, as a subquery that is evaluated once per statement.

    A volatile function cannot be an index condition.
    """
    return sa.select(clock.now()).scalar_subquery()


def due_prefixes() -> list[str]:
    """Return the prefixes of registrations that are due, now or later.

    Walks from one prefix to the next in the index, and reads one row of each.
    """
    waiting = REGISTRATION.c.due_at.is_not(None)
    first = sa.select(sa.func.min(REGISTRATION.c.prefix).label("prefix")).where(waiting)
    walk = first.cte("walk", recursive=True)
    following = (
        sa.select(sa.func.min(REGISTRATION.c.prefix))
        .where(waiting, REGISTRATION.c.prefix > walk.c.prefix)
        .scalar_subquery()
    )
    walk = walk.union_all(sa.select(following).where(walk.c.prefix.is_not(None)))
    found = list(
        db.session.scalars(sa.select(walk.c.prefix).where(walk.c.prefix.is_not(None)))
    )
    db.session.commit()
    return found


def begin(
    claims: Sequence[Claim], lease_seconds: float, writes: bool = True
) -> set[uuid.UUID]:
    """Check that claims may still be sent, right before they are, and record it.

    From here until an answer, it is not known which of the two targets DataCite holds:
    a worker that dies in between must not leave the old digest as the confirmed one.

    A claim that was overtaken has to be given back, with :func:`give_back`: the record
    may have been restricted since its target was built. Rows that a web request has
    locked at this moment are about to be overtaken; they are not waited for, because
    the request has to be sent immediately after the check.

    :param lease_seconds: the new duration of the leases.
    :param writes: False: DataCite is only queried, which puts nothing in doubt.
    :returns: the ``id`` of the claims that are still held; nothing may be sent for the
        others.
    """
    values = arrays(_BEGUN, map(vars, claims)) | {"lease_seconds": lease_seconds}
    held = set(db.session.scalars(begin_statement(writes), values))
    db.session.commit()
    return held


_BEGUN = {"id": Uuid, "token": Uuid, "revision": sa.Integer}


@cache
def begin_statement(writes: bool) -> sa.Update:
    """Return the statement of :func:`begin`."""
    row = REGISTRATION.c
    new = given(_BEGUN)
    free = (
        sa.select(row.id)
        .select_from(new.join(REGISTRATION, row.id == new.c.id))
        .where(
            row.lease_token == new.c.token,
            row.lease_until > clock.now(),
            row.revision == new.c.revision,
        )
        .with_for_update(skip_locked=True, of=REGISTRATION)
        .cte("free")
    )
    values: dict[str, Any] = {
        "lease_until": clock.later(sa.bindparam("lease_seconds", type_=sa.Float))
    }
    if writes:
        values["in_doubt"] = True
    return (
        sa.update(REGISTRATION)
        .where(row.id == free.c.id)
        .values(**values)
        .returning(row.id)
    )


def give_back(claims: Sequence[Claim]) -> list[Claim]:
    """Give claims back, due now, without waiting for rows that requests have locked.

    :returns: the claims whose rows are locked; they have to be given back later.
    """
    left = []
    for claim in claims:
        mine = sa.select(REGISTRATION.c.id).where(
            REGISTRATION.c.id == claim.id, REGISTRATION.c.lease_token == claim.token
        )
        if db.session.scalar(mine.with_for_update(skip_locked=True)) is not None:
            update_claimed(
                claim, lease_token=None, lease_until=None, due_at=clock.now()
            )
        elif db.session.scalar(mine) is not None:
            left.append(claim)
    db.session.commit()
    return left


def update_claimed(claim: Claim, **values: Any) -> bool:
    """Change the row of a claim, without commit; return False if the claim was lost."""
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

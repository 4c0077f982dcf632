# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Requests for the delivery of many DOIs, in small steps.

A web request inserts one row, such as "the records of this community". A worker
processes the registrations batch by batch, each in a separate transaction, and
continues where it stopped. It waits for no lock while it holds others, so that a user
who edits a record does not wait for long, and no deadlock is possible.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy_utils.types import UUIDType

from ..records import owners
from ..records.communities import members
from ..records.versions import version_ids
from . import intake
from .models import Mark, Priority, Registration, Status

BATCH = 250
"""Registrations, or parents, per transaction."""

ALL, PARENT, COMMUNITY = "all", "parent", "community"

MARK = Mark.__table__
REGISTRATION = Registration.__table__


def note_all(distrust: bool = False) -> None:
    """Record that the targets of all DOIs may have changed.

    :param distrust: do not trust the stored values.
    """
    db.session.execute(sa.insert(MARK).values(scope=ALL, distrust=distrust, done=0))


def left() -> list[dict[str, Any]]:
    """Return the marks that are not completed."""
    rows = db.session.execute(sa.select(MARK).order_by(MARK.c.id)).mappings().all()
    db.session.rollback()
    return [
        {
            "scope": row["scope"],
            "scope_id": str(row["scope_id"]) if row["scope_id"] else None,
            "done": row["done"],
            "created": row["created"].isoformat(),
        }
        for row in rows
    ]


def note_parent(parent_id: uuid.UUID, execute: Callable[[Any], Any]) -> None:
    """Record that the targets of a record's versions may have changed.

    Nothing is recorded for a record that has no DOI yet: its delivery is requested when
    it gets one.

    :param execute: runs the statement, because the session must not during a flush.
    """
    # One list instead of OR, with which PostgreSQL would read all registrations.
    itself = sa.select(sa.literal(parent_id, UUIDType()))
    has_dois = sa.select(sa.literal(1)).where(
        REGISTRATION.c.owner_id.in_(itself.union_all(version_ids([parent_id])))
    )
    _note_if(has_dois, PARENT, parent_id, execute)


def note_community(community_id: uuid.UUID, execute: Callable[[Any], Any]) -> None:
    """Record that the targets of a community's records may have changed.

    :param execute: runs the statement, because the session must not during a flush.
    """
    has_records = members(community_id)
    _note_if(has_records, COMMUNITY, community_id, execute)


def _note_if(
    some: sa.Select[Any],
    scope: str,
    scope_id: uuid.UUID,
    execute: Callable[[Any], Any],
) -> None:
    values = sa.select(
        sa.literal(scope), sa.literal(scope_id, UUIDType()), sa.false(), sa.literal(0)
    )
    execute(
        sa.insert(MARK).from_select(
            ["scope", "scope_id", "distrust", "done"], values.where(some.exists())
        )
    )


def go_on(prefixes: Collection[str]) -> int | None:
    """Process one more batch.

    :param prefixes: the prefixes of all accounts; DOIs with others no longer belong to
        this site.
    :returns: the number of registrations that were marked; None: nothing is left, or
        other workers are processing it.
    """
    count = _parents(prefixes)
    return count if count is not None else _many(prefixes)


def _parents(prefixes: Collection[str]) -> int | None:
    """Process the marks for single records: many at once, and before all others."""
    marks = db.session.execute(
        sa.select(MARK.c.id, MARK.c.scope_id)
        .where(MARK.c.scope == PARENT)
        .order_by(MARK.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not marks:
        db.session.rollback()
        return None
    owners_ = _owners([mark.scope_id for mark in marks])
    count = _raise_all(_ids(owners_, prefixes), False)
    db.session.execute(sa.delete(MARK).where(MARK.c.id.in_([m.id for m in marks])))
    db.session.commit()
    return count


def _many(prefixes: Collection[str]) -> int | None:
    """Continue with a mark for many records."""
    mark = db.session.execute(
        sa.select(MARK)
        # Excludes scopes that only a newer version records.
        .where(MARK.c.scope.in_([ALL, COMMUNITY]))
        .order_by(MARK.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if mark is None:
        db.session.rollback()
        return None
    batch = _next(mark, prefixes)
    if not batch:
        db.session.execute(sa.delete(MARK).where(MARK.c.id == mark.id))
        db.session.commit()
        return 0
    ids = batch if mark.scope == ALL else _ids(_owners(batch), prefixes)
    count = _raise_all(ids, mark.distrust)
    # Last: if the worker dies before, the same batch is processed again.
    db.session.execute(
        sa.update(MARK)
        .where(MARK.c.id == mark.id, MARK.c.cursor.is_not_distinct_from(mark.cursor))
        .values(cursor=batch[-1], done=MARK.c.done + count)
    )
    db.session.commit()
    return count


def _next(mark: Any, prefixes: Collection[str]) -> Sequence[uuid.UUID]:
    """Return the next ids of a mark: of registrations, or of parents in a community."""
    statement: Any = sa.select(REGISTRATION.c.id).where(
        REGISTRATION.c.prefix.in_(prefixes)
    )
    if not mark.distrust:
        # Nothing has to be sent for the DOI of a draft; but if the stored state is old,
        # the DOI may be a record's by now.
        statement = statement.where(REGISTRATION.c.status != Status.RESERVED.value)
    if mark.scope == COMMUNITY:
        statement = members(mark.scope_id)
    (column,) = statement.selected_columns
    if mark.cursor is not None:
        statement = statement.where(column > mark.cursor)
    return list(db.session.scalars(statement.order_by(column).limit(BATCH)))


def _owners(parents: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    return [*parents, *db.session.scalars(version_ids(parents))]


def _ids(
    owner_ids: Sequence[uuid.UUID], prefixes: Collection[str]
) -> Sequence[uuid.UUID]:
    return list(
        db.session.scalars(
            sa.select(REGISTRATION.c.id).where(
                REGISTRATION.c.owner_id.in_(owner_ids),
                REGISTRATION.c.prefix.in_(prefixes),
                REGISTRATION.c.status != Status.RESERVED.value,
            )
        )
    )


def _raise_all(ids: Sequence[uuid.UUID], distrust: bool) -> int:
    """Raise wanted revisions and commit; wait for locked rows one by one."""
    raised = set(_raise(ids, distrust, skip_locked=True))
    db.session.commit()
    for id_ in ids:
        # A request or a delivery has locked it: no other lock is held while waiting.
        if id_ not in raised:
            _raise([id_], distrust, skip_locked=False)
            db.session.commit()
    return len(ids)


def _raise(
    ids: Sequence[uuid.UUID], distrust: bool, skip_locked: bool
) -> Sequence[uuid.UUID]:
    """Raise the wanted revision of registrations; return the ids of those raised."""
    free = (
        sa.select(REGISTRATION.c.id)
        .where(REGISTRATION.c.id.in_(ids))
        .order_by(REGISTRATION.c.id)
        .with_for_update(skip_locked=skip_locked)
        .cte("free")
    )
    values = intake.raised()
    if distrust:
        values |= dict(made_here=False, confirmed_account=None, confirmed_digest=None)
    raised = db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == free.c.id)
        .values(**values)
        .returning(REGISTRATION.c.id, REGISTRATION.c.owner_id, REGISTRATION.c.status)
    ).all()
    if distrust:
        _put_forward(raised)
    return [row.id for row in raised]


def _put_forward(raised: Sequence[Any]) -> None:
    """Raise the priority of DOIs that are not public here: DataCite may show them.

    DOIs that DataCite never had, according to the stored state, come before the rest of
    the synchronization only, and not before users who wait.
    """
    published = [row for row in raised if row.status is not Status.RESERVED]
    shown = owners.shown({row.owner_id for row in published})
    hidden = [row.id for row in published if row.owner_id not in shown]
    heard = sa.or_(REGISTRATION.c.confirmed_state.is_not(None), REGISTRATION.c.in_doubt)
    first = sa.case((heard, int(Priority.HIDE)), else_=int(Priority.BACKLOG))
    if hidden:
        db.session.execute(
            sa.update(REGISTRATION)
            .where(REGISTRATION.c.id.in_(hidden))
            .values(priority=sa.func.least(REGISTRATION.c.priority, first))
        )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Asks for the delivery of many DOIs, in small steps.

A request notes one row: "the records of this community". A worker goes through them
batch by batch, each in a transaction of its own, and goes on where it stopped. No lock
is waited for while others are held, so that nobody who edits a record waits for long,
and no deadlock is possible.
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
    """Note that all DOIs may say something else now.

    :param distrust: believe nothing that is written down of them.
    """
    db.session.execute(sa.insert(MARK).values(scope=ALL, distrust=distrust, done=0))


def left() -> list[dict[str, Any]]:
    """What is still to be gone through."""
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
    """Note that the versions of a record may say something else now.

    Nothing is noted of a record that has no DOI yet: it is asked for when it gets one.

    :param execute: runs the statement: in the middle of a flush the session may not.
    """
    # As one list: with OR, PostgreSQL would read all registrations.
    itself = sa.select(sa.literal(parent_id, UUIDType()))
    has_dois = sa.select(sa.literal(1)).where(
        REGISTRATION.c.owner_id.in_(itself.union_all(version_ids([parent_id])))
    )
    _note_if(has_dois, PARENT, parent_id, execute)


def note_community(community_id: uuid.UUID, execute: Callable[[Any], Any]) -> None:
    """Note that the records of a community may say something else now.

    :param execute: runs the statement: in the middle of a flush the session may not.
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
    """Go through one more batch.

    :param prefixes: of all accounts; DOIs with others are not this site's any more.
    :returns: how many registrations were marked; None: there is nothing left, or other
        workers are at it.
    """
    count = _parents(prefixes)
    return count if count is not None else _many(prefixes)


def _parents(prefixes: Collection[str]) -> int | None:
    """Go through what was noted of single records: many at once, before all else."""
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
    """Go on with what was noted of many records."""
    mark = db.session.execute(
        sa.select(MARK)
        # Not what a newer version notes.
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
    # Last: a worker that dies before does the same batch again.
    db.session.execute(
        sa.update(MARK)
        .where(MARK.c.id == mark.id, MARK.c.cursor.is_not_distinct_from(mark.cursor))
        .values(cursor=batch[-1], done=MARK.c.done + count)
    )
    db.session.commit()
    return count


def _next(mark: Any, prefixes: Collection[str]) -> Sequence[uuid.UUID]:
    """The next ids of a mark: of registrations, or of parents in a community."""
    statement: Any = sa.select(REGISTRATION.c.id).where(
        REGISTRATION.c.prefix.in_(prefixes)
    )
    if not mark.distrust:
        # A draft's DOI has nothing to be sent; but if what is written down is old, it
        # may be a record's by now.
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
    """Raise registrations, and commit; what is held is waited for one by one."""
    raised = set(_raise(ids, distrust, skip_locked=True))
    db.session.commit()
    for id_ in ids:
        # A request or a delivery held it: nothing else is held while it is waited for.
        if id_ not in raised:
            _raise([id_], distrust, skip_locked=False)
            db.session.commit()
    return len(ids)


def _raise(
    ids: Sequence[uuid.UUID], distrust: bool, skip_locked: bool
) -> Sequence[uuid.UUID]:
    """Raise the wanted revision of registrations; returns those that it could."""
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
    """What nobody may see here goes first: DataCite may show it.

    What DataCite never had, as far as is written down, goes before the rest of the
    synchronisation only, and not before people who wait.
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Requests for delivery, recorded inside the transaction of a web request.

Each request is one statement and uses no network: a committed publish has a committed
registration, a rolled-back one has none.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.dialects.postgresql import Insert, insert

from ..doi import doi_key
from .given import arrays, given
from .models import Kind, Priority, Registration, Status

REGISTRATION = Registration.__table__

MANY = 20
"""A user with more due DOIs than this waits behind users with fewer."""


def reserve(
    doi: str,
    kind: Kind,
    owner_id: uuid.UUID,
    remotely: bool = False,
    made_here: bool = True,
) -> None:
    """Record that a DOI is reserved for a draft; keep an existing registration.

    :param remotely: request a draft DOI at DataCite, too.
    :param made_here: whether the DOI was generated from the FORMAT; False: it was
        supplied, and DataCite is queried before anything is sent.
    """
    wanted: dict[str, Any] = {"revision": 0}
    if remotely:
        wanted = {"revision": 1, "due_at": sa.func.now()}
    db.session.execute(
        insert(Registration)
        .values(
            **_identity(doi, kind, owner_id),
            status=Status.RESERVED,
            made_here=made_here,
            **wanted,
        )
        .on_conflict_do_nothing(index_elements=[Registration.doi_key])
    )


@dataclass(frozen=True)
class Request:
    """A request to bring DataCite up to date about a DOI.

    :param by: the requesting user, as the host identifies users. A user who already has
        many DOIs due waits behind the others.
    :param made_here: whether the DOI was generated from the FORMAT just now, as in
        :func:`reserve`; has no effect on a DOI that has a row.
    """

    doi: str
    kind: Kind
    owner_id: uuid.UUID
    priority: Priority = Priority.URGENT
    by: str | None = None
    made_here: bool = False


def request(doi: str, kind: Kind, owner_id: uuid.UUID, by: str | None = None) -> None:
    """Request the delivery of one DOI; see :func:`request_all`."""
    request_all([Request(doi, kind, owner_id, by=by)])


def request_all(requests: Sequence[Request]) -> None:
    """Request the delivery of some DOIs, due now, in one statement.

    Waits for nothing and sends nothing: it only increments the wanted revision. A DOI
    without a row existed before this package (unless ``made_here``): it is unknown, and
    DataCite is queried before anything is decided.
    """
    rows = {doi_key(wanted.doi): wanted for wanted in requests}
    if not rows:
        return
    db.session.execute(
        request_statement(),
        arrays(_TYPES, (_values(key, wanted) for key, wanted in rows.items())),
    )


_TYPES: dict[str, Any] = {
    "id": Uuid,
    "doi": sa.String,
    "doi_key": sa.String,
    "kind": sa.String,
    "owner_id": Uuid,
    "priority": sa.SmallInteger,
    "requested_by": sa.String,
    "made_here": sa.Boolean,
}


def _values(key: str, wanted: Request) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "doi": wanted.doi,
        "doi_key": key,
        "kind": wanted.kind.value,
        "owner_id": wanted.owner_id,
        "priority": int(wanted.priority),
        "requested_by": wanted.by,
        "made_here": wanted.made_here,
    }


@cache
def request_statement() -> Insert:
    """Return the statement of :func:`request_all`.

    It is cached, because building it takes longer than running it.
    """
    new = given(_TYPES)
    now, row = sa.func.now(), REGISTRATION.c
    values = {
        **{name: new.c[name] for name in _TYPES},
        "priority": _priority(new.c.priority, new.c.requested_by),
        "status": sa.literal(Status.PENDING.value, sa.String),
        "revision": sa.literal(1),
        "due_at": now,
    }
    # In a fixed order: requests for the same DOIs must not wait for each other.
    rows = sa.select(*values.values()).order_by(new.c.doi_key)
    statement = insert(REGISTRATION).from_select(list(values), rows)
    excluded = statement.excluded
    is_bulk = excluded.priority == int(Priority.BULK)
    return statement.on_conflict_do_update(
        index_elements=[row.doi_key],
        set_={
            # A DOI that was released and used again has another owner.
            "kind": excluded.kind,
            "owner_id": excluded.owner_id,
            "revision": row.revision + 1,
            "status": sa.case((is_bulk, row.status), else_=Status.PENDING.value),
            "due_at": now,
            "priority": _first_priority(excluded.priority),
            "requested_by": excluded.requested_by,
            "failures": 0,
            "updated": now,
        },
    )


def request_removal(doi: str, kind: Kind, owner_id: uuid.UUID) -> None:
    """Record that a DOI is to be removed from its record with the next publish."""
    db.session.execute(
        insert(Registration)
        .values(
            **_identity(doi, kind, owner_id),
            status=Status.PENDING,
            revision=0,
            removal=True,
        )
        .on_conflict_do_update(
            index_elements=[Registration.doi_key], set_={"removal": True}
        )
    )


def end_removal(doi: str) -> None:
    """Record that a DOI was removed from its record; if added again, it stays."""
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi_key == doi_key(doi))
        .values(removal=False)
        .execution_options(synchronize_session=False)
    )


def is_removal_requested(doi: str) -> bool:
    """Return whether a DOI is to be removed from its record with the next publish."""
    return bool(
        db.session.scalar(
            sa.select(Registration.removal).where(Registration.doi_key == doi_key(doi))
        )
    )


def take_over(doi: str, kind: Kind, owner_id: uuid.UUID) -> None:
    """Record that the DOI that DataCite holds is this repository's, and update it.

    For a DOI whose URL leads to another site: nothing is written to it until then.
    """
    request(doi, kind, owner_id)
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi_key == doi_key(doi))
        .values(taken_over=True)
        .execution_options(synchronize_session=False)
    )


def request_again(doi: str) -> None:
    """Request the delivery of a DOI, regardless of its current owner.

    Does nothing to a DOI without a registration.
    """
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi_key == doi_key(doi))
        .values(**raised(Priority.URGENT))
        .execution_options(synchronize_session=False)
    )


def discard(doi: str) -> None:
    """Delete the registration of a DOI that DataCite never had; else request delivery.

    DataCite may have the DOI after an attempt without an answer: then the row stays,
    and the delivery finds that the DOI no longer has a public record.
    """
    removed = db.session.execute(
        sa.delete(Registration).where(
            Registration.doi_key == doi_key(doi),
            Registration.confirmed_state.is_(None),
            Registration.in_doubt.is_(False),
        )
    ).rowcount
    if not removed:
        request_again(doi)


def _identity(doi: str, kind: Kind, owner_id: uuid.UUID) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "doi": doi,
        "doi_key": doi_key(doi),
        "kind": kind,
        "owner_id": owner_id,
    }


def raised(priority: Priority = Priority.BULK) -> dict[str, Any]:
    """Return the changes to a registration that is to be delivered again."""
    now = sa.func.now()
    return {
        "revision": Registration.revision + 1,
        "due_at": now,
        "priority": _first_priority(int(priority)),
        "status": _raised_status(priority),
        "failures": 0,
        "updated": now,
    }


def _priority(priority: Any, by: Any) -> Any:
    """Return the priority of a request: less urgent if its user has many DOIs due."""
    waiting = (
        sa.select(sa.literal(1))
        .where(
            REGISTRATION.c.requested_by == by, REGISTRATION.c.due_at <= sa.func.now()
        )
        .limit(MANY + 1)
        .correlate_except(REGISTRATION)
        .subquery()
    )
    count = sa.select(sa.func.count()).select_from(waiting).scalar_subquery()
    return sa.case(
        (
            sa.and_(priority == int(Priority.URGENT), by.is_not(None), count > MANY),
            int(Priority.BACKLOG),
        ),
        else_=priority,
    )


def _first_priority(priority: Any) -> Any:
    """Return the new priority; a due registration keeps one that is more urgent.

    A user may be waiting for it, or it has to be hidden.
    """
    return sa.case(
        (
            Registration.due_at.is_not(None),
            sa.func.least(Registration.priority, priority),
        ),
        else_=priority,
    )


def _raised_status(priority: Priority) -> Any:
    """Return the new status; a bulk request keeps it, as most DOIs are up to date."""
    return Registration.status if priority is Priority.BULK else Status.PENDING

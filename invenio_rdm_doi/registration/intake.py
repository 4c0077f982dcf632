# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Says, inside the transaction of a web request, what has to be delivered.

One statement each, no network: a committed publish has a committed registration,
a rolled-back one has none.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from .models import Kind, Priority, Registration, Status

Execute = Callable[[Any], Any]


def reserve(doi: str, kind: Kind, owner_id: uuid.UUID, remotely: bool = False) -> None:
    """Note that a DOI is kept for a draft. Does nothing to a DOI that is known.

    :param remotely: ask for a draft DOI at DataCite, too.
    """
    wanted = {"revision": 1, "due_at": sa.func.now()} if remotely else {"revision": 0}
    db.session.execute(
        insert(Registration)
        .values(
            id=uuid.uuid4(),
            doi=doi,
            kind=kind,
            owner_id=owner_id,
            status=Status.RESERVED,
            **wanted,
        )
        .on_conflict_do_nothing(index_elements=[Registration.doi])
    )


def request(doi: str, kind: Kind, owner_id: uuid.UUID) -> None:
    """Ask that DataCite is brought up to date about a DOI, now.

    Waits for nothing and sends nothing: it only raises the wanted revision.
    """
    now = sa.func.now()
    statement = insert(Registration).values(
        id=uuid.uuid4(),
        doi=doi,
        kind=kind,
        owner_id=owner_id,
        status=Status.PENDING,
        revision=1,
        due_at=now,
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Registration.doi],
            set_={
                # A DOI that was given back and taken again has another owner.
                "kind": statement.excluded.kind,
                "owner_id": statement.excluded.owner_id,
                "revision": Registration.revision + 1,
                "status": Status.PENDING,
                "due_at": now,
                "priority": Priority.URGENT,
                "failures": 0,
                "updated": now,
            },
        )
    )


def request_again(doi: str) -> None:
    """Ask for delivery of a DOI that is known, whoever has it now.

    Does nothing to a DOI that is not known here.
    """
    _increment(Priority.URGENT, Registration.doi == doi)


def request_all() -> int:
    """Ask for delivery of every DOI that DataCite has or should have.

    Behind everything that somebody waits for. What did not change is not sent.

    :returns: how many.
    """
    return _increment(Priority.BULK, Registration.status != Status.RESERVED)


def request_for_owners(owners: Any, execute: Execute | None = None) -> int:
    """Ask for delivery of the DOIs of records or parents that say something else now.

    Behind everything that somebody waits for. What did not change is not sent.

    :param owners: ``owner_id`` of the registrations: a list, or a subquery.
    :param execute: runs the statement, where the session may not.
    :returns: how many.
    """
    return _increment(
        Priority.BULK,
        Registration.status != Status.RESERVED,
        Registration.owner_id.in_(owners),
        execute=execute,
    )


def discard(doi: str) -> None:
    """Forget a reserved DOI of which DataCite never heard; else ask for delivery.

    DataCite may know it after an attempt without an answer: then the row stays, and
    the delivery finds that nothing public is left behind the DOI.
    """
    removed = db.session.execute(
        sa.delete(Registration).where(
            Registration.doi == doi,
            Registration.confirmed_state.is_(None),
            Registration.in_doubt.is_(False),
        )
    ).rowcount
    if not removed:
        request_again(doi)


def _increment(
    priority: Priority, *where: sa.ColumnElement[bool], execute: Execute | None = None
) -> int:
    now = sa.func.now()
    # What is due for somebody who waits stays in front of everything else.
    urgent = sa.and_(
        Registration.due_at.is_not(None), Registration.priority == Priority.URGENT
    )
    values = {
        "revision": Registration.revision + 1,
        "due_at": now,
        "priority": sa.case((urgent, Priority.URGENT), else_=priority),
        "failures": 0,
        "updated": now,
    }
    if priority is Priority.URGENT:
        # A synchronisation finds most of them as they should be: they stay what they
        # are until something else is known.
        values["status"] = Status.PENDING
    run = execute or db.session.execute
    return run(
        sa.update(Registration)
        .where(*where)
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount

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

from ..doi import doi_key
from .models import Kind, Priority, Registration, Status

Execute = Callable[[Any], Any]


def reserve(
    doi: str,
    kind: Kind,
    owner_id: uuid.UUID,
    remotely: bool = False,
    made_here: bool = True,
) -> None:
    """Note that a DOI is kept for a draft. Does nothing to a DOI that is known.

    :param remotely: ask for a draft DOI at DataCite, too.
    :param made_here: it was made from the FORMAT; False: somebody brought it, and
        DataCite is asked what it has before anything is sent.
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


def request(
    doi: str,
    kind: Kind,
    owner_id: uuid.UUID,
    priority: Priority = Priority.URGENT,
) -> None:
    """Ask that DataCite is brought up to date about a DOI, now.

    Waits for nothing and sends nothing: it only raises the wanted revision. A DOI
    without a row was there before this package: it is unknown, and DataCite is asked
    before anything is decided.
    """
    now = sa.func.now()
    statement = insert(Registration).values(
        **_identity(doi, kind, owner_id),
        status=Status.PENDING,
        revision=1,
        due_at=now,
        priority=priority,
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Registration.doi_key],
            set_={
                # A DOI that was given back and taken again has another owner.
                "kind": statement.excluded.kind,
                "owner_id": statement.excluded.owner_id,
                "revision": Registration.revision + 1,
                "status": _raised_status(priority),
                "due_at": now,
                "priority": _first_priority(priority),
                "failures": 0,
                "updated": now,
            },
        )
    )


def request_removal(doi: str, kind: Kind, owner_id: uuid.UUID) -> None:
    """Note that a DOI is to be taken off its record with the next publish."""
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
    """Note that a DOI was taken off its record; given again, it stays."""
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi_key == doi_key(doi))
        .values(removal=False)
        .execution_options(synchronize_session=False)
    )


def is_removal_requested(doi: str) -> bool:
    """Whether a DOI is to be taken off its record with the next publish."""
    return bool(
        db.session.scalar(
            sa.select(Registration.removal).where(Registration.doi_key == doi_key(doi))
        )
    )


def take_over(doi: str, kind: Kind, owner_id: uuid.UUID) -> None:
    """Note that what DataCite has of a DOI is this repository's, and update it.

    For a DOI whose URL leads elsewhere: nothing is written to it before.
    """
    request(doi, kind, owner_id)
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi_key == doi_key(doi))
        .values(taken_over=True)
        .execution_options(synchronize_session=False)
    )


def request_again(doi: str) -> None:
    """Ask for delivery of a DOI that is known, whoever has it now.

    Does nothing to a DOI that is not known here.
    """
    _increment(Priority.URGENT, Registration.doi_key == doi_key(doi))


def request_all() -> int:
    """Ask for delivery of every DOI that DataCite has or should have.

    Behind everything that somebody waits for. What did not change is not sent.

    :returns: how many.
    """
    return _increment(Priority.BULK, Registration.status != Status.RESERVED)


def distrust_all() -> int:
    """Ask for delivery of every DOI, and believe nothing that is written down here.

    After a database was restored, DataCite may have what came later: it is asked about
    each DOI before anything is decided.

    :returns: how many.
    """
    db.session.execute(
        sa.update(Registration)
        .values(made_here=False, confirmed_account=None, confirmed_digest=None)
        .execution_options(synchronize_session=False)
    )
    return request_all()


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


def _increment(
    priority: Priority, *where: sa.ColumnElement[bool], execute: Execute | None = None
) -> int:
    now = sa.func.now()
    values = {
        "revision": Registration.revision + 1,
        "due_at": now,
        "priority": _first_priority(priority),
        "status": _raised_status(priority),
        "failures": 0,
        "updated": now,
    }
    run = execute or db.session.execute
    return run(
        sa.update(Registration)
        .where(*where)
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount


def _first_priority(priority: Priority) -> Any:
    """What is due for somebody who waits, or has to be hidden, stays in front."""
    return sa.case(
        (
            Registration.due_at.is_not(None),
            sa.func.least(Registration.priority, int(priority)),
        ),
        else_=int(priority),
    )


def _raised_status(priority: Priority) -> Any:
    """A bulk request finds most DOIs as they should be: they stay what they are."""
    return Registration.status if priority is Priority.BULK else Status.PENDING

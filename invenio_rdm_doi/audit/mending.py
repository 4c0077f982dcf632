# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Writes what an audit or an adoption decided into the registrations.

Only where nothing else is going on: a registration that is due, or that a delivery
holds, is left alone. Nothing is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as Uuid

from ..datacite.answers import clean_all
from ..registration import clock, intake
from ..registration.models import Priority, Registration, Status
from ..states import FINDABLE, REGISTERED
from .models import Problem

REGISTRATION = Registration.__table__
PID = PersistentIdentifier.__table__


def make_due(row: Any, problem: Problem, state: str | None) -> bool:
    """Have a registration delivered again, in the transaction.

    What this account once confirmed is this repository's, whatever somebody did to it
    since: it is sent. What it did not confirm is unknown, and DataCite is asked first.

    :param state: what DataCite has now; None: nothing.
    :returns: whether it was; a row that somebody holds is left alone.
    """
    values: dict[str, Any] = {"confirmed_digest": None, "confirmed_state": state}
    if problem is Problem.ELSEWHERE:
        values = {"confirmed_digest": None, "confirmed_account": None}
    exposed = problem is Problem.EXPOSED
    values |= intake.raised(Priority.HIDE if exposed else Priority.BULK)
    values |= {"status": Status.PENDING.value, "made_here": False}
    done = _update(row, **values)
    if done and problem is Problem.MISSING:
        set_pids([row.doi], PIDStatus.RESERVED)
    return done


def set_pids(dois: Sequence[str], status: PIDStatus) -> None:
    """Make PIDStore say REGISTERED, or RESERVED again, in the transaction."""
    before = [PIDStatus.REGISTERED]
    if status is PIDStatus.REGISTERED:
        before = [PIDStatus.NEW, PIDStatus.RESERVED]
    if dois:
        db.session.execute(
            sa.update(PID)
            .where(
                PID.c.pid_type == "doi",
                PID.c.pid_value.in_(dois),
                PID.c.status.in_(before),
            )
            .values(status=status)
        )


@dataclass(frozen=True)
class Adoption:
    """What DataCite has of a DOI that was never confirmed.

    :param account: see ``settings.model.Account.id``; None: it is not ours.
    :param state: what DataCite has; None: nothing.
    :param digest: of the target, if DataCite has exactly that.
    :param status: that people see.
    :param error: why it is not ours, as in :attr:`Registration.error`.
    """

    row: Any
    account: str | None
    state: str | None
    url: str | None
    version: int | None
    digest: str | None
    status: Status
    error: dict[str, Any] | None = None


_TYPES: dict[str, Any] = {
    "id": Uuid,
    "revision": sa.Integer,
    "account": sa.String,
    "state": sa.String,
    "url": sa.String,
    "version": sa.Integer,
    "digest": sa.String,
    "status": sa.String,
    "error": sa.String,
}
_GIVEN = (
    sa.func.unnest(
        *(sa.bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in _TYPES.items())
    )
    .table_valued(*(sa.column(name, kind) for name, kind in _TYPES.items()))
    .render_derived(name="given")
)


def adopt(adoptions: Sequence[Adoption]) -> None:
    """Write verdicts, in the transaction. Nothing becomes due."""
    if not adoptions:
        return
    done = set(db.session.scalars(_adopt_statement(), _parameters(adoptions)))
    registered: list[str] = []
    reserved: list[str] = []
    for item in adoptions:
        if item.row.id in done and item.account is not None:
            held = item.state in (FINDABLE, REGISTERED)
            (registered if held else reserved).append(item.row.doi)
    set_pids(registered, PIDStatus.REGISTERED)
    set_pids(reserved, PIDStatus.RESERVED)


def _parameters(adoptions: Sequence[Adoption]) -> dict[str, list[Any]]:
    return {
        "ids": [item.row.id for item in adoptions],
        "revisions": [item.row.revision for item in adoptions],
        "accounts": [item.account for item in adoptions],
        "states": [item.state for item in adoptions],
        "urls": [item.url for item in adoptions],
        "versions": [item.version for item in adoptions],
        "digests": [item.digest for item in adoptions],
        "statuss": [item.status.value for item in adoptions],
        "errors": [
            json.dumps(clean_all(item.error)) if item.error else None
            for item in adoptions
        ],
    }


@cache
def _adopt_statement() -> sa.Update:
    row, given = REGISTRATION.c, _GIVEN.c
    free = (
        sa.select(row.id)
        .select_from(_GIVEN.join(REGISTRATION, row.id == given.id))
        .where(
            row.revision == given.revision,
            row.due_at.is_(None),
            row.lease_token.is_(None),
        )
        .with_for_update(skip_locked=True, of=REGISTRATION)
        .cte("free")
    )
    same = given.digest.is_not(None)
    return (
        sa.update(REGISTRATION)
        .where(row.id == given.id, row.id.in_(sa.select(free.c.id)))
        .values(
            confirmed_account=given.account,
            confirmed_state=given.state,
            confirmed_url=given.url,
            metadata_version=given.version,
            confirmed_digest=given.digest,
            status=given.status,
            error=sa.cast(given.error, JSONB),
            made_here=False,
            in_doubt=sa.case((same, False), else_=row.in_doubt),
            confirmed_revision=sa.case(
                (same, row.revision), else_=row.confirmed_revision
            ),
            confirmed_at=sa.case((same, clock.now()), else_=row.confirmed_at),
            updated=clock.now(),
        )
        .returning(row.id)
    )


def _update(row: Any, **values: Any) -> bool:
    mine = (
        sa.select(REGISTRATION.c.id)
        .where(
            REGISTRATION.c.id == row.id,
            REGISTRATION.c.revision == row.revision,
            REGISTRATION.c.due_at.is_(None),
            REGISTRATION.c.lease_token.is_(None),
        )
        .with_for_update(skip_locked=True)
        .cte("mine")
    )
    return bool(
        db.session.execute(
            sa.update(REGISTRATION)
            .where(REGISTRATION.c.id == mine.c.id)
            .values(**values)
        ).rowcount
    )

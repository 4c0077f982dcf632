# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Writing the decisions of audits and adoptions into the registrations.

A registration that a delivery has claimed is left alone, and so is one that is due,
except that :func:`hurry` gives it priority. Nothing is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as Uuid

from ..datacite.answers import clean_all
from ..registration import clock, intake
from ..registration.given import arrays, given
from ..registration.models import Priority, Registration, Status
from ..registration.pid_statuses import make_agree
from .models import Problem

REGISTRATION = Registration.__table__


def make_due(row: Any, problem: Problem, state: str | None, account: str) -> bool:
    """Make a registration due again, in the current transaction.

    A DOI that this account once confirmed belongs to this repository, regardless of
    later changes at DataCite: it is sent. A DOI that the account did not confirm is
    unknown, and DataCite is queried first.

    :param state: DataCite's current state; None: it does not have the DOI.
    :param account: see ``settings.model.Account.id``.
    :returns: whether it was made due; a row that is claimed or locked is left alone.
    """
    values: dict[str, Any] = {"confirmed_account": None}
    if row.confirmed_account == account:
        values = {"confirmed_state": state}
    exposed = problem is Problem.EXPOSED
    values |= intake.raised(Priority.HIDE if exposed else Priority.BULK)
    values |= {
        "status": Status.PENDING.value,
        "confirmed_digest": None,
        # DataCite may have it, regardless of what is stored here.
        "made_here": False,
    }
    done = _update(row, **values)
    if done and problem is Problem.MISSING:
        make_agree([row.doi])
    return done


def hurry(row: Any) -> bool:
    """Give a due registration the highest priority, in the current transaction.

    :returns: whether it was changed; a row that a delivery has claimed is left to it.
    """
    free = (
        sa.select(REGISTRATION.c.id)
        .where(
            REGISTRATION.c.id == row.id,
            REGISTRATION.c.due_at.is_not(None),
            REGISTRATION.c.lease_token.is_(None),
        )
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    values = {"priority": int(Priority.HIDE), "due_at": clock.now()}
    return bool(
        db.session.execute(
            sa.update(REGISTRATION)
            .where(REGISTRATION.c.id == free.c.id)
            .values(**values)
        ).rowcount
    )


@dataclass(frozen=True)
class Adoption:
    """The data that DataCite has of a DOI that was never confirmed.

    :param account: see ``settings.model.Account.id``; None: it is not ours.
    :param state: DataCite's state; None: DataCite does not have the DOI.
    :param digest: the target's digest, if DataCite holds exactly this target.
    :param mapping: version of the mapping that made it; None: another system did.
    :param status: the new status of the registration.
    :param error: the reason why it is not ours, as in :attr:`Registration.error`.
    """

    row: Any
    account: str | None
    state: str | None
    url: str | None
    version: int | None
    digest: str | None
    status: Status
    error: dict[str, Any] | None = None
    mapping: int | None = None

    def values(self) -> dict[str, Any]:
        """Return a row of :data:`_GIVEN`."""
        return {
            "id": self.row.id,
            "revision": self.row.revision,
            "account": self.account,
            "state": self.state,
            "url": self.url,
            "version": self.version,
            "digest": self.digest,
            "mapping": self.mapping,
            "status": self.status.value,
            "error": json.dumps(clean_all(self.error)) if self.error else None,
        }


_TYPES: dict[str, Any] = {
    "id": Uuid,
    "revision": sa.Integer,
    "account": sa.String,
    "state": sa.String,
    "url": sa.String,
    "version": sa.Integer,
    "digest": sa.String,
    "mapping": sa.Integer,
    "status": sa.String,
    "error": sa.String,
}
_GIVEN = given(_TYPES)


def adopt(adoptions: Sequence[Adoption]) -> None:
    """Write adoptions, in the current transaction. Nothing becomes due."""
    if not adoptions:
        return
    done = set(
        db.session.scalars(
            _adopt_statement(), arrays(_TYPES, (item.values() for item in adoptions))
        )
    )
    make_agree(
        [
            item.row.doi
            for item in adoptions
            if item.row.id in done and item.account is not None
        ]
    )


@cache
def _adopt_statement() -> sa.Update:
    row, new = REGISTRATION.c, _GIVEN.c
    free = (
        sa.select(row.id)
        .select_from(_GIVEN.join(REGISTRATION, row.id == new.id))
        .where(
            row.revision == new.revision,
            row.due_at.is_(None),
            row.lease_token.is_(None),
        )
        .with_for_update(skip_locked=True, of=REGISTRATION)
        .cte("free")
    )
    same = new.digest.is_not(None)
    return (
        sa.update(REGISTRATION)
        .where(row.id == new.id, row.id.in_(sa.select(free.c.id)))
        .values(
            confirmed_account=new.account,
            confirmed_state=new.state,
            confirmed_url=new.url,
            metadata_version=new.version,
            mapping_version=new.mapping,
            confirmed_digest=new.digest,
            status=new.status,
            error=sa.cast(new.error, JSONB),
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

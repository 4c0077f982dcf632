# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The local data of many DOIs, read with a few SQL statements."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from sqlalchemy.dialects.postgresql import ARRAY

from ..doi import DATACITE, doi_key
from ..records import owners
from ..records.indexes import PID_KEY
from ..registration import clock
from ..registration.models import Registration, Status
from ..registration.queue import COLUMNS, Claim

REGISTRATION = Registration.__table__
PID = PersistentIdentifier.__table__


@dataclass(frozen=True)
class Here:
    """The local data of a DOI.

    :param row: row of its registration, with ``is_leased``; None: there is none.
    :param spellings: its spellings in PIDStore, with the status and provider of each.
    :param is_shown: whether its record is public.
    """

    row: Any
    spellings: dict[str, tuple[PIDStatus, str | None]] = field(default_factory=dict)
    is_shown: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether a delivery is due or in flight: it will bring DataCite up to date."""
        row = self.row
        return row is not None and (row.due_at is not None or row.is_leased)

    @property
    def is_settled(self) -> bool:
        """Whether DataCite confirmed exactly the revision that is wanted now."""
        row = self.row
        return (
            row is not None
            and not self.is_pending
            and row.confirmed_digest is not None
            and row.confirmed_revision == row.revision
        )

    @property
    def is_unsent(self) -> bool:
        """Whether an adoption found it to differ and it has not been sent yet."""
        row = self.row
        return (
            row is not None
            and row.status is Status.PENDING
            and not self.is_pending
            # Revision 0 only notes that a DOI is to be removed from its record.
            and row.revision > 0
        )

    @property
    def pid_status(self) -> PIDStatus | None:
        """PIDStore's status of the DOI, in the spelling of the registration."""
        found = self.spellings.get(self.row.doi) if self.row is not None else None
        return found[0] if found else None

    @property
    def is_managed(self) -> bool:
        """Whether PIDStore has it as a managed DOI."""
        return any(
            provider == DATACITE and status is not PIDStatus.DELETED
            for status, provider in self.spellings.values()
        )


def rows_of(where: Any, limit: int | None = None) -> Sequence[Any]:
    """Return rows of registrations in the order of their ids."""
    leased = REGISTRATION.c.lease_until > clock.now()
    statement = (
        sa.select(REGISTRATION, sa.func.coalesce(leased, False).label("is_leased"))
        .where(where)
        .order_by(REGISTRATION.c.id)
    )
    return db.session.execute(statement.limit(limit)).all()


def read(keys: Collection[str]) -> dict[str, Here]:
    """Return the local data of some DOIs; see :func:`invenio_rdm_doi.doi.doi_key`.

    :returns: an entry for each key.
    """
    given = sa.any_(sa.bindparam("keys", list(keys), type_=ARRAY(sa.String)))
    return of_rows(rows_of(REGISTRATION.c.doi_key == given), keys)


def of_rows(rows: Sequence[Any], keys: Collection[str] = ()) -> dict[str, Here]:
    """Return the local data of registrations, and of keys that may have none."""
    by_key = {row.doi_key: row for row in rows}
    wanted = set(keys) | set(by_key)
    spellings: dict[str, dict[str, tuple[PIDStatus, str | None]]] = defaultdict(dict)
    given = sa.any_(sa.bindparam("keys", list(wanted), type_=ARRAY(sa.String)))
    for pid in db.session.execute(
        sa.select(PID.c.pid_value, PID.c.status, PID.c.pid_provider).where(
            PID.c.pid_type == "doi", given == PID_KEY
        )
    ):
        key = doi_key(pid.pid_value)
        spellings[key][pid.pid_value] = (pid.status, pid.pid_provider)
    shown = owners.shown({row.owner_id for row in rows})
    return {
        key: Here(
            by_key.get(key),
            spellings.get(key, {}),
            key in by_key and by_key[key].owner_id in shown,
        )
        for key in wanted
    }


def claim_of(row: Any) -> Claim:
    """Return a registration as a delivery sees it, without claiming it."""
    values = {column.name: getattr(row, column.name) for column in COLUMNS}
    return Claim(token=uuid.uuid4(), **values)

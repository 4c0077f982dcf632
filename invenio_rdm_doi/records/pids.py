# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Case-insensitive look-up of DOIs in PIDStore.

PIDStore's own look-ups are case-sensitive, and older instances have several spellings
of one DOI. All look-ups here use an index of this package (``ix_rdm_doi_pid_key``).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..doi import EXTERNAL, doi_key

NOBODY = UUID(int=0)
"""Owner of an entry that no longer belongs to any object."""

LOCK_SPACE = 0x646F69
"""First key of the advisory locks: "doi" in ASCII, to avoid collisions with others."""


# Built once, because building these statements takes longer than running them.
_SPELLINGS = sa.select(PersistentIdentifier).where(
    PersistentIdentifier.pid_type == "doi",
    sa.func.lower(PersistentIdentifier.__table__.c.pid_value.collate("C"))
    == sa.bindparam("key", type_=sa.String),
)
_LOCK = sa.select(
    sa.func.pg_advisory_xact_lock(
        LOCK_SPACE, sa.func.hashtext(sa.bindparam("key", type_=sa.String))
    )
)


def spellings(doi: str) -> list[PersistentIdentifier]:
    """Return all PIDStore entries of a DOI, the exact spelling first."""
    found = db.session.scalars(_SPELLINGS, {"key": doi_key(doi)})
    return sorted(found, key=lambda pid: (pid.pid_value != doi, pid.id))


def find_pid(doi: str) -> PersistentIdentifier | None:
    """Return the PIDStore entry of a DOI in any spelling.

    A deleted entry is returned only if there is no other one.
    """
    found = sorted(spellings(doi), key=lambda pid: pid.status == PIDStatus.DELETED)
    return found[0] if found else None


def owned_pid(doi: str, owner: Any) -> PersistentIdentifier | None:
    """Return the entry of a DOI that belongs to a record, draft or parent."""
    return next(
        (
            pid
            for pid in spellings(doi)
            if pid.object_uuid == owner.id and pid.status != PIDStatus.DELETED
        ),
        None,
    )


def managed_pid(doi: str, owner: Any) -> PersistentIdentifier | None:
    """Return the entry of a DOI that this repository created for a record or draft.

    Entries of external DOIs are excluded: a user typed these DOIs.
    """
    pid = owned_pid(doi, owner)
    return pid if pid is not None and pid.pid_provider != EXTERNAL else None


def other_owner(doi: str, owner: Any = None) -> UUID | None:
    """Return the ID of another owner that already has a DOI, in any spelling.

    A deleted entry counts: its DOI is not given to another owner. If the given owner
    itself has the DOI, other owners are ignored: instances have old duplicates, and
    published records must stay editable.
    """
    found = spellings(doi)
    if owner is not None and any(pid.object_uuid == owner.id for pid in found):
        return None
    return next((pid.object_uuid or NOBODY for pid in found), None)


def lock(doi: str) -> None:
    """Prevent other transactions from adding the same DOI, in any spelling.

    The lock lasts until the end of the transaction. PIDStore's unique index is
    case-sensitive, so two concurrent requests could each find that the DOI does not
    exist yet.
    """
    # PostgreSQL's own hash function converts the key to 32 bits.
    db.session.execute(_LOCK, {"key": doi_key(doi)})

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DOIs in PIDStore, found without regard to case.

PIDStore's own look-ups have case, and older instances have several spellings of one
DOI. All of these use an index of this package (``ix_rdm_doi_pid_key``).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..doi import EXTERNAL, doi_key

NOBODY = UUID(int=0)
"""Owner of an entry that belongs to nothing any more."""

LOCK_SPACE = 0x646F69
"""First key of the advisory locks: "doi" in ASCII, so that others' do not collide."""


# Made once: to make these statements takes longer than to run them.
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
    """Return all of PIDStore's entries of a DOI, the exact spelling first."""
    found = db.session.scalars(_SPELLINGS, {"key": doi_key(doi)})
    return sorted(found, key=lambda pid: (pid.pid_value != doi, pid.id))


def find_pid(doi: str) -> PersistentIdentifier | None:
    """Return PIDStore's entry of a DOI in any spelling, not a deleted one if it can."""
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
    """Return the entry of a DOI that this repository made for a record or draft.

    One that belongs to it as an external DOI was typed, and is none.
    """
    pid = owned_pid(doi, owner)
    return pid if pid is not None and pid.pid_provider != EXTERNAL else None


def other_owner(doi: str, owner: Any = None) -> UUID | None:
    """Return what has a DOI already, in any spelling, if it is not this owner.

    A deleted entry counts: it is not given to somebody else. Where the owner itself has
    the DOI, nobody else counts: instances have duplicates from before, and what is
    published stays editable.
    """
    found = spellings(doi)
    if owner is not None and any(pid.object_uuid == owner.id for pid in found):
        return None
    return next((pid.object_uuid or NOBODY for pid in found), None)


def lock(doi: str) -> None:
    """Let no other transaction bring in the same DOI, in any spelling, until the end.

    PIDStore's unique index has case, so that two requests at the same time could each
    find that there is none yet.
    """
    # The key's hash is what PostgreSQL's own hash function makes of it: 32 bits.
    db.session.execute(_LOCK, {"key": doi_key(doi)})

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The owner of a record, as a contact."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier

from .owners import parent_model, record_model


@dataclass(frozen=True)
class Contact:
    """The user who owns a record.

    :param user: the user's ID.
    :param recid: identifier of the record that the user can correct.
    """

    user: int
    recid: str
    title: str


def contact_of(id_: UUID) -> Contact | None:
    """Return the owner of a published record, or of the newest version of a parent.

    :returns: None if no user owns it, for example after an import.
    """
    record, parent = record_model(), parent_model()
    owner = parent.json["access"]["owned_by"]["user"].as_string()
    row = db.session.execute(
        sa.select(
            owner,
            PersistentIdentifier.pid_value,
            record.json["metadata"]["title"].as_string(),
        )
        .select_from(record)
        .join(parent, parent.id == record.parent_id)
        .join(PersistentIdentifier, PersistentIdentifier.object_uuid == record.id)
        .where(
            sa.or_(record.id == id_, record.parent_id == id_),
            record.is_deleted.is_(False),
            PersistentIdentifier.pid_type == "recid",
        )
        .order_by(record.index.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not (row[0] or "").isdigit():
        return None
    return Contact(int(row[0]), row[1], row[2] or "")

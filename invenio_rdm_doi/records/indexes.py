# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Indexes of this package on the host's tables.

With the tables' metadata, so that ``invenio db create`` makes them, too; Alembic makes
them on databases that exist already.
"""

from __future__ import annotations

import sqlalchemy as sa
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.records.models import RDMRecordMetadata

PID_INDEX = "ix_rdm_doi_pid_key"
"""On PIDStore's table: its own index has case, and a DOI has none."""

PID = PersistentIdentifier.__table__
RECORD = RDMRecordMetadata.__table__

PID_KEY = sa.func.lower(PID.c.pid_value.collate("C"))
"""The comparison key of :func:`invenio_rdm_doi.doi.doi_key`, in SQL: in the locale "C"
only ASCII letters have a lower case."""

PARENT_INDEX = "ix_rdm_doi_records_parent"
"""On the records' table: without one, finding the versions of a record reads all
records. Newer hosts have their own."""

sa.Index(PID_INDEX, PID_KEY, postgresql_where=PID.c.pid_type == "doi")


def _has_parent_index() -> bool:
    return any(
        next(iter(index.columns)).name == "parent_id" for index in RECORD.indexes
    )


if not _has_parent_index():
    sa.Index(PARENT_INDEX, RECORD.c.parent_id, RECORD.c.index)

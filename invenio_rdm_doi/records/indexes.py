# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Indexes of this package on InvenioRDM's tables.

They are part of the tables' metadata, so that ``invenio db create`` creates them, too.
In existing databases, Alembic creates them.
"""

from __future__ import annotations

import sqlalchemy as sa
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.records.models import RDMRecordMetadata

PID_INDEX = "ix_rdm_doi_pid_key"
"""Index on PIDStore's table, whose own index is case-sensitive, unlike DOIs."""

PID = PersistentIdentifier.__table__
RECORD = RDMRecordMetadata.__table__

PID_KEY = sa.func.lower(PID.c.pid_value.collate("C"))
"""The comparison key of :func:`invenio_rdm_doi.doi.doi_key`, in SQL: with the collation
"C", ``lower`` changes only ASCII letters."""

PARENT_INDEX = "ix_rdm_doi_records_parent"
"""Index on the records' table: without it, finding the versions of a record reads all
records. Newer releases of InvenioRDM have such an index."""

sa.Index(PID_INDEX, PID_KEY, postgresql_where=PID.c.pid_type == "doi")


def _has_parent_index() -> bool:
    return any(
        next(iter(index.columns)).name == "parent_id" for index in RECORD.indexes
    )


if not _has_parent_index():
    sa.Index(PARENT_INDEX, RECORD.c.parent_id, RECORD.c.index)

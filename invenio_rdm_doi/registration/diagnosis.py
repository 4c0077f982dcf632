# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Read-only checks of the tables for problems that no delivery notices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..doi import DATACITE
from ..records.find import ids_not_shown
from ..records.indexes import PARENT_INDEX, PID_INDEX, PID_KEY, RECORD
from ..settings.model import Settings
from .models import Registration
from .report import not_confirmed

MOST = 1000
"""Upper limit of all counts: a higher number would not help an operator."""

OWN_TABLES = "rdm_doi_"
"""The beginning of the names of this package's tables."""

PID = PersistentIdentifier.__table__


@dataclass(frozen=True)
class Count:
    """A count, and some examples.

    :ivar is_exact: False if there are more.
    """

    count: int
    examples: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether all were counted."""
        return self.count < MOST

    def __str__(self) -> str:
        return str(self.count) if self.is_exact else f"more than {self.count - 1}"


def missing_tables() -> list[str]:
    """Return the names of the tables and columns that the database does not have."""
    inspector = sa.inspect(db.engine)
    missing = []
    tables = db.metadata.tables
    for table in (tables[name] for name in tables if name.startswith(OWN_TABLES)):
        if not inspector.has_table(table.name):
            missing.append(table.name)
            continue
        found = {column["name"] for column in inspector.get_columns(table.name)}
        missing += [
            f"{table.name}.{column.name}"
            for column in table.columns
            if column.name not in found
        ]
    return missing


def missing_indexes() -> list[str]:
    """Return the indexes on the host's tables that are missing, or not usable."""
    found = db.session.execute(
        sa.text(
            "SELECT relname, attname, indrelid = CAST(:records AS regclass)"
            " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
            " WHERE indisvalid AND (relname = :pids"
            " OR indrelid = CAST(:records AS regclass))"
        ),
        {"pids": PID_INDEX, "records": RECORD.name},
    ).all()
    db.session.rollback()
    missing = []
    if not any(name == PID_INDEX for name, _column, _records in found):
        missing.append(f"{PID_INDEX} (looking a DOI up reads all of PIDStore)")
    if not any(column == "parent_id" for _name, column, records in found if records):
        missing.append(f"{PARENT_INDEX} (finding versions reads all records)")
    return missing


def confirmed_elsewhere(settings: Settings) -> Count:
    """Count DOIs that were confirmed by another account or at another address."""
    return _tally(
        sa.select(Registration.doi).where(
            Registration.confirmed_account.is_not(None),
            not_confirmed(settings, Registration.confirmed_account),
        )
    )


def is_new_here() -> bool:
    """Return whether there are managed DOIs, but no registration at all."""
    if db.session.scalar(sa.select(Registration.id).limit(1)) is not None:
        return False
    managed = sa.select(PID.c.id).where(
        PID.c.pid_type == "doi",
        PID.c.pid_provider == DATACITE,
        PID.c.status == PIDStatus.REGISTERED,
    )
    return db.session.scalar(managed.limit(1)) is not None


def without_registration(prefixes: Collection[str]) -> Count:
    """Count managed DOIs of PIDStore that have no registration.

    :param prefixes: the prefixes of all accounts; other DOIs cannot be adopted.
    """
    known = sa.select(sa.literal(1)).where(Registration.doi_key == PID_KEY)
    return _tally(
        sa.select(PID.c.pid_value).where(
            PID.c.pid_type == "doi",
            PID.c.pid_provider == DATACITE,
            PID.c.status.in_([PIDStatus.RESERVED, PIDStatus.REGISTERED]),
            sa.func.split_part(PID_KEY, "/", 1).in_(prefixes),
            ~known.exists(),
        )
    )


def shown_by_mistake() -> Count:
    """Count DOIs without a registration whose record is restricted or deleted.

    The built-in provider does not hide them at DataCite.
    """
    known = sa.select(sa.literal(1)).where(Registration.doi_key == PID_KEY)
    return _tally(
        sa.select(PID.c.pid_value).where(
            PID.c.object_uuid.in_(ids_not_shown()),
            PID.c.pid_type == "doi",
            PID.c.pid_provider == DATACITE,
            PID.c.status == PIDStatus.REGISTERED,
            ~known.exists(),
        )
    )


def duplicates() -> Count:
    """Count DOIs that PIDStore has in several spellings."""
    return _tally(
        sa.select(sa.func.min(PID.c.pid_value))
        .where(PID.c.pid_type == "doi")
        .group_by(PID_KEY)
        .having(sa.func.count() > 1)
    )


def foreign_prefixes(prefixes: tuple[str, ...]) -> Count:
    """Count the prefixes of registrations that belong to no account.

    :param prefixes: the configured prefixes.
    """
    return _tally(
        sa.select(Registration.prefix)
        .where(Registration.prefix.not_in(prefixes))
        .distinct(),
        distinct=True,
    )


def _tally(statement: sa.Select[tuple[str]], distinct: bool = False) -> Count:
    found = list(db.session.scalars(statement.limit(MOST)))
    db.session.rollback()
    return Count(len(found), tuple(found if distinct else found[:3]))

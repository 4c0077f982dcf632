# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What an operator has to know of the tables, and no delivery notices. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..doi import DATACITE
from ..records.find import ids_not_shown
from ..settings.model import Settings
from .models import PID_INDEX, PID_KEY, Attempt, BreakerState, Registration
from .report import not_confirmed

MOST = 1000
"""What is counted is counted up to this: more tells an operator nothing."""

PID = PersistentIdentifier.__table__


@dataclass(frozen=True)
class Tally:
    """How many, and some of them.

    :param is_exact: False: there are more.
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
    for model in (Registration, Attempt, BreakerState):
        table = model.__table__
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


def has_pid_index() -> bool:
    """Whether PIDStore has this package's index, complete and usable."""
    return bool(
        db.session.scalar(
            sa.text(
                "SELECT bool_or(indisvalid) FROM pg_index JOIN pg_class"
                " ON pg_class.oid = indexrelid WHERE relname = :name"
            ),
            {"name": PID_INDEX},
        )
    )


def confirmed_elsewhere(settings: Settings) -> Tally:
    """Count DOIs that another account than theirs, or another address, confirmed."""
    return _tally(
        sa.select(Registration.doi).where(
            Registration.confirmed_account.is_not(None),
            not_confirmed(settings, Registration.confirmed_account),
        )
    )


def without_registration() -> Tally:
    """Count managed DOIs of PIDStore of which this package knows nothing."""
    known = sa.select(sa.literal(1)).where(Registration.doi_key == PID_KEY)
    return _tally(
        sa.select(PID.c.pid_value).where(
            PID.c.pid_type == "doi",
            PID.c.pid_provider == DATACITE,
            PID.c.status.in_([PIDStatus.RESERVED, PIDStatus.REGISTERED]),
            ~known.exists(),
        )
    )


def shown_by_mistake() -> Tally:
    """Count such DOIs whose record is restricted or deleted.

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


def duplicates() -> Tally:
    """Count DOIs that PIDStore has in several spellings."""
    return _tally(
        sa.select(sa.func.min(PID.c.pid_value))
        .where(PID.c.pid_type == "doi")
        .group_by(PID_KEY)
        .having(sa.func.count() > 1)
    )


def foreign_prefixes(prefixes: tuple[str, ...]) -> Tally:
    """Count managed DOIs whose prefix no account has.

    :param prefixes: that are configured.
    """
    return _tally(
        sa.select(Registration.prefix)
        .where(Registration.prefix.not_in(prefixes))
        .distinct(),
        distinct=True,
    )


def _tally(statement: sa.Select[tuple[str]], distinct: bool = False) -> Tally:
    found = list(db.session.scalars(statement.limit(MOST)))
    db.session.rollback()
    return Tally(len(found), tuple(found if distinct else found[:3]))

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOIs that a run saw in DataCite's list; all in the current transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from ..datacite.listing import Entry
from .models import Seen

SEEN = Seen.__table__


def note(run: Any, entries: dict[str, Entry], same: Collection[str] = ()) -> None:
    """Store entries of the list.

    :param entries: the entries by comparison key.
    :param same: keys of the entries whose metadata were compared and are equal.
    """
    if not entries:
        return
    # Of a partial list, only the results of comparisons are worth keeping.
    is_whole = run.since is None
    statement = insert(SEEN).values(
        [
            {
                "doi_key": key,
                "job": run.job,
                "run_id": run.id if is_whole else 0,
                "account": run.account,
                "same_version": entry.version if key in same else None,
            }
            for key, entry in entries.items()
        ]
    )
    new = statement.excluded
    kept = sa.and_(new.same_version.is_(None), SEEN.c.account == new.account)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[SEEN.c.doi_key, SEEN.c.job],
            set_={
                "run_id": new.run_id if is_whole else SEEN.c.run_id,
                "account": new.account,
                "same_version": sa.case(
                    (kept, SEEN.c.same_version), else_=new.same_version
                ),
            },
        )
    )


def among(run: Any, keys: Collection[str]) -> set[str]:
    """Return the given keys that a run has seen before."""
    return set(
        db.session.scalars(
            sa.select(SEEN.c.doi_key).where(
                SEEN.c.doi_key.in_(keys),
                SEEN.c.job == run.job,
                SEEN.c.run_id == run.id,
            )
        )
    )


def same_versions(run: Any, keys: Collection[str]) -> dict[str, int]:
    """Return the versions of DataCite's metadata that were found equal, by key."""
    rows = db.session.execute(
        sa.select(SEEN.c.doi_key, SEEN.c.same_version).where(
            SEEN.c.doi_key.in_(keys),
            SEEN.c.job == run.job,
            SEEN.c.account == run.account,
            SEEN.c.same_version.is_not(None),
        )
    )
    return {row.doi_key: row.same_version for row in rows}


def forget(run: Any) -> None:
    """Delete DOIs that a run over the whole list did not see again."""
    db.session.execute(
        sa.delete(SEEN).where(
            SEEN.c.job == run.job,
            SEEN.c.account == run.account,
            SEEN.c.run_id != run.id,
        )
    )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Keeps what was found, with first and last time, until it is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from ..datacite.answers import clean_all
from ..doi import doi_key
from ..registration import clock
from .models import AuditFinding, Problem

FINDING = AuditFinding.__table__

PAGE = 500
"""Findings that are read at a time."""

OURS = frozenset(
    {
        Problem.EXPOSED,
        Problem.MISSING,
        Problem.WRONG_STATE,
        Problem.WRONG_URL,
        Problem.CHANGED,
        Problem.DIFFERS,
        Problem.ELSEWHERE,
        Problem.PIDSTORE,
    }
)
"""What ``--fix`` mends. It deletes nothing and touches nothing of somebody else."""


@dataclass(frozen=True)
class Found:
    """Something that is not as it should be.

    :param details: what is here and what is there, for people.
    :param fixed: it was made due just now.
    """

    doi: str
    problem: Problem
    details: dict[str, Any] = field(default_factory=dict)
    fixed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "doi": self.doi,
            "problem": self.problem.value,
            "details": self.details,
            "fixed": self.fixed,
        }


def note(run: Any, found: Sequence[Found]) -> None:
    """Keep what a run found, in the transaction."""
    rows = {(doi_key(item.doi), item.problem): item for item in found}
    if not rows:
        return
    statement = insert(FINDING).values(
        [
            {
                "doi_key": key,
                "doi": item.doi,
                "account": run.account,
                "problem": problem,
                # DataCite's text, too.
                "details": clean_all(item.details),
                "run_id": run.id,
            }
            for (key, problem), item in rows.items()
        ]
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[FINDING.c.doi_key, FINDING.c.problem],
            set_={
                "account": statement.excluded.account,
                "details": statement.excluded.details,
                "run_id": statement.excluded.run_id,
                "last_seen": clock.now(),
            },
        )
    )


def forget(
    run: Any, problems: Collection[Problem], keys: Collection[str] | None = None
) -> None:
    """Delete what a run looked for, and did not find again, in the transaction.

    :param keys: only of these DOIs; None: of all DOIs of the account.
    """
    gone = sa.delete(FINDING).where(
        FINDING.c.account == run.account,
        FINDING.c.run_id != run.id,
        FINDING.c.problem.in_([problem.value for problem in problems]),
    )
    if keys is not None:
        gone = gone.where(FINDING.c.doi_key.in_(keys))
    db.session.execute(gone)


def of(account: str, run_id: int | None = None) -> Iterator[Any]:
    """What is known of an account, the worst first.

    :param run_id: only what this run found.
    """
    for problem in Problem:
        yield from of_problem(problem, account, run_id)


def of_problem(
    problem: Problem, account: str, run_id: int | None = None
) -> Iterator[Any]:
    """The same of one problem, page by page."""
    after = ""
    while True:
        page = (
            sa.select(FINDING)
            .where(
                FINDING.c.account == account,
                FINDING.c.problem == problem.value,
                FINDING.c.doi_key > after,
            )
            .order_by(FINDING.c.doi_key)
            .limit(PAGE)
        )
        if run_id is not None:
            page = page.where(FINDING.c.run_id == run_id)
        rows = db.session.execute(page).all()
        db.session.rollback()
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].doi_key


def count() -> dict[str, int]:
    """How many there are of each problem, the worst first; those there are none of are
    left out."""
    rows = dict(
        db.session.execute(
            sa.select(FINDING.c.problem, sa.func.count()).group_by(FINDING.c.problem)
        ).all()
    )
    db.session.rollback()
    return {p.value: rows[p] for p in Problem if p in rows}

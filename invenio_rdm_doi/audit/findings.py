# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Findings, kept until resolved, with the times when they were first and last seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from ..datacite.answers import clean_all
from ..doi import doi_key
from ..registration import clock
from .models import AuditFinding, AuditRun, Job, Problem

FINDING = AuditFinding.__table__

PAGE = 500
"""Number of findings read at a time."""

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
"""Problems that ``--fix`` repairs. It deletes nothing and changes only DOIs of ours."""


NOT_JUDGED = frozenset(
    {Problem.UNREADABLE, Problem.NOT_OURS, Problem.ELSEWHERE, Problem.DIFFERS}
)
"""With one of these problems, the DOI was not compared with DataCite's data."""


@dataclass(frozen=True)
class Found:
    """A problem that was found with a DOI.

    :param details: the local and the remote values, for people.
    """

    doi: str
    problem: Problem
    details: dict[str, Any] = field(default_factory=dict)

    def fixed(self) -> Found:
        """Return a copy that is marked as fixed."""
        return replace(self, details=self.details | {"fixed": True})


def note(run: Any, found: Sequence[Found]) -> None:
    """Store the findings of a run, in the current transaction."""
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
                # Details also contain text from DataCite.
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
                # A manual repair may have an older run id while an audit is running.
                "run_id": sa.func.greatest(FINDING.c.run_id, statement.excluded.run_id),
                "last_seen": clock.now(),
            },
        )
    )


def forget(
    run: Any,
    problems: Collection[Problem],
    keys: Collection[str] | None = None,
    by: Job | None = None,
) -> None:
    """Delete findings that a run did not find again, in the current transaction.

    :param problems: the problems that the run looked for.
    :param keys: only findings of these DOIs; None: of all DOIs of the account.
    :param by: only findings of runs of this job.
    """
    gone = sa.delete(FINDING).where(
        FINDING.c.account == run.account,
        FINDING.c.run_id != run.id,
        FINDING.c.problem.in_([problem.value for problem in problems]),
    )
    if keys is not None:
        gone = gone.where(FINDING.c.doi_key.in_(keys))
    if by is not None:
        runs = sa.select(AuditRun.id).where(AuditRun.job == by)
        gone = gone.where(FINDING.c.run_id.in_(runs))
    db.session.execute(gone)


def forget_accounts(but: Collection[str]) -> None:
    """Delete the findings of accounts that are no longer configured.

    :param but: the configured accounts, see ``settings.model.Account.id``.
    """
    db.session.execute(sa.delete(FINDING).where(FINDING.c.account.not_in(but)))
    db.session.commit()


def of_problem(
    problem: Problem, account: str, run_id: int | None = None
) -> Iterator[Any]:
    """Yield the findings of one problem in an account; they are read page by page.

    :param run_id: only findings of this run.
    """
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


def count(
    accounts: Collection[str], run_ids: Collection[int] | None = None
) -> dict[Problem, int]:
    """Count the findings of each problem, the worst first.

    Problems without findings are left out.

    :param accounts: see ``settings.model.Account.id``.
    :param run_ids: only findings of these runs.
    """
    statement = (
        sa.select(FINDING.c.problem, sa.func.count())
        .where(FINDING.c.account.in_(accounts))
        .group_by(FINDING.c.problem)
    )
    if run_ids is not None:
        statement = statement.where(FINDING.c.run_id.in_(run_ids))
    rows = dict(db.session.execute(statement).all())
    db.session.rollback()
    return {problem: rows[problem] for problem in Problem if problem in rows}


def page(
    accounts: Collection[str], problem: Problem | None, after: int | None, size: int
) -> Sequence[Any]:
    """Return rows of some accounts in the order of their ids, in one transaction.

    :param after: id of the last row of the previous page.
    """
    rows = sa.select(FINDING).where(FINDING.c.account.in_(accounts))
    if problem is not None:
        rows = rows.where(FINDING.c.problem == problem.value)
    if after is not None:
        rows = rows.where(FINDING.c.id > after)
    found = db.session.execute(rows.order_by(FINDING.c.id).limit(size)).all()
    db.session.rollback()
    return found


def settle(run: Any, key: str, left: Sequence[Found]) -> None:
    """Store the remaining findings of one DOI, delete its other ones, and commit.

    Findings that could not be judged, because the answer made no sense or the DOI is
    not ours, are kept, and so are findings from a source other than DataCite.
    """
    found = {item.problem for item in left}
    gone = OURS - found - {Problem.PIDSTORE}
    if found & NOT_JUDGED:
        gone = frozenset()
    db.session.execute(
        sa.delete(FINDING).where(
            FINDING.c.account == run.account,
            FINDING.c.doi_key == key,
            FINDING.c.problem.in_([problem.value for problem in gone]),
        )
    )
    note(run, left)
    db.session.commit()


def latest() -> int | None:
    """Return the id of the newest finding; it increases with each new finding."""
    found = db.session.scalar(sa.select(sa.func.max(FINDING.c.id)))
    db.session.rollback()
    return found

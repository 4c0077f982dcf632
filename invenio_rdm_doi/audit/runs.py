# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Runs: one at a time per account; each of them resumes where it stopped."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..registration import clock
from .models import AuditRun, Job, Stage

RUN = AuditRun.__table__

LEASE_SECONDS = 300
"""After this time, a run whose process died can be taken over."""

LISTING = (Job.AUDIT, Job.ADOPT)
"""Jobs that read the same list and write about the same DOIs run one at a time."""

STALE_SECONDS = 36 * 3600
"""A run that began longer ago is not resumed: the data that it saw are too old."""

KEPT = 30
"""Number of runs kept per job and account."""


class Busy(Exception):
    """Another process is working on the same run."""


class Lost(Exception):
    """Another process took over the run, because this one was away for too long."""


def begin(job: Job, account: str, since: datetime | None = None) -> Any:
    """Resume the unfinished run of an account, or begin a new one.

    :param account: see ``settings.model.Account.id``.
    :param since: only a run with the same value is resumed.
    :returns: the row; its ``lease_token`` belongs to this process.
    :raises Busy: if another process works on it, or on another job about the same
        DOIs.
    """
    beside = LISTING if job in LISTING else (job,)
    # Serialized: two processes that begin at the same time would create two runs.
    db.session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"doi {account}")))
    )
    unfinished = db.session.execute(
        sa.select(
            RUN,
            (RUN.c.lease_until > clock.now()).label("is_leased"),
            (RUN.c.started_at < clock.earlier(STALE_SECONDS)).label("is_stale"),
        )
        .where(
            RUN.c.job.in_([other.value for other in beside]),
            RUN.c.account == account,
            RUN.c.finished_at.is_(None),
        )
        .order_by(RUN.c.id.desc())
    ).all()
    if any(run.is_leased for run in unfinished):
        db.session.rollback()
        raise Busy()
    for run in unfinished:
        if run.is_stale:
            db.session.execute(sa.delete(RUN).where(RUN.c.id == run.id))
        elif (run.job, run.since) == (job, since):
            return _take(run.id)
    id_ = db.session.scalar(
        sa.insert(RUN)
        .values(
            job=job.value,
            account=account,
            stage=Stage.LIST.value,
            since=since,
            seen=0,
            requests=0,
            started_at=clock.now(),
        )
        .returning(RUN.c.id)
    )
    return _take(id_)


def _take(id_: int) -> Any:
    row = db.session.execute(
        sa.update(RUN)
        .where(RUN.c.id == id_)
        .values(lease_token=uuid.uuid4(), lease_until=clock.later(LEASE_SECONDS))
        .returning(RUN)
    ).one()
    db.session.commit()
    return row


def advance(run: Any, **values: Any) -> Any:
    """Store the progress of a run and renew its lease, in the current transaction.

    :returns: the updated row.
    :raises Lost: if another process took over the run.
    """
    row = db.session.execute(
        sa.update(RUN)
        .where(RUN.c.id == run.id, RUN.c.lease_token == run.lease_token)
        .values(lease_until=clock.later(LEASE_SECONDS), **values)
        .returning(RUN)
    ).one_or_none()
    if row is None:
        db.session.rollback()
        raise Lost()
    return row


def keep(run: Any) -> Any:
    """Renew the lease of a run, and commit.

    :raises Lost: if another process took over the run.
    """
    row = advance(run)
    db.session.commit()
    return row


def give_up(run: Any) -> None:
    """Delete a run that cannot be resumed, and commit; the next one starts over."""
    db.session.rollback()
    db.session.execute(
        sa.delete(RUN).where(
            # Another process may have taken it over by now.
            RUN.c.id == run.id,
            RUN.c.lease_token == run.lease_token,
        )
    )
    db.session.commit()


def leave(run: Any) -> None:
    """Release a run, so that other processes can resume it."""
    db.session.rollback()
    db.session.execute(
        sa.update(RUN)
        .where(RUN.c.id == run.id, RUN.c.lease_token == run.lease_token)
        .values(lease_token=None, lease_until=None)
    )
    db.session.commit()


def finish(run: Any) -> Any:
    """Mark a run as finished, in the current transaction."""
    return advance(run, stage=Stage.DONE.value, cursor=None, finished_at=clock.now())


def last(job: Job, account: str) -> Any | None:
    """Return the last finished run over all DOIs; None if there is none."""
    row = db.session.execute(
        sa.select(RUN)
        .where(
            RUN.c.job == job.value,
            RUN.c.account == account,
            RUN.c.finished_at.is_not(None),
            # A run over some of the DOIs does not count.
            RUN.c.since.is_(None),
        )
        .order_by(RUN.c.id.desc())
        .limit(1)
    ).one_or_none()
    db.session.rollback()
    return row


def read(id_: int) -> Any | None:
    """Return the run with an id; None if it was deleted."""
    row = db.session.execute(sa.select(RUN).where(RUN.c.id == id_)).one_or_none()
    db.session.rollback()
    return row


def age(run: Any) -> float:
    """Return the seconds since a run was finished."""
    seconds = db.session.scalar(
        sa.select(sa.func.extract("epoch", clock.now() - RUN.c.finished_at)).where(
            RUN.c.id == run.id
        )
    )
    db.session.rollback()
    return float(seconds or 0)


def prune() -> None:
    """Delete all but the last runs of each job and account, and commit."""
    place = sa.func.row_number().over(
        partition_by=(RUN.c.job, RUN.c.account), order_by=RUN.c.id.desc()
    )
    ranked = sa.select(RUN.c.id, place.label("place")).subquery()
    gone = sa.select(ranked.c.id).where(ranked.c.place > KEPT)
    db.session.execute(sa.delete(RUN).where(RUN.c.id.in_(gone)))
    db.session.commit()

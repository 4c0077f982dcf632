# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables of runs, of the DOIs that they saw at DataCite, and of their findings."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils.types import UUIDType

from ..registration.choice import Choice
from ..registration.models import JSON, Moment


class Job(enum.Enum):
    """The job of a run."""

    AUDIT = "audit"
    """Compare the confirmed registrations with DataCite's list."""

    ADOPT = "adopt"
    """Decide about DOIs that this package has never confirmed."""

    PAGES = "pages"
    """Request landing pages from the site."""

    CLEAN_UP = "clean_up"
    """Delete old attempts; not specific to an account."""


class Stage(enum.Enum):
    """The progress of a run."""

    LIST = "list"
    """Read DataCite's list, page by page."""

    REST = "rest"
    """Check registrations that were not in the list."""

    DONE = "done"


class Problem(enum.Enum):
    """The problem of a finding; the worst comes first."""

    EXPOSED = "exposed"
    """Restricted or deleted here, but findable at DataCite."""

    MISSING = "missing"
    """DataCite does not have it."""

    NOT_OURS = "not_ours"
    """Another account, or another site, has it."""

    WRONG_STATE = "wrong_state"
    """DataCite has another state than it confirmed."""

    WRONG_URL = "wrong_url"
    """It has another URL than DataCite confirmed."""

    CHANGED = "changed"
    """The metadata at DataCite differ from those that it confirmed."""

    DIFFERS = "differs"
    """Not confirmed yet, and DataCite's data differ from the target."""

    UNREADABLE = "unreadable"
    """The record here cannot be described: nothing can be compared."""

    ELSEWHERE = "elsewhere"
    """It was confirmed by another account, or at another address."""

    PIDSTORE = "pidstore"
    """PIDStore's status disagrees with what DataCite confirmed."""

    DUPLICATE = "duplicate"
    """PIDStore has it in several spellings, which are one DOI to DataCite."""

    LISTED_TWICE = "listed_twice"
    """It appears in DataCite's list more than once."""

    UNREGISTERED = "unregistered"
    """PIDStore has it as a managed DOI, but there is no registration."""

    DRAFT = "draft"
    """A draft at DataCite that is unknown here."""

    ORPHANED = "orphaned"
    """DataCite has it with one of our prefixes, but it is unknown here."""

    PAGE = "page"
    """Its landing page does not answer as expected."""


class AuditRun(db.Model):
    """A run over all DOIs of an account; it resumes where it stopped."""

    __tablename__ = "rdm_doi_run"
    __table_args__ = (sa.Index("ix_rdm_doi_run_job", "job", "account", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    job: Mapped[Job] = mapped_column(Choice(Job), nullable=False)

    account: Mapped[str] = mapped_column(sa.String(512), nullable=False)
    """See ``settings.model.Account.id``."""

    stage: Mapped[Stage] = mapped_column(Choice(Stage), nullable=False)

    cursor: Mapped[str | None] = mapped_column(sa.String(512))
    """Position to resume at: DataCite's cursor, or the last id; None: the start."""

    since: Mapped[datetime | None] = mapped_column(Moment)
    """Cover only DOIs that changed at DataCite since then; None: all DOIs."""

    total: Mapped[int | None] = mapped_column(sa.Integer)
    """Number of DOIs that DataCite reports to have."""

    seen: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Number of DOIs that DataCite has listed so far."""

    requests: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Number of requests sent to DataCite."""

    started_at: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    lease_token: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """Identifies the process that currently works on the run."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """When another process may take over, if that one died."""


class Seen(db.Model):
    """A DOI in DataCite's list.

    Written page by page, and kept apart from the frequently updated registrations.
    """

    __tablename__ = "rdm_doi_seen"

    doi_key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)

    job: Mapped[Job] = mapped_column(Choice(Job), primary_key=True)
    """Each job has its own rows, so that runs of different jobs do not interfere."""

    run_id: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    """The last run over the whole list that saw it; 0: only partial runs did."""

    account: Mapped[str] = mapped_column(sa.String(512), nullable=False)

    same_version: Mapped[int | None] = mapped_column(sa.Integer)
    """The version of DataCite's metadata that was compared and found equal; None: no
    version was."""


class AuditFinding(db.Model):
    """A problem that a run found; deleted once it no longer exists."""

    __tablename__ = "rdm_doi_finding"
    __table_args__ = (
        sa.UniqueConstraint("doi_key", "problem", name="uq_rdm_doi_finding_doi_key"),
        sa.Index("ix_rdm_doi_finding_account", "account", "run_id"),
        sa.Index("ix_rdm_doi_finding_problem", "problem", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    doi_key: Mapped[str] = mapped_column(sa.String(255), nullable=False)

    doi: Mapped[str] = mapped_column(sa.String(255), nullable=False)

    account: Mapped[str] = mapped_column(sa.String(512), nullable=False)

    problem: Mapped[Problem] = mapped_column(Choice(Problem), nullable=False)

    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The actual and the expected values."""

    first_seen: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    last_seen: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )

    run_id: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    """The run that saw it last."""

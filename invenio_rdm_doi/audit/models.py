# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables: the runs, what they saw at DataCite, and what they found."""

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
    """What a run does."""

    AUDIT = "audit"
    """Compares what was confirmed with DataCite's list."""

    ADOPT = "adopt"
    """Decides about what this package never confirmed."""

    PAGES = "pages"
    """Asks the site for landing pages."""

    CLEAN_UP = "clean_up"
    """Deletes old attempts; of no account."""


class Stage(enum.Enum):
    """How far a run is."""

    LIST = "list"
    """Reads DataCite's list, page by page."""

    REST = "rest"
    """Looks at what is here, and was not in the list."""

    DONE = "done"


class Problem(enum.Enum):
    """What is not as it should be, the worst first."""

    EXPOSED = "exposed"
    """Restricted or deleted here, and findable at DataCite."""

    MISSING = "missing"
    """DataCite does not have it."""

    NOT_OURS = "not_ours"
    """Another account, or another site, has it."""

    WRONG_STATE = "wrong_state"
    """DataCite has another state than it confirmed."""

    WRONG_URL = "wrong_url"
    """It leads elsewhere than DataCite confirmed."""

    CHANGED = "changed"
    """The metadata at DataCite are others than it confirmed."""

    DIFFERS = "differs"
    """Not confirmed yet: DataCite holds something else than it should."""

    UNREADABLE = "unreadable"
    """The record here cannot be described: nothing can be compared."""

    ELSEWHERE = "elsewhere"
    """It was confirmed by another account, or at another address."""

    PIDSTORE = "pidstore"
    """PIDStore says something else than DataCite confirmed."""

    DUPLICATE = "duplicate"
    """PIDStore has it in several spellings: to DataCite they are one."""

    LISTED_TWICE = "listed_twice"
    """It stands in DataCite's list more than once."""

    UNREGISTERED = "unregistered"
    """PIDStore has it as ours, and there is no registration."""

    DRAFT = "draft"
    """A draft at DataCite that nobody here knows."""

    ORPHANED = "orphaned"
    """DataCite has it with a prefix of ours, and nobody here knows it."""

    PAGE = "page"
    """Its landing page does not answer as it should."""


class AuditRun(db.Model):
    """A run over all DOIs of an account; goes on where it stopped."""

    __tablename__ = "rdm_doi_run"
    __table_args__ = (sa.Index("ix_rdm_doi_run_job", "job", "account", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    job: Mapped[Job] = mapped_column(Choice(Job), nullable=False)

    account: Mapped[str] = mapped_column(sa.String(512), nullable=False)
    """See ``settings.model.Account.id``."""

    stage: Mapped[Stage] = mapped_column(Choice(Stage), nullable=False)

    cursor: Mapped[str | None] = mapped_column(sa.String(512))
    """Where it goes on: DataCite's cursor, or the last id; None: from the start."""

    since: Mapped[datetime | None] = mapped_column(Moment)
    """Only what changed at DataCite since then; None: everything."""

    total: Mapped[int | None] = mapped_column(sa.Integer)
    """How many DOIs DataCite says it has."""

    seen: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """How many DOIs DataCite listed so far."""

    requests: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """How many requests were sent to DataCite."""

    started_at: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    lease_token: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """Who goes on with it now."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """When anybody else may, if its process died."""


class Seen(db.Model):
    """A DOI in DataCite's list. Written page by page; not in the hot rows."""

    __tablename__ = "rdm_doi_seen"

    doi_key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)

    job: Mapped[Job] = mapped_column(Choice(Job), primary_key=True)
    """Each job has its own: a run of one takes nothing from a run of the other."""

    run_id: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    """The whole run that saw it last; 0: only a part of the list was read."""

    account: Mapped[str] = mapped_column(sa.String(512), nullable=False)

    same_version: Mapped[int | None] = mapped_column(sa.Integer)
    """The version of DataCite's metadata that was compared and was the same; None:
    never compared."""


class AuditFinding(db.Model):
    """Something that is not as it should be; deleted when it is again."""

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
    """What is there and what should be."""

    first_seen: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    last_seen: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )

    run_id: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    """The run that saw it last."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables: the attempts for each DOI, and their number over time."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils.types import UUIDType

from .choice import Choice
from .models import JSON, Moment, Outcome, Registration


class Attempt(db.Model):
    """One exchange with DataCite, kept as history."""

    __tablename__ = "rdm_doi_attempt"
    __table_args__ = (
        sa.Index("ix_rdm_doi_attempt_registration", "registration_id", "started_at"),
        # Small, because rows are inserted in the order of time.
        sa.Index("ix_rdm_doi_attempt_started", "started_at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    registration_id: Mapped[uuid.UUID] = mapped_column(
        UUIDType,
        sa.ForeignKey(
            Registration.id,
            ondelete="CASCADE",
            name="fk_rdm_doi_attempt_registration_id",
        ),
        nullable=False,
    )

    revision: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    """The revision that was to be delivered."""

    started_at: Mapped[datetime] = mapped_column(Moment, nullable=False)

    duration_ms: Mapped[int] = mapped_column(sa.Integer, nullable=False)

    outcome: Mapped[Outcome] = mapped_column(Choice(Outcome), nullable=False)

    http_status: Mapped[int | None] = mapped_column(sa.Integer)
    """None: there was no answer."""

    state: Mapped[str | None] = mapped_column(sa.String(16))
    """DataCite's state in the answer."""

    digest: Mapped[str] = mapped_column(sa.String(64), nullable=False)
    """Digest of the target that was sent."""

    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """As in :attr:`Registration.error`; None after a success."""


class Tally(db.Model):
    """The number of attempts per hour and outcome; kept when attempts are deleted.

    Several rows may have the same keys: deliveries only add rows, so that none waits
    for another; the clean-up merges them.
    """

    __tablename__ = "rdm_doi_tally"
    __table_args__ = (sa.Index("ix_rdm_doi_tally_hour", "hour"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    hour: Mapped[datetime] = mapped_column(Moment, nullable=False)

    prefix: Mapped[str] = mapped_column(sa.String(255), nullable=False)
    """The prefix of the DOI; determines its account."""

    outcome: Mapped[Outcome] = mapped_column(Choice(Outcome), nullable=False)

    bucket: Mapped[int] = mapped_column(sa.SmallInteger, nullable=False)
    """The duration of the exchange: index in :data:`.tally.BUCKETS`."""

    count: Mapped[int] = mapped_column(sa.Integer, nullable=False)

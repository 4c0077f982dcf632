# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables: one registration per DOI, and the state that controls its delivery."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils.types import UUIDType

# Importing the tables also registers this package's indexes on the host's tables.
from ..records import indexes  # noqa: F401
from .choice import Choice

JSON = sa.JSON().with_variant(JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)


class Kind(enum.Enum):
    """The kind of object that a DOI identifies."""

    RECORD = "record"
    """One version of a record."""

    CONCEPT = "concept"
    """All versions of a record: the concept DOI."""


class Status(enum.Enum):
    """The status of a registration, as users see it."""

    RESERVED = "reserved"
    """Reserved for a draft; DataCite does not have to register it yet."""

    PENDING = "pending"
    """DataCite has to be brought up to date; the delivery is planned."""

    RETRYING = "retrying"
    """The last attempt failed; another one is planned."""

    FINDABLE = "findable"
    """DataCite holds the DOI as findable, with the metadata and URL that it should."""

    WITHHELD = "withheld"
    """A restricted record: deliberately not at DataCite, or only as a placeholder."""

    HIDDEN = "hidden"
    """A deleted record: at DataCite, but deliberately not findable."""

    FAILED = "failed"
    """The delivery was rejected; a person must act."""


class Outcome(enum.Enum):
    """The outcome of an attempt."""

    DONE = "done"
    """DataCite confirmed the target."""

    RETRY = "retry"
    """It may succeed later without human intervention."""

    REJECTED = "rejected"
    """It cannot succeed until a person changes something."""

    PAUSED = "paused"
    """The account is unusable; the record is not the cause."""


class Priority(enum.IntEnum):
    """The order of delivery; lower values are delivered first."""

    HIDE = -10
    """The DOI has to be hidden; delivered before all others."""

    URGENT = 0
    """A user published, edited or deleted a record."""

    BACKLOG = 5
    """The user already has many DOIs due, as with a script; other users come first."""

    BULK = 10
    """Many DOIs at once: a synchronization or an adoption."""


class Registration(db.Model):
    """One DOI: the wanted revision, DataCite's confirmed state, and the next step.

    Level-triggered: the row never says "send this", it says "revision 7 is wanted,
    revision 6 is confirmed".
    """

    __tablename__ = "rdm_doi_registration"
    __table_args__ = (
        sa.Index(
            "ix_rdm_doi_registration_due",
            "prefix",
            "priority",
            "due_at",
            postgresql_where=sa.text("due_at IS NOT NULL"),
        ),
        sa.Index("ix_rdm_doi_registration_owner", "owner_id"),
        # Partial indexes without the columns that a claim changes: a claim then writes
        # no index entries (a "heap-only" update).
        sa.Index(
            "ix_rdm_doi_registration_failed",
            "updated",
            postgresql_where=sa.text("status = 'failed'"),
        ),
        sa.Index(
            "ix_rdm_doi_registration_must_hide",
            "id",
            postgresql_where=sa.text("(error ->> 'must_hide') = 'true'"),
        ),
        sa.Index(
            "ix_rdm_doi_registration_requester",
            "requested_by",
            "due_at",
            postgresql_where=sa.text("due_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_rdm_doi_registration_confirmed",
            "prefix",
            "confirmed_account",
            postgresql_where=sa.text("confirmed_state IS NOT NULL"),
        ),
        # Small: there are few versions, and PostgreSQL stores equal keys only once.
        sa.Index(
            "ix_rdm_doi_registration_mapping",
            sa.text("coalesce(mapping_version, 0)"),
            postgresql_where=sa.text("confirmed_state IS NOT NULL"),
        ),
        # For the pages of DOIs, see :mod:`.listing`.
        sa.Index(
            "ix_rdm_doi_registration_changes",
            "prefix",
            "status",
            "kind",
            "updated",
            "id",
        ),
        sa.Index(
            "ix_rdm_doi_registration_names",
            "prefix",
            "status",
            "kind",
            "doi_key",
            # In this form, Alembic recognizes that it is the same as in the database.
            postgresql_ops={"doi_key": 'COLLATE "C"'},
        ),
        sa.Index(
            "ix_rdm_doi_registration_code",
            sa.text("(error ->> 'code')"),
            "prefix",
            "status",
            "kind",
            "updated",
            "id",
            postgresql_where=sa.text("error IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(
        UUIDType, primary_key=True, default=uuid.uuid4
    )

    doi: Mapped[str] = mapped_column(sa.String(255), nullable=False)
    """The DOI as in PIDStore; the case of the suffix is kept."""

    doi_key: Mapped[str] = mapped_column(sa.String(255), nullable=False, unique=True)
    """The key for comparisons, because a DOI has no case; see
    :func:`invenio_rdm_doi.doi.doi_key`."""

    prefix: Mapped[str] = mapped_column(
        sa.String(255), sa.Computed("split_part(doi_key, '/', 1)", persisted=True)
    )
    """The prefix of the DOI; determines its account, see
    ``settings.model.Settings.account_of``."""

    kind: Mapped[Kind] = mapped_column(Choice(Kind), nullable=False)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUIDType, nullable=False)
    """UUID of the record (or draft), or of the parent."""

    status: Mapped[Status] = mapped_column(Choice(Status), nullable=False)

    revision: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """The wanted revision; incremented by every change that may matter to DataCite."""

    confirmed_revision: Mapped[int] = mapped_column(
        sa.Integer, nullable=False, default=0
    )
    """The last revision that DataCite is known to hold (or does not have to hold)."""

    confirmed_state: Mapped[str | None] = mapped_column(sa.String(16))
    """DataCite's state after the last success; None: never sent."""

    confirmed_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """SHA-256 of the last confirmed target (see ``target.Target.digest``)."""

    confirmed_url: Mapped[str | None] = mapped_column(sa.Text)
    """The URL of the last confirmed target."""

    metadata_version: Mapped[int | None] = mapped_column(sa.Integer)
    """DataCite's ``metadataVersion`` in that answer: it increases with every change of
    the metadata, regardless of who makes it. None: not known."""

    mapping_version: Mapped[int | None] = mapped_column(sa.SmallInteger)
    """The version of the mapping with which it was sent (``metadata.kernel.MAPPING``).
    None: sent by another system, or before the version was stored."""

    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)

    confirmed_account: Mapped[str | None] = mapped_column(sa.String(512))
    """The account and the API's host that confirmed it. With another account, or at
    another address, the DOI is *unknown*; see ``settings.model.Account.id``."""

    made_here: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """The DOI was generated here from the FORMAT: its first request can only create."""

    taken_over: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """An operator decided that the DOI that DataCite holds is this repository's."""

    removal: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """A user decided to remove the DOI from its record; done with the next publish."""

    checks_left: Mapped[int] = mapped_column(
        sa.SmallInteger, nullable=False, default=0, server_default="0"
    )
    """How many more times to check that DataCite holds what it confirmed, because a
    request without an answer may have been processed later."""

    in_doubt: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """A request was sent, and its answer is not known: DataCite may hold either
    target."""

    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """The time of the next delivery; None: there is nothing to do."""

    priority: Mapped[int] = mapped_column(
        sa.SmallInteger, nullable=False, default=Priority.URGENT
    )
    """See :class:`Priority`; lower values are delivered first."""

    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Failed attempts since the last success or change."""

    lease_token: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """The token of the worker that currently delivers it."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """The time at which the claim expires, in case its worker died."""

    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Last error: ``{"code", "message", "complaints": [{"source", "title"}]}``."""

    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    """The time at which a person marked the failure as handled. The mark is valid until
    the registration changes (``updated``), for example by its next attempt."""

    requested_by: Mapped[str | None] = mapped_column(sa.String(64))
    """The user who last requested it, as the host identifies users; None: no user."""

    created: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    updated: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )


class BreakerState(db.Model):
    """Whether deliveries may continue; see :mod:`.breaker`."""

    __tablename__ = "rdm_doi_breaker"

    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    """The account (its name and ``settings.model.Account.id``), or an address."""

    fingerprint: Mapped[str] = mapped_column(sa.String(32), nullable=False)
    """Fingerprint of the settings with which it failed, to detect changes."""

    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Consecutive failures of the service."""

    retry_at: Mapped[datetime | None] = mapped_column(Moment)
    """The time of the next probe; None: deliveries are not suspended."""

    throttled_until: Mapped[datetime | None] = mapped_column(Moment)
    """DataCite asked for no requests until this time."""

    paused: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """DataCite does not accept the account; a person must act."""

    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The last error, as in :attr:`Registration.error`."""

    updated: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )


class Runner(db.Model):
    """A place for a run that delivers; see :mod:`.runners`."""

    __tablename__ = "rdm_doi_runner"

    slot: Mapped[int] = mapped_column(
        sa.SmallInteger, primary_key=True, autoincrement=False
    )

    token: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """The token of the run that holds the place."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """The time at which the place becomes free, in case its worker died."""

    again: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """Something became due since the run last checked."""

    called_at: Mapped[datetime | None] = mapped_column(Moment)
    """The time at which a message was sent to the workers; None once it has arrived."""


class Mark(db.Model):
    """A set of registrations that are to be delivered again; see :mod:`.marks`."""

    __tablename__ = "rdm_doi_mark"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    scope: Mapped[str] = mapped_column(sa.String(16), nullable=False)
    """``all``, ``parent`` or ``community``."""

    scope_id: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """The id of the parent or community."""

    distrust: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """Do not trust the stored values: DataCite is queried first."""

    cursor: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """The last id that was processed, in the order of the ids."""

    done: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """The number of registrations that were marked."""

    created: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )


STORAGE = "fillfactor = 45, autovacuum_vacuum_scale_factor = 0.05"
"""Storage parameters that leave room in each page for the next version of every row,
and vacuum often: each delivery changes its row three times. A row grows when it is
claimed, so that half of a page is not enough for the new versions of the other half."""

sa.event.listen(
    Registration.__table__,
    "after_create",
    sa.DDL(f"ALTER TABLE {Registration.__tablename__} SET ({STORAGE})"),
)

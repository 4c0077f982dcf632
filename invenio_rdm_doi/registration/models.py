# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables: one registration per DOI, and what decides when it is delivered."""

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

# With the tables come this package's indexes on the host's.
from ..records import indexes  # noqa: F401
from .choice import Choice

JSON = sa.JSON().with_variant(JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)


class Kind(enum.Enum):
    """What a DOI is for."""

    RECORD = "record"
    """One version of a record."""

    CONCEPT = "concept"
    """All versions of a record: the concept DOI."""


class Status(enum.Enum):
    """What people see of a registration."""

    RESERVED = "reserved"
    """Kept for a draft; nothing is wanted at DataCite yet."""

    PENDING = "pending"
    """DataCite has to be brought up to date and will be."""

    RETRYING = "retrying"
    """The last attempt failed; another one is planned."""

    FINDABLE = "findable"
    """DataCite holds the DOI as findable, with the metadata and URL that it should."""

    WITHHELD = "withheld"
    """A restricted record: on purpose not at DataCite, or as a placeholder only."""

    HIDDEN = "hidden"
    """At DataCite, on purpose not findable: a deleted record."""

    FAILED = "failed"
    """DataCite refused it; a person must act."""


class Outcome(enum.Enum):
    """How an attempt ended."""

    DONE = "done"
    """DataCite confirmed."""

    RETRY = "retry"
    """It may work later, without anybody doing anything."""

    REJECTED = "rejected"
    """It will not work before a person changed something."""

    PAUSED = "paused"
    """The account is unusable; the record has nothing to do with it."""


class Priority(enum.IntEnum):
    """What is delivered first."""

    HIDE = -10
    """What has to be hidden goes before everything else."""

    URGENT = 0
    """Somebody published, edited or deleted."""

    BACKLOG = 5
    """Somebody who has many due already, as with a script: others go first."""

    BULK = 10
    """Many at once: a synchronisation, an adoption."""


class Registration(db.Model):
    """One DOI: what is wanted, what DataCite confirmed, and what comes next.

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
        # Partial, and without the columns that a claim changes: a claim then writes no
        # index entries (a "heap-only" update).
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
        # Small: there are few versions, and PostgreSQL keeps each once.
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
            # As written here, Alembic sees that it is the same as in the database.
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
    """As in PIDStore: the case of the suffix is kept."""

    doi_key: Mapped[str] = mapped_column(sa.String(255), nullable=False, unique=True)
    """What is compared: a DOI has no case; see :func:`invenio_rdm_doi.doi.doi_key`."""

    prefix: Mapped[str] = mapped_column(
        sa.String(255), sa.Computed("split_part(doi_key, '/', 1)", persisted=True)
    )
    """Of the DOI; tells its account, see ``settings.model.Settings.account_of``."""

    kind: Mapped[Kind] = mapped_column(Choice(Kind), nullable=False)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUIDType, nullable=False)
    """UUID of the record (or draft), or of the parent."""

    status: Mapped[Status] = mapped_column(Choice(Status), nullable=False)

    revision: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """What is wanted; goes up with every change that may matter to DataCite."""

    confirmed_revision: Mapped[int] = mapped_column(
        sa.Integer, nullable=False, default=0
    )
    """The last revision that DataCite is known to hold (or does not have to)."""

    confirmed_state: Mapped[str | None] = mapped_column(sa.String(16))
    """DataCite's state after the last success; None: never sent."""

    confirmed_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """SHA-256 of the last confirmed target (see ``target.Target.digest``)."""

    confirmed_url: Mapped[str | None] = mapped_column(sa.Text)
    """The URL of the last confirmed target."""

    metadata_version: Mapped[int | None] = mapped_column(sa.Integer)
    """DataCite's ``metadataVersion`` in that answer: it goes up with every change of
    the metadata, whoever makes it. None: not known."""

    mapping_version: Mapped[int | None] = mapped_column(sa.SmallInteger)
    """With which version of the mapping it was sent (``metadata.kernel.MAPPING``).
    None: another system's, or before it was kept."""

    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)

    confirmed_account: Mapped[str | None] = mapped_column(sa.String(512))
    """The account, and the API's host, that confirmed it. With another account, or at
    another address, the DOI is *unknown*; see ``settings.model.Account.id``."""

    made_here: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """The DOI was made here, from the FORMAT: its first request can only create."""

    taken_over: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """An operator decided that what DataCite has of it is this repository's."""

    removal: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """Somebody decided to take it off its record; done with the next publish."""

    checks_left: Mapped[int] = mapped_column(
        sa.SmallInteger, nullable=False, default=0, server_default="0"
    )
    """How often DataCite is still asked whether it has what it confirmed, because a
    request without an answer may have been processed later."""

    in_doubt: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """Something was sent and no answer is known: DataCite may hold either."""

    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """When to deliver next; None: nothing to do."""

    priority: Mapped[int] = mapped_column(
        sa.SmallInteger, nullable=False, default=Priority.URGENT
    )
    """See :class:`Priority`; lower goes first."""

    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Failed attempts since the last success or change."""

    lease_token: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """Who delivers it now."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """When the claim ends by itself, if its worker died."""

    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Last error: ``{"code", "message", "complaints": [{"source", "title"}]}``."""

    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a person said that its failure is looked after. It counts until the
    registration changes (``updated``), for example by its next attempt."""

    requested_by: Mapped[str | None] = mapped_column(sa.String(64))
    """Who asked for it last, as the host identifies people; None: nobody in person."""

    created: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )
    updated: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )


class BreakerState(db.Model):
    """Whether deliveries go on; see :mod:`.breaker`."""

    __tablename__ = "rdm_doi_breaker"

    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    """The account (see ``settings.model.Account.id``) and its name; or an address."""

    fingerprint: Mapped[str] = mapped_column(sa.String(32), nullable=False)
    """Of the settings with which it failed; tells whether they changed since."""

    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """Failures of the service in a row."""

    retry_at: Mapped[datetime | None] = mapped_column(Moment)
    """When to probe; None: deliveries are not suspended."""

    throttled_until: Mapped[datetime | None] = mapped_column(Moment)
    """DataCite asked to send nothing until then."""

    paused: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """DataCite does not accept the account; somebody must act."""

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
    """Whose place it is now."""

    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """When the place is free by itself, if its worker died."""

    again: Mapped[bool] = mapped_column(
        sa.Boolean, nullable=False, default=False, server_default=sa.false()
    )
    """Something became due since the run looked last."""

    called_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a message was sent to the workers that has not arrived yet."""


class Mark(db.Model):
    """Many registrations that are to be delivered again; see :mod:`.marks`."""

    __tablename__ = "rdm_doi_mark"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)

    scope: Mapped[str] = mapped_column(sa.String(16), nullable=False)
    """``all``, ``parent`` or ``community``."""

    scope_id: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """Of the parent or community."""

    distrust: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    """Believe nothing that is written down: DataCite is asked first."""

    cursor: Mapped[uuid.UUID | None] = mapped_column(UUIDType)
    """The last one that was marked, in the order of the ids."""

    done: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    """How many registrations were marked."""

    created: Mapped[datetime] = mapped_column(
        Moment, nullable=False, server_default=sa.func.now()
    )


STORAGE = "fillfactor = 45, autovacuum_vacuum_scale_factor = 0.05"
"""Room in each page for the next version of every row, and tidied up often: each
delivery changes its row three times. A row grows when it is claimed, so half of a page
is not enough for the other half."""

sa.event.listen(
    Registration.__table__,
    "after_create",
    sa.DDL(f"ALTER TABLE {Registration.__tablename__} SET ({STORAGE})"),
)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tables: one registration per DOI, and the attempts made for it."""

from __future__ import annotations

import enum
import uuid

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy_utils.types import ChoiceType, UUIDType

JSON = sa.JSON().with_variant(JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)


class Kind(enum.Enum):
    """What a DOI is for."""

    RECORD = "record"
    """One version of a record."""

    PARENT = "parent"
    """All versions of a record: the concept DOI."""


class Status(enum.Enum):
    """What people see of a registration."""

    RESERVED = "reserved"
    """Kept for a draft; nothing is wanted at DataCite yet."""

    PENDING = "pending"
    """DataCite has to be brought up to date and will be."""

    RETRYING = "retrying"
    """The last attempt failed; another one is planned."""

    REGISTERED = "registered"
    """DataCite holds what it should, and anybody can find it."""

    HELD = "held"
    """On purpose not (or only as a placeholder) at DataCite: a restricted record."""

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

    URGENT = 0
    """Somebody published, edited or deleted."""

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
            "priority",
            "due_at",
            postgresql_where=sa.text("due_at IS NOT NULL"),
        ),
        sa.Index("ix_rdm_doi_registration_owner", "owner_id"),
        sa.Index("ix_rdm_doi_registration_status", "status"),
    )

    id = sa.Column(UUIDType, primary_key=True, default=uuid.uuid4)

    doi = sa.Column(sa.String(255), nullable=False, unique=True)
    """As in PIDStore: the case of the suffix is kept."""

    kind = sa.Column(ChoiceType(Kind, impl=sa.String(16)), nullable=False)

    owner_id = sa.Column(UUIDType, nullable=False)
    """UUID of the record (or draft), or of the parent."""

    status = sa.Column(ChoiceType(Status, impl=sa.String(16)), nullable=False)

    revision = sa.Column(sa.Integer, nullable=False, default=0)
    """What is wanted; goes up with every change that may matter to DataCite."""

    confirmed_revision = sa.Column(sa.Integer, nullable=False, default=0)
    """The last revision that DataCite is known to hold (or does not have to)."""

    confirmed_state = sa.Column(sa.String(16))
    """DataCite's state after the last success; None: never sent."""

    confirmed_digest = sa.Column(sa.String(64))
    """SHA-256 of the last confirmed target (see ``target.Target.digest``)."""

    confirmed_at = sa.Column(Moment)

    in_doubt = sa.Column(sa.Boolean, nullable=False, default=False)
    """Something was sent and no answer is known: DataCite may hold either."""

    due_at = sa.Column(Moment)
    """When to deliver next; None: nothing to do."""

    priority = sa.Column(sa.SmallInteger, nullable=False, default=Priority.URGENT)
    """See :class:`Priority`; lower goes first."""

    failures = sa.Column(sa.Integer, nullable=False, default=0)
    """Failed attempts since the last success or change."""

    lease_token = sa.Column(UUIDType)
    """Who delivers it now."""

    lease_until = sa.Column(Moment)
    """When the claim ends by itself, if its worker died."""

    error = sa.Column(JSON)
    """Last error: ``{"code", "message", "complaints": [{"source", "title"}]}``."""

    created = sa.Column(Moment, nullable=False, server_default=sa.func.now())
    updated = sa.Column(Moment, nullable=False, server_default=sa.func.now())


class AccountHealth(db.Model):
    """Whether a DataCite account can be used now; see :mod:`.account`."""

    __tablename__ = "rdm_doi_account"

    name = sa.Column(sa.String(255), primary_key=True)
    """User name and API address."""

    fingerprint = sa.Column(sa.String(32), nullable=False)
    """Of the settings with which it failed; tells whether they changed since."""

    failures = sa.Column(sa.Integer, nullable=False, default=0)
    """Failures of the service in a row."""

    retry_at = sa.Column(Moment)
    """When to probe; None: the breaker is closed."""

    hold_until = sa.Column(Moment)
    """DataCite asked to send nothing until then."""

    paused = sa.Column(sa.Boolean, nullable=False, default=False)
    """DataCite does not accept the account; somebody must act."""

    reason = sa.Column(JSON)
    """The last error, as in :attr:`Registration.error`."""

    updated = sa.Column(Moment, nullable=False, server_default=sa.func.now())


class Attempt(db.Model):
    """One exchange with DataCite, kept as history."""

    __tablename__ = "rdm_doi_attempt"
    __table_args__ = (
        sa.Index("ix_rdm_doi_attempt_registration", "registration_id", "started_at"),
    )

    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)

    registration_id = sa.Column(
        UUIDType,
        sa.ForeignKey(
            Registration.id,
            ondelete="CASCADE",
            name="fk_rdm_doi_attempt_registration_id",
        ),
        nullable=False,
    )

    revision = sa.Column(sa.Integer, nullable=False)
    """The revision that was to be delivered."""

    started_at = sa.Column(Moment, nullable=False)

    duration_ms = sa.Column(sa.Integer, nullable=False)

    outcome = sa.Column(ChoiceType(Outcome, impl=sa.String(16)), nullable=False)

    http_status = sa.Column(sa.Integer)
    """None: no answer came."""

    state = sa.Column(sa.String(16))
    """DataCite's state in the answer."""

    digest = sa.Column(sa.String(64), nullable=False)
    """Of the target that was sent."""

    error = sa.Column(JSON)
    """As in :attr:`Registration.error`; None after a success."""

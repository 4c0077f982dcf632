# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Create tables for registrations, attempts and accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy_utils.types import UUIDType

# revision identifiers, used by Alembic.
revision = "8d2f6a4c9e11"
down_revision = "3b7c0e1f5a20"
branch_labels = ()
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)


def upgrade():
    """Upgrade database."""
    op.create_table(
        "rdm_doi_registration",
        sa.Column("id", UUIDType(), nullable=False),
        sa.Column("doi", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", UUIDType(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confirmed_revision", sa.Integer(), nullable=False),
        sa.Column("confirmed_state", sa.String(length=16)),
        sa.Column("confirmed_digest", sa.String(length=64)),
        sa.Column("confirmed_at", Moment),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_token", UUIDType()),
        sa.Column("lease_until", Moment),
        sa.Column("error", JSON),
        sa.Column("created", Moment, server_default=sa.func.now(), nullable=False),
        sa.Column("updated", Moment, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_registration")),
        sa.UniqueConstraint("doi", name=op.f("uq_rdm_doi_registration_doi")),
    )
    op.create_index(
        "ix_rdm_doi_registration_due",
        "rdm_doi_registration",
        ["priority", "due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_rdm_doi_registration_owner", "rdm_doi_registration", ["owner_id"]
    )
    op.create_index(
        "ix_rdm_doi_registration_status", "rdm_doi_registration", ["status"]
    )
    op.create_table(
        "rdm_doi_account",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", Moment),
        sa.Column("hold_until", Moment),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("reason", JSON),
        sa.Column("updated", Moment, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rdm_doi_account")),
    )
    op.create_table(
        "rdm_doi_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("registration_id", UUIDType(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("http_status", sa.Integer()),
        sa.Column("state", sa.String(length=16)),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("error", JSON),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["rdm_doi_registration.id"],
            name="fk_rdm_doi_attempt_registration_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_attempt")),
    )
    op.create_index(
        "ix_rdm_doi_attempt_registration",
        "rdm_doi_attempt",
        ["registration_id", "started_at"],
    )


def downgrade():
    """Downgrade database."""
    op.drop_table("rdm_doi_attempt")
    op.drop_table("rdm_doi_account")
    op.drop_table("rdm_doi_registration")

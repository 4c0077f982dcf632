# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Create tables for runs and marks; replace the index on the status by others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy_utils.types import UUIDType

# revision identifiers, used by Alembic.
revision = "7c1e5f0a9b34"
down_revision = "4d9a3e7b1c60"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"
STORAGE = "fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05"
RESET = "fillfactor, autovacuum_vacuum_scale_factor"
Moment = sa.DateTime(timezone=True)


def upgrade():
    """Upgrade database."""
    op.create_table(
        "rdm_doi_runner",
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("token", UUIDType()),
        sa.Column("lease_until", Moment),
        sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("called_at", Moment),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_rdm_doi_runner")),
    )
    op.create_table(
        "rdm_doi_mark",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("scope_id", UUIDType()),
        sa.Column("distrust", sa.Boolean(), nullable=False),
        sa.Column("cursor", UUIDType()),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", Moment, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_mark")),
    )
    op.add_column(TABLE, sa.Column("requested_by", sa.String(64)))
    op.drop_index("ix_rdm_doi_registration_status", TABLE)
    op.create_index(
        "ix_rdm_doi_registration_failed",
        TABLE,
        ["updated"],
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index(
        "ix_rdm_doi_registration_must_hide",
        TABLE,
        ["id"],
        postgresql_where=sa.text("(error ->> 'must_hide') = 'true'"),
    )
    op.create_index(
        "ix_rdm_doi_registration_requester",
        TABLE,
        ["requested_by", "due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_rdm_doi_registration_confirmed",
        TABLE,
        ["prefix", "confirmed_account"],
        postgresql_where=sa.text("confirmed_state IS NOT NULL"),
    )
    # With free space in pages, claims and the updates before a request need no new
    # index entries.
    op.execute(sa.text(f"ALTER TABLE {TABLE} SET ({STORAGE})"))


def downgrade():
    """Downgrade database."""
    op.execute(sa.text(f"ALTER TABLE {TABLE} RESET ({RESET})"))
    for name in ("confirmed", "requester", "must_hide", "failed"):
        op.drop_index(f"ix_rdm_doi_registration_{name}", TABLE)
    op.create_index("ix_rdm_doi_registration_status", TABLE, ["status"])
    op.drop_column(TABLE, "requested_by")
    op.drop_table("rdm_doi_mark")
    op.drop_table("rdm_doi_runner")

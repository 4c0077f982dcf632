# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Store confirmed URL and metadata version; create tables for audits and the tally."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy_utils.types import UUIDType

# revision identifiers, used by Alembic.
revision = "5a6c8e2d9f14"
down_revision = "2e8b4d6f1a07"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"
STORAGE = "fillfactor = {}, autovacuum_vacuum_scale_factor = 0.05"
Moment = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    """Upgrade database."""
    # Rows grow when they are claimed: new versions of the rows in half of a page do not
    # fit into its other half.
    op.execute(sa.text(f"ALTER TABLE {TABLE} SET ({STORAGE.format(45)})"))
    op.add_column(TABLE, sa.Column("confirmed_url", sa.Text()))
    op.add_column(TABLE, sa.Column("metadata_version", sa.Integer()))
    op.create_table(
        "rdm_doi_run",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=512), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("cursor", sa.String(length=512)),
        sa.Column("since", Moment),
        sa.Column("total", sa.Integer()),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment, server_default=sa.func.now(), nullable=False),
        sa.Column("finished_at", Moment),
        sa.Column("lease_token", UUIDType()),
        sa.Column("lease_until", Moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_run")),
    )
    op.create_index("ix_rdm_doi_run_job", "rdm_doi_run", ["job", "account", "id"])
    op.create_table(
        "rdm_doi_seen",
        sa.Column("doi_key", sa.String(length=255), nullable=False),
        sa.Column("job", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=512), nullable=False),
        sa.Column("same_version", sa.Integer()),
        sa.PrimaryKeyConstraint("doi_key", "job", name=op.f("pk_rdm_doi_seen")),
    )
    op.create_table(
        "rdm_doi_finding",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("doi_key", sa.String(length=255), nullable=False),
        sa.Column("doi", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=512), nullable=False),
        sa.Column("problem", sa.String(length=16), nullable=False),
        sa.Column("details", JSON),
        sa.Column("first_seen", Moment, server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen", Moment, server_default=sa.func.now(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_finding")),
        sa.UniqueConstraint(
            "doi_key", "problem", name=op.f("uq_rdm_doi_finding_doi_key")
        ),
    )
    op.create_index(
        "ix_rdm_doi_finding_account", "rdm_doi_finding", ["account", "run_id"]
    )
    op.create_table(
        "rdm_doi_tally",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("hour", Moment, nullable=False),
        sa.Column("prefix", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdm_doi_tally")),
    )
    op.create_index("ix_rdm_doi_tally_hour", "rdm_doi_tally", ["hour"])
    op.create_index(
        "ix_rdm_doi_attempt_started",
        "rdm_doi_attempt",
        ["started_at"],
        postgresql_using="brin",
    )


def downgrade():
    """Downgrade database."""
    op.drop_index("ix_rdm_doi_attempt_started", "rdm_doi_attempt")
    for name in ("tally", "finding", "seen", "run"):
        op.drop_table(f"rdm_doi_{name}")
    op.execute(sa.text(f"ALTER TABLE {TABLE} SET ({STORAGE.format(50)})"))
    op.drop_column(TABLE, "metadata_version")
    op.drop_column(TABLE, "confirmed_url")

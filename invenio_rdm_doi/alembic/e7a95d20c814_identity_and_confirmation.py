# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Compare DOIs without case; keep who confirmed what, and what is in doubt."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "e7a95d20c814"
down_revision = "c41f0a7d2b63"
branch_labels = ()
# The index below is on a table of Invenio-PIDStore.
depends_on = "999c62899c20"

KEY = sa.text('lower(doi COLLATE "C")')
PID_KEY = sa.text('lower(pid_value COLLATE "C")')
PID_INDEX = "ix_rdm_doi_pid_key"


def upgrade():
    """Upgrade database."""
    table = "rdm_doi_registration"
    op.add_column(table, sa.Column("doi_key", sa.String(255)))
    op.execute(sa.text(f"UPDATE {table} SET doi_key = {KEY.text}"))
    # Two spellings of one DOI: the row that DataCite confirmed last stays.
    op.execute(
        sa.text(
            f"DELETE FROM {table} worse USING {table} better"
            " WHERE worse.doi_key = better.doi_key AND worse.id <> better.id"
            " AND (coalesce(better.confirmed_at, 'epoch'), better.id)"
            " > (coalesce(worse.confirmed_at, 'epoch'), worse.id)"
        )
    )
    op.alter_column(table, "doi_key", nullable=False)
    op.drop_constraint("uq_rdm_doi_registration_doi", table, type_="unique")
    op.create_unique_constraint("uq_rdm_doi_registration_doi_key", table, ["doi_key"])
    no = sa.text("false")
    for name in ("made_here", "taken_over", "removal"):
        op.add_column(
            table, sa.Column(name, sa.Boolean(), nullable=False, server_default=no)
        )
    op.add_column(
        table,
        sa.Column("checks_left", sa.SmallInteger(), nullable=False, server_default="0"),
    )
    op.add_column(table, sa.Column("confirmed_account", sa.String(512)))
    # DOIs that were never sent were made here.
    op.execute(
        sa.text(
            f"UPDATE {table} SET made_here = true"
            " WHERE confirmed_state IS NULL AND NOT in_doubt"
        )
    )
    with op.get_context().autocommit_block():
        op.create_index(
            PID_INDEX,
            "pidstore_pid",
            [PID_KEY],
            postgresql_where=sa.text("pid_type = 'doi'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade():
    """Downgrade database."""
    table = "rdm_doi_registration"
    op.drop_index(PID_INDEX, "pidstore_pid", if_exists=True)
    for name in (
        "confirmed_account",
        "checks_left",
        "removal",
        "taken_over",
        "made_here",
    ):
        op.drop_column(table, name)
    op.drop_constraint("uq_rdm_doi_registration_doi_key", table, type_="unique")
    op.create_unique_constraint("uq_rdm_doi_registration_doi", table, ["doi"])
    op.drop_column(table, "doi_key")

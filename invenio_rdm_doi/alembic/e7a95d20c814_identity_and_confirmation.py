# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Compare DOIs regardless of case; store their origin and the confirming account."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "e7a95d20c814"
down_revision = "c41f0a7d2b63"
branch_labels = ()
depends_on = None

KEY = sa.text('lower(doi COLLATE "C")')


def upgrade():
    """Upgrade database."""
    table = "rdm_doi_registration"
    op.add_column(table, sa.Column("doi_key", sa.String(255)))
    op.execute(sa.text(f"UPDATE {table} SET doi_key = {KEY.text}"))
    # Of several spellings of one DOI, keep the row that DataCite confirmed last.
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
    # The previous owner of a DOI is unknown: DataCite is queried, except about DOIs of
    # drafts.
    op.execute(
        sa.text(
            f"UPDATE {table} SET made_here = true WHERE status = 'reserved'"
            " AND confirmed_state IS NULL AND NOT in_doubt"
        )
    )
    # Such rows were also written for DOIs of the built-in provider, without sending
    # anything.
    op.execute(
        sa.text(
            f"UPDATE {table} SET due_at = now() WHERE due_at IS NULL"
            " AND status IN ('withheld', 'hidden') AND confirmed_state IS NULL"
        )
    )


def downgrade():
    """Downgrade database."""
    table = "rdm_doi_registration"
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

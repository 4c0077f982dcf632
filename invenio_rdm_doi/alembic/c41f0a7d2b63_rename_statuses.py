# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Rename statuses, kinds and the table of the breaker."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "c41f0a7d2b63"
down_revision = "8d2f6a4c9e11"
branch_labels = ()
depends_on = None

RENAMED = (
    ("status", "registered", "findable"),
    ("status", "held", "withheld"),
    ("kind", "parent", "concept"),
)

registration = sa.table("rdm_doi_registration", sa.column("status"), sa.column("kind"))


def _rename(column, before, after):
    column = registration.c[column]
    op.execute(sa.update(registration).where(column == before).values({column: after}))


def upgrade():
    """Upgrade database."""
    for column, before, after in RENAMED:
        _rename(column, before, after)
    op.rename_table("rdm_doi_account", "rdm_doi_breaker")
    op.execute("ALTER INDEX pk_rdm_doi_account RENAME TO pk_rdm_doi_breaker")
    op.alter_column("rdm_doi_breaker", "hold_until", new_column_name="throttled_until")


def downgrade():
    """Downgrade database."""
    op.alter_column("rdm_doi_breaker", "throttled_until", new_column_name="hold_until")
    op.execute("ALTER INDEX pk_rdm_doi_breaker RENAME TO pk_rdm_doi_account")
    op.rename_table("rdm_doi_breaker", "rdm_doi_account")
    for column, before, after in RENAMED:
        _rename(column, after, before)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Store the prefixes of DOIs, to claim due registrations of one account."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "4d9a3e7b1c60"
down_revision = "1f6b0c92d7e4"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"
INDEX = "ix_rdm_doi_registration_due"
WAITING = sa.text("due_at IS NOT NULL")


def upgrade():
    """Upgrade database."""
    op.add_column(
        TABLE,
        sa.Column(
            "prefix",
            sa.String(255),
            sa.Computed("split_part(doi_key, '/', 1)", persisted=True),
            nullable=False,
        ),
    )
    op.drop_index(INDEX, TABLE)
    op.create_index(
        INDEX, TABLE, ["prefix", "priority", "due_at"], postgresql_where=WAITING
    )
    # Accounts are named differently now; current problems will be detected again.
    op.execute(sa.text("DELETE FROM rdm_doi_breaker"))


def downgrade():
    """Downgrade database."""
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, ["priority", "due_at"], postgresql_where=WAITING)
    op.drop_column(TABLE, "prefix")

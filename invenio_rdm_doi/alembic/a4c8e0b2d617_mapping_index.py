# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Add an index to count DOIs that were sent with an older version of the mapping."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "a4c8e0b2d617"
down_revision = "9b3d7f1e5c28"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"
INDEX = "ix_rdm_doi_registration_mapping"
INVALID = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    f" WHERE relname = '{INDEX}' AND NOT indisvalid"
)


def upgrade():
    """Upgrade database.

    This revision does nothing else: it runs outside of a transaction, no other
    transaction waits for it, and it is run again from its beginning if it was
    interrupted.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        if op.get_bind().scalar(INVALID):
            # An earlier run was interrupted.
            op.drop_index(INDEX, TABLE, postgresql_concurrently=True)
        op.create_index(
            INDEX,
            TABLE,
            [sa.text("coalesce(mapping_version, 0)")],
            postgresql_where=sa.text("confirmed_state IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("RESET lock_timeout")


def downgrade():
    """Downgrade database."""
    op.drop_index(INDEX, TABLE, if_exists=True)

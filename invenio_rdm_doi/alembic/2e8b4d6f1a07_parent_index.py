# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Add an index to find the versions of a record without reading all records."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "2e8b4d6f1a07"
down_revision = "7c1e5f0a9b34"
branch_labels = ()
# The index is on a table of Invenio-RDM-Records.
depends_on = "2186256e8d9b"

TABLE = "rdm_records_metadata"
INDEX = "ix_rdm_doi_records_parent"

INVALID = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    f" WHERE relname = '{INDEX}' AND NOT indisvalid"
)
OTHER = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    " JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
    f" WHERE indrelid = CAST('{TABLE}' AS regclass) AND attname = 'parent_id'"
    f" AND indisvalid AND indpred IS NULL AND relname <> '{INDEX}'"
)


def upgrade():
    """Upgrade database.

    This revision does nothing else: it runs outside of a transaction, and is run again
    from its beginning if it was interrupted.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        bind = op.get_bind()
        if bind.scalar(INVALID):
            # An earlier run was interrupted.
            op.drop_index(INDEX, TABLE, postgresql_concurrently=True)
        if not bind.scalar(OTHER):
            op.create_index(
                INDEX,
                TABLE,
                ["parent_id", "index"],
                postgresql_concurrently=True,
                if_not_exists=True,
            )
        op.execute("RESET lock_timeout")


def downgrade():
    """Downgrade database."""
    op.drop_index(INDEX, TABLE, if_exists=True)

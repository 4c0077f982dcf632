# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Add an index to find a DOI in PIDStore regardless of case."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "1f6b0c92d7e4"
down_revision = "e7a95d20c814"
branch_labels = ()
# The index is on a table of Invenio-PIDStore.
depends_on = "999c62899c20"

PID_KEY = sa.text('lower(pid_value COLLATE "C")')
PID_INDEX = "ix_rdm_doi_pid_key"
INVALID = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    f" WHERE relname = '{PID_INDEX}' AND NOT indisvalid"
)


def upgrade():
    """Upgrade database.

    This revision does nothing else: it runs outside of a transaction, and is run again
    from its beginning if it was interrupted. It waits for transactions that are older
    than itself, and no other transaction waits for it.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        if op.get_bind().scalar(INVALID):
            # An earlier run was interrupted.
            op.drop_index(PID_INDEX, "pidstore_pid", postgresql_concurrently=True)
        op.create_index(
            PID_INDEX,
            "pidstore_pid",
            [PID_KEY],
            postgresql_where=sa.text("pid_type = 'doi'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("RESET lock_timeout")


def downgrade():
    """Downgrade database."""
    op.drop_index(PID_INDEX, "pidstore_pid", if_exists=True)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Add indexes for the pages of DOIs, and the time a failure was marked as handled."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "b7e2d9c4f135"
down_revision = "a4c8e0b2d617"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"
INDEXES = {
    "ix_rdm_doi_registration_changes": (
        ["prefix", "status", "kind", "updated", "id"],
        {},
    ),
    "ix_rdm_doi_registration_names": (
        ["prefix", "status", "kind", "doi_key"],
        {"ops": {"doi_key": 'COLLATE "C"'}},
    ),
    "ix_rdm_doi_registration_code": (
        [sa.text("(error ->> 'code')"), "prefix", "status", "kind", "updated", "id"],
        {"where": sa.text("error IS NOT NULL")},
    ),
}
INVALID = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    " WHERE relname = :name AND NOT indisvalid"
)


def upgrade():
    """Upgrade database.

    The column is added at once; the indexes are built outside of a transaction, and no
    other transaction waits for them. The revision can be run again if it was
    interrupted.
    """
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS handled_at"
        " TIMESTAMP WITH TIME ZONE"
    )
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for name, (columns, options) in INDEXES.items():
            if op.get_bind().scalar(INVALID, {"name": name}):
                # An earlier run was interrupted.
                op.drop_index(name, TABLE, postgresql_concurrently=True)
            op.create_index(
                name,
                TABLE,
                columns,
                **{f"postgresql_{key}": value for key, value in options.items()},
                postgresql_concurrently=True,
                if_not_exists=True,
            )
        op.execute("RESET lock_timeout")


def downgrade():
    """Downgrade database."""
    for name in INDEXES:
        op.drop_index(name, TABLE, if_exists=True)
    op.drop_column(TABLE, "handled_at")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Store the version of the mapping with which the metadata of each DOI were sent."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "9b3d7f1e5c28"
down_revision = "5a6c8e2d9f14"
branch_labels = ()
depends_on = None

TABLE = "rdm_doi_registration"


def upgrade():
    """Upgrade database."""
    op.add_column(TABLE, sa.Column("mapping_version", sa.SmallInteger()))


def downgrade():
    """Downgrade database."""
    op.drop_column(TABLE, "mapping_version")

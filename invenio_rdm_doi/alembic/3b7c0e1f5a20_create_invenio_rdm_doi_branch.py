# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Create invenio-rdm-doi branch."""

# revision identifiers, used by Alembic.
revision = "3b7c0e1f5a20"
down_revision = None
branch_labels = ("invenio_rdm_doi",)
# The first revision of invenio-db: the root of every Invenio branch.
depends_on = "dbdbc1b19cf2"


def upgrade():
    """Upgrade database."""


def downgrade():
    """Downgrade database."""

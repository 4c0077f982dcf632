# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Create a table of sent notices, and an index of findings by problem."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = "c9f1a6e3d248"
down_revision = "b7e2d9c4f135"
branch_labels = ()
depends_on = None


def upgrade():
    """Upgrade database."""
    op.create_table(
        "rdm_doi_notice",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "facts",
            sa.JSON().with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rdm_doi_notice")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_rdm_doi_notice_sent_at", "rdm_doi_notice", ["sent_at"], if_not_exists=True
    )
    op.create_index(
        "ix_rdm_doi_finding_problem",
        "rdm_doi_finding",
        ["problem", "id"],
        if_not_exists=True,
    )


def downgrade():
    """Downgrade database."""
    op.drop_index("ix_rdm_doi_finding_problem", "rdm_doi_finding", if_exists=True)
    op.drop_table("rdm_doi_notice", if_exists=True)

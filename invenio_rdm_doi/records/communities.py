# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Communities of a record."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from invenio_base import invenio_url_for
from invenio_communities.communities.records.models import CommunityMetadata
from invenio_communities.communities.records.systemfields.deletion_status import (
    CommunityDeletionStatusEnum,
)
from invenio_db import db
from invenio_rdm_records.records.models import RDMParentCommunity
from werkzeug.routing import BuildError


def addresses(parent_id: UUID) -> tuple[str, ...]:
    """Addresses of the communities of a record that everybody may know, sorted.

    Asked of the database, not of the parent's own copy, and never of a restricted
    community: its name is not for DataCite.
    """
    slugs = db.session.scalars(
        sa.select(CommunityMetadata.slug)
        .join(
            RDMParentCommunity, RDMParentCommunity.community_id == CommunityMetadata.id
        )
        .where(
            RDMParentCommunity.record_id == parent_id,
            CommunityMetadata.slug.is_not(None),
            CommunityMetadata.json["access"]["visibility"].as_string() == "public",
            CommunityMetadata.deletion_status
            == CommunityDeletionStatusEnum.PUBLISHED.value,
        )
    )
    return tuple(address(slug) for slug in sorted(slugs))


def address(slug: str) -> str:
    """The address of a community's page."""
    try:
        return invenio_url_for(
            "invenio_app_rdm_communities.communities_home", pid_value=slug
        )
    except BuildError:
        return f"{current_app.config['SITE_UI_URL'].rstrip('/')}/communities/{slug}/"

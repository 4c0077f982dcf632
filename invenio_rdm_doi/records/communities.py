# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Communities of a record."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as Uuid
from werkzeug.routing import BuildError


def addresses(parent_id: UUID) -> tuple[str, ...]:
    """Return the addresses of one record's communities; see :func:`addresses_of`."""
    return addresses_of([parent_id])[parent_id]


def addresses_of(parents: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the sorted addresses of the public communities of several records.

    The database is queried, not the parent's own copy. Restricted communities are left
    out, because DataCite must not receive their names.

    :returns: a dictionary with the ``id`` of each parent as key.
    """
    slugs: dict[UUID, list[str]] = {parent_id: [] for parent_id in parents}
    for parent_id, slug in db.session.execute(_slugs(), {"parents": list(parents)}):
        slugs[parent_id].append(slug)
    return {
        parent_id: tuple(address(slug) for slug in sorted(found))
        for parent_id, found in slugs.items()
    }


def id_of(slug: str) -> UUID | None:
    """Return the ID of a community, or None if no community has this slug."""
    found = CommunityMetadata.query.filter_by(slug=slug).one_or_none()
    return None if found is None else found.id


@cache
def _slugs() -> sa.Select[Any]:
    """Build the statement of :func:`addresses_of`.

    It is cached, because building it costs more than running it.
    """
    return (
        sa.select(RDMParentCommunity.record_id, CommunityMetadata.slug)
        .join(
            CommunityMetadata, RDMParentCommunity.community_id == CommunityMetadata.id
        )
        .where(
            RDMParentCommunity.record_id
            == sa.any_(sa.bindparam("parents", type_=ARRAY(Uuid))),
            CommunityMetadata.slug.is_not(None),
            CommunityMetadata.json["access"]["visibility"].as_string() == "public",
            CommunityMetadata.deletion_status
            == CommunityDeletionStatusEnum.PUBLISHED.value,
        )
    )


def members(community_id: UUID) -> sa.Select[tuple[UUID]]:
    """Return a query for the IDs of the parents of all records in a community."""
    return sa.select(RDMParentCommunity.record_id).where(
        RDMParentCommunity.community_id == community_id
    )


def default_community(parent: Any) -> frozenset[str]:
    """Return slug and UUID of a record's default community or reviewing community.

    :param parent: a parent of InvenioRDM's API.
    :returns: empty if there is no such community.
    """
    communities = getattr(parent, "communities", None)
    if communities is None:
        return frozenset()
    id_ = communities.to_dict().get("default") or _reviewing(parent)
    if id_ is None:
        return frozenset()
    slug = db.session.scalar(
        sa.select(CommunityMetadata.slug).where(CommunityMetadata.id == id_)
    )
    return frozenset(name for name in (str(id_), slug) if name)


def _reviewing(parent: Any) -> str | None:
    """Return the community to which a first version was or will be submitted."""
    review = parent.review
    if review is None or review.receiver is None:
        return None
    return review.receiver.reference_dict.get("community")


def known(names: Collection[str]) -> set[str]:
    """Return the given slugs and UUIDs that belong to undeleted communities."""
    column = sa.cast(CommunityMetadata.id, sa.String)
    rows = db.session.execute(
        sa.select(CommunityMetadata.slug, column).where(
            sa.or_(CommunityMetadata.slug.in_(names), column.in_(names)),
            CommunityMetadata.deletion_status
            == CommunityDeletionStatusEnum.PUBLISHED.value,
        )
    )
    return {name for row in rows for name in row if name in names}


def address(slug: str) -> str:
    """Return the address of a community's page."""
    try:
        return invenio_url_for(
            "invenio_app_rdm_communities.communities_home", pid_value=slug
        )
    except BuildError:
        return f"{current_app.config['SITE_UI_URL'].rstrip('/')}/communities/{slug}/"

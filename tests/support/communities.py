# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Communities, and records in them."""

from __future__ import annotations

from typing import Any

from invenio_access.permissions import system_identity
from invenio_communities.proxies import current_communities
from invenio_db import db


def create_community(
    slug: str, visibility: str = "public", owner: Any = system_identity
) -> str:
    """Create a community; return its UUID."""
    return current_communities.service.create(
        owner,
        {
            "slug": slug,
            "metadata": {"title": slug.title()},
            "access": {
                "visibility": visibility,
                "record_submission_policy": "open",
            },
        },
    ).id


def put_into(draft: Any, community: str) -> None:
    """Make it the default community of a draft, as if a review had been accepted."""
    parent = draft._record.parent
    parent.communities.add(community, default=True)
    parent.commit()
    db.session.commit()

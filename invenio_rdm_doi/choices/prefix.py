# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Selection of the prefix, and therefore the account, of a record's new DOI.

The versions of a record and its concept DOI have the prefix of the first managed DOI,
regardless of the record's later communities. The prefix of the first managed DOI
depends on the default community or, while a draft is under review, on the community
that reviews it.
"""

from __future__ import annotations

from typing import Any

from ..doi import doi_key, managed_doi
from ..records.communities import default_community
from ..records.versions import versions
from ..settings.model import Settings


def prefix_for(settings: Settings, owner: Any) -> str:
    """Return the prefix of the new DOI of a record, draft or parent."""
    return _kept(settings, owner) or _of_community(settings, owner)


def may_change(settings: Settings, draft: Any) -> bool:
    """Return whether the prefix of a draft's DOI depends on the draft's community."""
    return settings.by_community and not _kept(settings, draft)


def _kept(settings: Settings, owner: Any) -> str | None:
    """Return the prefix of the record's first managed DOI if an account has it."""
    if len(settings.prefixes) == 1:
        return settings.account.prefix
    parent = getattr(owner, "parent", owner)
    concept = managed_doi(parent)
    dois = [concept] if concept else _dois_of_versions(owner, parent)
    for doi in dois:
        prefix = doi_key(doi).partition("/")[0]
        if prefix in settings.prefixes:
            return prefix
    return None


def _dois_of_versions(owner: Any, parent: Any) -> list[str]:
    """Return the managed DOIs of the versions, the oldest first."""
    standing = getattr(owner, "versions", None)
    if parent.id is None or (standing and (standing.latest_index or 0) <= 1):
        # There is no other version.
        return []
    known = versions(parent.id)
    return [v.doi for v in reversed(known) if v.managed and v.doi]


def _of_community(settings: Settings, owner: Any) -> str:
    if not settings.by_community:
        return settings.account.prefix
    parent = getattr(owner, "parent", owner)
    return settings.serving(default_community(parent)).prefix

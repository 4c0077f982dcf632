# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes of which no hook of the records service tells.

A record's communities, and what a community is called, are part of its metadata at
DataCite. The host changes them in many places (requests, bulk additions, commands),
but always in these two tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from invenio_communities.communities.records.models import CommunityMetadata
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.models import RDMParentCommunity, RDMParentMetadata
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import get_history

from .proxies import current_doi
from .registration import ledger


def listen() -> None:
    """Listen from now on; once for all applications of a process."""
    for model, function in (
        (RDMParentMetadata, _parent_changed),
        (CommunityMetadata, _community_changed),
    ):
        if not sa.event.contains(model, "after_update", function):
            sa.event.listen(model, "after_update", function)


def _parent_changed(mapper: Mapper, connection: sa.Connection, parent: Any) -> None:
    """The host commits a parent when a community is added or removed."""
    if _active() and _changed(parent, "json", ("communities", "ids")):
        _request(connection, [parent.id])


def _community_changed(mapper: Mapper, connection: sa.Connection, row: Any) -> None:
    """A community has another address, another visibility, or is deleted."""
    if not _active():
        return
    if (
        _changed(row, "slug")
        or _changed(row, "deletion_status")
        or _changed(row, "json", ("access", "visibility"))
    ):
        _request(
            connection,
            sa.select(RDMParentCommunity.record_id).where(
                RDMParentCommunity.community_id == row.id
            ),
        )


def _active() -> bool:
    # The models are shared: another application of this process may do without.
    return bool(current_doi) and current_doi.settings.enabled


def _changed(row: Any, column: str, path: tuple[str, ...] = ()) -> bool:
    history = get_history(row, column)
    if not history.has_changes():
        return False
    before = _at(history.deleted[0] if history.deleted else None, path)
    after = _at(getattr(row, column), path)
    return _comparable(before) != _comparable(after)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value)
    # A status may be an enumeration's member or its value.
    return getattr(value, "value", value) or None


def _request(connection: sa.Connection, parents: Any) -> None:
    # In the middle of a flush the session takes no statements.
    records = current_rdm_records.records_service.record_cls.model_cls
    of_parents = sa.select(records.id).where(records.parent_id.in_(parents))
    for owners in (parents, of_parents):
        ledger.request_for_owners(owners, execute=connection.execute)

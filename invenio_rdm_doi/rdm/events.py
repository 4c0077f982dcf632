# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes for which the records service has no hook.

A record's communities and their addresses are part of its metadata at DataCite.
InvenioRDM changes them in many places (requests, bulk additions, commands), but always
in these two tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app, has_app_context
from invenio_communities.communities.records.models import CommunityMetadata
from invenio_rdm_records.records.models import RDMParentMetadata
from sqlalchemy.orm import Mapper

from ..registration import marks


def use(app: Flask) -> None:
    """Register the listeners, once for all applications of a process."""
    for model, function in (
        (RDMParentMetadata, _parent_changes),
        (CommunityMetadata, _community_changes),
    ):
        if not sa.event.contains(model, "before_update", function):
            sa.event.listen(model, "before_update", function)


def _parent_changes(
    mapper: Mapper[Any], connection: sa.Connection, parent: Any
) -> None:
    """Note a parent that InvenioRDM commits with a community added or removed."""
    if not _active():
        return
    before = connection.scalar(
        _of(parent, RDMParentMetadata.json["communities"]["ids"])
    )
    after = ((parent.json or {}).get("communities") or {}).get("ids")
    if sorted(before or []) != sorted(after or []):
        # The session accepts no statements during a flush.
        marks.note_parent(parent.id, connection.execute)


def _community_changes(
    mapper: Mapper[Any], connection: sa.Connection, row: Any
) -> None:
    """Note a community whose address, visibility or deletion status changed."""
    if not _active():
        return
    visibility = CommunityMetadata.json["access"]["visibility"].as_string()
    columns = (CommunityMetadata.slug, CommunityMetadata.deletion_status, visibility)
    before = connection.execute(_of(row, *columns)).one_or_none()
    after = (
        row.slug,
        row.deletion_status,
        ((row.json or {}).get("access") or {}).get("visibility"),
    )
    if before is not None and list(map(_value, before)) != list(map(_value, after)):
        marks.note_community(row.id, connection.execute)


def _of(row: Any, *columns: Any) -> sa.Select[Any]:
    """Return a query for a row's columns in the database, before it is written.

    The session does not have the old values: InvenioRDM replaces the whole document.
    """
    return sa.select(*columns).where(type(row).id == row.id)


def _value(value: Any) -> Any:
    # A status may be an enumeration member or its value.
    return getattr(value, "value", value)


def _active() -> bool:
    # The models are shared by all applications of a process; some of them may not use
    # this package.
    if not has_app_context():
        return False
    extension = current_app.extensions.get("invenio-rdm-doi")
    return extension is not None and extension.enabled

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Selection of many records, page by page: by search, change time or community."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records

from .owners import record_model
from .versions import version_ids

Item = TypeVar("Item")

SIZE = 250
"""Number of records or parents per page."""


def found_by(
    query: str, since: datetime | None = None, identity: Any = system_identity
) -> Iterator[list[UUID]]:
    """Yield the IDs of the records that a search finds, and of their parents.

    The search index is queried, as in a search by a user.

    :param query: in the syntax of the site's search.
    :param since: yield only records that changed since then.
    :param identity: yield only records that this identity may see.
    """
    service = current_rdm_records.records_service
    hits = service.scan(identity, params={"q": query, "allversions": True})
    for recids in _pages(hit["id"] for hit in hits.hits):
        ids = db.session.scalars(
            sa.select(PersistentIdentifier.object_uuid).where(
                PersistentIdentifier.pid_type == "recid",
                PersistentIdentifier.pid_value.in_(recids),
            )
        ).all()
        yield from _with_parents(record_model().id.in_(ids), since)


def changed_since(since: datetime) -> Iterator[list[UUID]]:
    """Yield the IDs of records changed since a time (UTC), and of their parents."""
    yield from _with_parents(sa.true(), since)


def in_community(parents: sa.Select[tuple[UUID]]) -> Iterator[list[UUID]]:
    """Yield the IDs of parents and of their versions.

    :param parents: a query for the IDs of the parents.
    """
    ids = db.session.scalars(parents).all()
    db.session.rollback()
    for page in _pages(ids):
        yield [*page, *db.session.scalars(version_ids(page))]


def _with_parents(condition: Any, since: datetime | None) -> Iterator[list[UUID]]:
    model = record_model()
    statement = sa.select(model.id, model.parent_id).where(condition)
    if since is not None:
        naive = since.astimezone(UTC).replace(tzinfo=None)
        statement = statement.where(model.updated >= naive)
    after = None
    while True:
        page = statement.order_by(model.id).limit(SIZE)
        if after is not None:
            page = page.where(model.id > after)
        rows = db.session.execute(page).all()
        db.session.rollback()
        if rows:
            yield list({id_ for row in rows for id_ in row})
        if len(rows) < SIZE:
            return
        after = rows[-1].id


def _pages(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while page := list(islice(iterator, SIZE)):
        yield page

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Iteration over many registrations page by page, in constant memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db

from ..links import landing_pages
from ..metadata.kernel import MAPPING
from . import clock, intake
from .models import Kind, Priority, Registration, Status

SIZE = 500
"""Registrations per page, and per transaction."""

REGISTRATION = Registration.__table__

Position = tuple[Any, ...]
"""A position in the order of pages: ``(id,)``; for failed ones ``(updated, id)``."""


@dataclass(frozen=True)
class Selection:
    """A selection of registrations; None: no restriction.

    :param code: the code of the last error, such as ``doi.other_system``.
    :param older_than: seconds since the registration last changed.
    :param prefixes: the prefixes of one account.
    :param reserved: whether to include DOIs that are only reserved for a draft.
    :param owners: ids of records and parents.
    :param other_urls: only those with another URL at DataCite than the site's.
    :param older_mapping: only those that were sent with an older version of the
        mapping.
    :param keys: DOIs in the form for comparisons, see
        :func:`invenio_rdm_doi.doi.doi_key`.
    """

    status: Status | None = None
    kind: Kind | None = None
    code: str | None = None
    older_than: float | None = None
    prefixes: tuple[str, ...] | None = None
    reserved: bool = True
    keys: tuple[str, ...] | None = None
    owners: Collection[UUID] | None = None
    other_urls: bool = False
    older_mapping: bool = False

    def pages(self, size: int = SIZE) -> Iterator[Sequence[Any]]:
        """Yield rows of the table, page by page; every page is a transaction.

        Failed registrations are sorted by their last change, all others by id: both
        have an index, in which the position is kept.
        """
        # Registrations that fail again meanwhile are left for the next time.
        start = db.session.scalar(sa.select(clock.now()))
        after: Position | None = None
        while True:
            rows = self._page(after, size, start)
            if rows:
                yield rows
            if len(rows) < size:
                return
            after = self._position(rows[-1])

    def _page(
        self, after: Position | None, size: int, until: Any = None
    ) -> Sequence[Any]:
        """Return the rows of one page, in a separate transaction.

        :param after: the position of the last row of the previous page.
        :param until: failed registrations that changed later are left out.
        """
        order = self._order()
        page = sa.select(REGISTRATION).where(*self._conditions())
        if self._is_of_failed and until is not None:
            page = page.where(REGISTRATION.c.updated <= until)
        if after is not None:
            page = page.where(sa.tuple_(*order) > sa.tuple_(*after))
        rows = db.session.execute(page.order_by(*order).limit(size)).all()
        db.session.rollback()
        return rows

    def _position(self, row: Any) -> Position:
        """Return the position of a row in the order of the pages."""
        return (row.updated, row.id) if self._is_of_failed else (row.id,)

    @property
    def _is_of_failed(self) -> bool:
        return self.status is Status.FAILED

    def _order(self) -> tuple[Any, ...]:
        row = REGISTRATION.c
        return (row.updated, row.id) if self._is_of_failed else (row.id,)

    def count(self, most: int) -> int:
        """Return the number of registrations, counted up to ``most``."""
        rows = sa.select(REGISTRATION.c.id).where(*self._conditions()).limit(most)
        found = db.session.scalar(
            sa.select(sa.func.count()).select_from(rows.subquery())
        )
        db.session.rollback()
        return found or 0

    def _conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        row = REGISTRATION.c
        if self.status is not None:
            # A constant, so that PostgreSQL can use the partial indexes.
            yield row.status == sa.literal_column(f"'{self.status.value}'")
        if not self.reserved:
            yield row.status != Status.RESERVED.value
        if self.kind is not None:
            yield row.kind == self.kind.value
        if self.code is not None:
            yield row.error["code"].as_string() == self.code
        if self.older_than is not None:
            yield row.updated < clock.earlier(self.older_than)
        if self.prefixes is not None:
            yield row.prefix.in_(self.prefixes)
        if self.keys is not None:
            yield row.doi_key.in_(self.keys)
        if self.owners is not None:
            yield row.owner_id.in_(self.owners)
        if self.older_mapping:
            yield is_of_older_mapping()
        yield from self._about_urls()

    def _about_urls(self) -> Iterator[sa.ColumnElement[bool]]:
        row = REGISTRATION.c
        if self.other_urls:
            here = row.confirmed_url.startswith(landing_pages(), autoescape=True)
            yield row.confirmed_state.is_not(None)
            yield sa.or_(row.confirmed_url.is_(None), ~here)


def is_of_older_mapping() -> sa.ColumnElement[bool]:
    """Return the condition for DOIs sent with an older version of the mapping.

    It uses the same expression as the index.
    """
    version = sa.func.coalesce(REGISTRATION.c.mapping_version, sa.literal_column("0"))
    return sa.and_(
        REGISTRATION.c.confirmed_state.is_not(None),
        # Nothing has to be sent for the DOI of a draft.
        REGISTRATION.c.status != Status.RESERVED.value,
        version < sa.literal_column(str(MAPPING)),
    )


def request_again(
    ids: Sequence[UUID], priority: Priority, distrust: bool = False
) -> int:
    """Request the delivery of some registrations, in a separate transaction.

    Rows that a request or a delivery has locked are left alone: they are changing now.

    :param distrust: send the target even if nothing changed.
    :returns: the number of registrations for which delivery was requested.
    """
    free = (
        sa.select(REGISTRATION.c.id)
        .where(REGISTRATION.c.id.in_(ids))
        .order_by(REGISTRATION.c.id)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    values = intake.raised(priority) | {"status": Status.PENDING.value}
    if distrust:
        values |= {"confirmed_digest": None}
    count = db.session.execute(
        sa.update(REGISTRATION).where(REGISTRATION.c.id == free.c.id).values(**values)
    ).rowcount
    db.session.commit()
    return int(count)

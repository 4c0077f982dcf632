# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Goes through many registrations page by page, in constant memory."""

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
"""In the order of pages: ``(id,)``, of failed ones ``(updated, id)``."""


@dataclass(frozen=True)
class Selection:
    """Which registrations are meant; None: whatever it is.

    :param code: of the last error, such as ``doi.other_system``.
    :param older_than: seconds since the registration changed last.
    :param prefixes: of one account.
    :param reserved: also what is only kept for a draft.
    :param owners: of records and parents with these ids.
    :param other_urls: those that DataCite has with another address than the site's.
    :param older_mapping: those that were sent with an older version of the mapping.
    :param keys: DOIs as they are compared, see :func:`invenio_rdm_doi.doi.doi_key`.
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
        """Rows of the table, page by page; every page is a transaction.

        Failed ones come in the order in which they changed, all others in the order of
        their ids: both have an index, and the position in it is kept.
        """
        # What fails again meanwhile is for the next time.
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
        """Rows of one page, in a transaction.

        :param after: the position of the last row of the page before.
        :param until: failed ones that changed later are left out.
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
        """Where a row stands in the order of the pages."""
        return (row.updated, row.id) if self._is_of_failed else (row.id,)

    @property
    def _is_of_failed(self) -> bool:
        return self.status is Status.FAILED

    def _order(self) -> tuple[Any, ...]:
        row = REGISTRATION.c
        return (row.updated, row.id) if self._is_of_failed else (row.id,)

    def count(self, most: int) -> int:
        """How many there are, counted up to a number."""
        rows = sa.select(REGISTRATION.c.id).where(*self._conditions()).limit(most)
        found = db.session.scalar(
            sa.select(sa.func.count()).select_from(rows.subquery())
        )
        db.session.rollback()
        return found or 0

    def _conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        row = REGISTRATION.c
        if self.status is not None:
            # As a constant: partial indexes are found by it.
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
    """DataCite got it with an older version of the mapping; as the index has it."""
    version = sa.func.coalesce(REGISTRATION.c.mapping_version, sa.literal_column("0"))
    return sa.and_(
        REGISTRATION.c.confirmed_state.is_not(None),
        # A draft's DOI has nothing to be sent.
        REGISTRATION.c.status != Status.RESERVED.value,
        version < sa.literal_column(str(MAPPING)),
    )


def request_again(
    ids: Sequence[UUID], priority: Priority, distrust: bool = False
) -> int:
    """Ask for the delivery of some registrations, in a transaction.

    What is held by a request or a delivery is left alone: it is changing right now.

    :param distrust: send it, also if nothing changed.
    :returns: how many were asked for.
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

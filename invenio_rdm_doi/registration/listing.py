# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Pages of registrations for users: each filter is a range of an index.

All rows with the same prefix, status and kind are adjacent in the indexes, in the order
of the pages. A page takes its first rows from each of the ranges that a filter includes
and merges them, so that its cost does not depend on the number of rows.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.types import TypeEngine

from .models import Kind, Registration, Status

REGISTRATION = Registration.__table__

HIGHEST = "\U0010ffff"
"""Sorts after every character that a DOI may contain, in the order of the index."""

NAME = sa.collate(REGISTRATION.c.doi_key, "C")
CODE = REGISTRATION.c.error.op("->>", return_type=sa.String())("code")

WRONG = (ValueError, TypeError, AttributeError)


def as_utc(moment: datetime) -> datetime:
    """Return a time as the database can store it.

    :raises ValueError: if the time has no UTC offset.
    :raises OverflowError: if the time does not exist in UTC.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.astimezone(UTC)


def as_text(value: Any) -> str:
    """Return a text as the database can store it.

    :raises ValueError: if it contains a NUL, or half of a surrogate pair.
    """
    text = str(value)
    text.encode()
    if "\0" in text:
        raise ValueError("a NUL")
    return text


class WrongCursor(ValueError):
    """The cursor does not belong to this list."""


@dataclass(frozen=True)
class Filter:
    """A filter for registrations; None: no restriction.

    :param prefixes: the prefixes of one account.
    :param statuses: any of these statuses.
    :param code: the code of the last error.
    :param key: one DOI, in the form for comparisons (see ``doi.doi_key``).
    :param beginning: the beginning of the DOI, in the form for comparisons.
    :param owners: ids of records and parents.
    :param older_than: seconds since the registration last changed.
    :param handled: whether a person marked the failure as handled.
    :param must_hide: only restricted or deleted records whose DOI is findable.
    """

    prefixes: Collection[str] | None = None
    statuses: Collection[Status] | None = None
    kind: Kind | None = None
    code: str | None = None
    key: str | None = None
    beginning: str | None = None
    owners: Collection[UUID] | None = None
    older_than: float | None = None
    handled: bool | None = None
    must_hide: bool = False

    def page(
        self,
        size: int,
        after: str | None = None,
        newest_first: bool = True,
        until: datetime | None = None,
    ) -> tuple[Sequence[Any], str | None]:
        """Return one page, in a separate transaction.

        Sorted by the last change; with ``beginning``, by the DOI.

        :param after: the cursor from the previous page.
        :param until: only registrations that have not changed since then.
        :returns: the rows, and the cursor of the next page; None: this page is the
            last.
        :raises WrongCursor: if ``after`` belongs to a list with another order.
        """
        order = self._order(newest_first)
        found = self._found(size + 1, order, order.position(after), until)
        rows = db.session.execute(
            sa.select(REGISTRATION)
            .join(found, found.c.id == REGISTRATION.c.id)
            .order_by(*order.by())
        ).all()
        db.session.rollback()
        shown = rows[:size]
        more = order.cursor(shown[-1]) if len(rows) > size else None
        return shown, more

    def count(self, most: int) -> int:
        """Return the number of registrations, counted up to ``most``."""
        found = self._found(most, self._order(True), None, None)
        count = db.session.scalar(sa.select(sa.func.count()).select_from(found))
        db.session.rollback()
        return count or 0

    @property
    def _is_of_few(self) -> bool:
        """Whether an index finds all of them at once, and there are few."""
        return self.owners is not None or self.key is not None or self.must_hide

    def without_reserved(self) -> Filter:
        """Return the same filter without DOIs that are only reserved for a draft."""
        some = [one for one in self._statuses() if one is not Status.RESERVED]
        return replace(self, statuses=some)

    def _order(self, newest_first: bool) -> Order:
        by_name = self.beginning is not None and not self._is_of_few
        return Order(by_name, newest_first and not by_name)

    def _found(
        self, size: int, order: Order, after: tuple[Any, ...] | None, until: Any
    ) -> sa.Subquery:
        """Return the ids of the first rows after a position."""
        row = REGISTRATION.c
        inner = sa.select(row.id, order.column()).where(*self._conditions())
        if until is not None:
            inner = inner.where(row.updated <= until)
        if after is not None:
            inner = inner.where(order.behind(after))
        inner = inner.order_by(*order.by()).limit(size)
        if self._is_of_few:
            kinds = [self.kind] if self.kind else list(Kind)
            inner = inner.where(
                row.status.in_(self._statuses()),
                row.kind.in_(kinds),
            )
            if self.prefixes is not None:
                inner = inner.where(row.prefix.in_(self.prefixes))
            return inner.subquery()
        prefixes = self._prefixes()
        kinds = [self.kind] if self.kind else list(Kind)
        parts = [
            _of_each(prefixes, inner, status, kind)
            for status, kind in product(self._statuses(), kinds)
        ]
        if not parts:
            return inner.where(sa.false()).subquery()
        merged = sa.union_all(*parts).subquery()
        columns = [merged.c.name] if order.by_name else [merged.c.updated, merged.c.id]
        return (
            sa.select(merged.c.id).order_by(*order.by(columns)).limit(size).subquery()
        )

    def _conditions(self) -> Iterable[Any]:
        row = REGISTRATION.c
        if self.key is not None:
            yield row.doi_key == self.key
        if self.owners is not None:
            yield row.owner_id.in_(self.owners)
        if self.must_hide:
            # The same expression as in the index.
            yield sa.text("(error ->> 'must_hide') = 'true'")
        if self.code is not None:
            yield row.error.is_not(None)
            yield self.code == CODE
        if self.older_than is not None:
            # Not clock_timestamp(): it is evaluated for each row, and prevents the use
            # of an index.
            age = sa.func.make_interval(0, 0, 0, 0, 0, 0, self.older_than)
            yield row.updated < sa.func.now() - age
        if self.beginning is not None:
            yield self.beginning <= NAME
            yield self.beginning + HIGHEST > NAME
        if self.handled is not None:
            handled = sa.func.coalesce(row.handled_at >= row.updated, sa.false())
            yield handled if self.handled else ~handled

    def _statuses(self) -> Collection[Status]:
        return list(Status) if self.statuses is None else self.statuses

    def _prefixes(self) -> Sequence[str]:
        """Return the prefixes in the table that the filter includes."""
        found = [
            prefix
            for prefix in _prefixes_here()
            if self.prefixes is None or prefix in self.prefixes
        ]
        if self.beginning is None:
            return found
        start, slash, _rest = self.beginning.partition("/")
        if slash:
            return [prefix for prefix in found if prefix == start]
        return [prefix for prefix in found if prefix.startswith(start)]


@dataclass(frozen=True)
class Order:
    """The order of the pages: by the last change, or by the DOI."""

    by_name: bool
    descending: bool

    def column(self) -> Any:
        """Return the column to sort by, before the id."""
        return NAME.label("name") if self.by_name else REGISTRATION.c.updated

    def by(self, columns: Sequence[Any] | None = None) -> list[Any]:
        """Return the columns for ORDER BY.

        :param columns: the columns of a subquery.
        """
        row = REGISTRATION.c
        own = [NAME] if self.by_name else [row.updated, row.id]
        return [
            column.desc() if self.descending else column.asc()
            for column in (own if columns is None else columns)
        ]

    def behind(self, after: tuple[Any, ...]) -> sa.ColumnElement[bool]:
        """Return the condition for rows after a position."""
        if self.by_name:
            name: sa.ColumnElement[bool] = NAME.op(">", is_comparison=True)(after[0])
            return name
        row = REGISTRATION.c
        types: list[TypeEngine[Any]] = [row.updated.type, Uuid()]
        values = [
            sa.bindparam(None, value, type_)
            for value, type_ in zip(after, types, strict=True)
        ]
        own = sa.tuple_(row.updated, row.id)
        position = sa.tuple_(*values)
        return own < position if self.descending else own > position

    def cursor(self, row: Any) -> str:
        """Return the position of a row in the form that clients receive."""
        parts = (
            ["doi", row.doi_key]
            if self.by_name
            else [self._name, row.updated.isoformat(), str(row.id)]
        )
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    def position(self, cursor: str | None) -> tuple[Any, ...] | None:
        """Return the position that a cursor contains.

        :raises WrongCursor: if it contains no position of this order.
        """
        if cursor is None:
            return None
        try:
            name, *parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            if self.by_name and name == "doi":
                (key,) = parts
                return (as_text(key),)
            if not self.by_name and name == self._name:
                moment, id_ = parts
                return as_utc(datetime.fromisoformat(moment)), UUID(id_)
        except (binascii.Error, ArithmeticError, *WRONG) as error:
            raise WrongCursor from error
        raise WrongCursor

    @property
    def _name(self) -> str:
        return "newest" if self.descending else "oldest"


def _of_each(
    prefixes: Sequence[str], inner: sa.Select[Any], status: Status, kind: Kind
) -> sa.Select[Any]:
    """Return the first rows of each prefix with this status and kind.

    Status and kind are constants, from which the planner estimates the number of rows.
    The prefixes are a list, so that the statement has the same length for one prefix as
    for a hundred.
    """
    row = REGISTRATION.c
    given = sa.func.unnest(sa.literal(list(prefixes), ARRAY(sa.String)))
    prefix = given.table_valued("prefix").render_derived()
    part = inner.where(
        row.prefix == prefix.c.prefix,
        row.status == sa.literal_column(f"'{status.value}'"),
        row.kind == sa.literal_column(f"'{kind.value}'"),
    ).lateral()
    return sa.select(part).select_from(prefix.join(part, sa.true()))


def _prefixes_here() -> Sequence[str]:
    """Return the prefixes of all registrations, by one step in the index for each."""
    row = REGISTRATION.c
    first = sa.select(sa.func.min(row.prefix).label("prefix"))
    walk = first.cte("walk", recursive=True)
    following = (
        sa.select(sa.func.min(row.prefix))
        .where(row.prefix > walk.c.prefix)
        .scalar_subquery()
    )
    walk = walk.union_all(sa.select(following).where(walk.c.prefix.is_not(None)))
    found = db.session.scalars(
        sa.select(walk.c.prefix).where(walk.c.prefix.is_not(None))
    ).all()
    db.session.rollback()
    return found

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Storage of DOIs and their history: SQLite, in memory or in a file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dois import Doi
from .tables import dasherized

_SCHEMA = """
create table if not exists dois (
    id integer primary key autoincrement,
    uid text not null unique,
    client_id text not null,
    provider_id text not null,
    prefix text not null,
    state text not null,
    url text,
    title text not null,
    schema_version text,
    source text,
    created integer not null,
    updated integer not null,
    registered integer,
    publication_year integer,
    resource_type_id text,
    document text not null
);
create index if not exists dois_created on dois (created, uid);
create index if not exists dois_updated on dois (updated);
create table if not exists history (
    id integer primary key autoincrement,
    uid text not null,
    at integer not null,
    action text not null,
    account text,
    state_before text,
    state text,
    url text,
    before text
);
create index if not exists history_uid on history (uid);
"""
_COLUMNS = [
    "uid",
    "client_id",
    "provider_id",
    "prefix",
    "state",
    "url",
    "title",
    "schema_version",
    "source",
    "created",
    "updated",
    "registered",
    "publication_year",
    "resource_type_id",
    "document",
]


@dataclass(frozen=True)
class Change:
    """One accepted write in the history of a DOI; ``before`` is None for the first."""

    action: str
    account: str | None
    at: float
    state_before: str | None
    state: str | None
    url: str | None
    before: Doi | None


class Store:
    """All DOIs of a sandbox. Thread-safe, with one connection and one lock."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the database file, or keep everything in memory."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            str(path) if path else ":memory:",
            check_same_thread=False,
            isolation_level=None,
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database when it is no longer in use."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; commit all writes made inside, or none."""
        with self._lock:
            outermost = not self._connection.in_transaction
            if outermost:
                self._connection.execute("begin")
            try:
                yield
            except BaseException:
                if outermost:
                    self._connection.execute("rollback")
                raise
            if outermost:
                self._connection.execute("commit")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Hold the lock; writes made inside can be read there, then they are undone."""
        with self._lock:
            self._connection.execute("begin")
            try:
                yield
            finally:
                self._connection.execute("rollback")

    def mark(self, at: float | None = None) -> int:
        """Return the last id of the history, now or at the time ``at``."""
        where, values = ("1", []) if at is None else ("at <= ?", [at])
        sql = f"select max(id) as last from history where {where}"  # noqa: S608
        return int(self._rows(sql, values)[0]["last"] or 0)

    def rewind(self, mark: int) -> None:
        """Restore all DOIs as they were when ``mark`` was the last id of the history.

        Call it only inside ``undone``: the history is not changed.
        """
        first = "select min(id) from history where id > ? group by uid"
        sql = f"select uid, before from history where id in ({first})"  # noqa: S608
        for row in self._rows(sql, [mark]):
            if row["before"]:
                self._write(Doi(**json.loads(row["before"])))
            else:
                self._connection.execute("delete from dois where uid = ?", [row["uid"]])

    def get(self, uid: str) -> Doi | None:
        """Return a DOI by its case-insensitive name."""
        found = self.select("uid = ?", [uid.lower()])
        return found[0] if found else None

    def save(self, doi: Doi, change: Change) -> None:
        """Write the DOI and record the change."""
        with self.transaction():
            self._write(doi)
            self._note(doi.uid, change)

    def delete(self, uid: str, change: Change) -> None:
        """Remove the DOI, but keep its history."""
        with self.transaction():
            self._connection.execute("delete from dois where uid = ?", [uid])
            self._note(uid, change)

    def lose(self, uid: str) -> None:
        """Remove a DOI and its history."""
        with self.transaction():
            for table in ("dois", "history"):
                self._connection.execute(
                    f"delete from {table} where uid = ?",  # noqa: S608
                    [uid.lower()],
                )

    def clear(self) -> None:
        """Remove all DOIs and their history."""
        with self.transaction():
            self._connection.execute("delete from dois")
            self._connection.execute("delete from history")

    def history(self, uid: str) -> list[Change]:
        """Return the accepted writes of a DOI, oldest first."""
        rows = self._rows("select * from history where uid = ? order by id", [uid])
        return [_change(row) for row in rows]

    def select(
        self,
        where: str = "1",
        parameters: list[Any] | None = None,
        order: str = "id",
        limit: int = -1,
        offset: int = 0,
    ) -> list[Doi]:
        """Return DOIs that meet a condition on the columns of the table."""
        rows = self._rows(
            f"select document from dois where {where} "  # noqa: S608
            f"order by {order} limit ? offset ?",
            [*(parameters or []), limit, offset],
        )
        return [Doi(**json.loads(row["document"])) for row in rows]

    def count(self, where: str = "1", parameters: list[Any] | None = None) -> int:
        """Return the number of DOIs that meet the condition."""
        groups = self.count_by("1", where, parameters)
        return sum(number for _, number in groups)

    def count_by(
        self, expression: str, where: str = "1", parameters: list[Any] | None = None
    ) -> list[tuple[Any, int]]:
        """Return each value with its number of DOIs, the most frequent value first."""
        rows = self._rows(
            f"select {expression} as value, count(*) as number from dois "  # noqa: S608
            f"where {where} group by value order by number desc, value",
            parameters or [],
        )
        return [(row["value"], row["number"]) for row in rows]

    def _rows(self, sql: str, parameters: list[Any]) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def _write(self, doi: Doi) -> None:
        types = doi.attributes.get("types")
        general = types.get("resourceTypeGeneral") if isinstance(types, dict) else None
        values = {
            **{name: getattr(doi, name, None) for name in _COLUMNS},
            "publication_year": doi.attributes.get("publicationYear"),
            "resource_type_id": dasherized(str(general)) if general else None,
            "document": json.dumps(doi.snapshot()),
        }
        names = ", ".join(_COLUMNS)
        marks = ", ".join(f":{name}" for name in _COLUMNS)
        updates = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
        self._connection.execute(
            f"insert into dois ({names}) values ({marks}) "  # noqa: S608
            f"on conflict (uid) do update set {updates}",
            values,
        )

    def _note(self, uid: str, change: Change) -> None:
        before = json.dumps(change.before.snapshot()) if change.before else None
        self._connection.execute(
            "insert into history (uid, at, action, account, state_before, state, url, "
            "before) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                uid,
                change.at,
                change.action,
                change.account,
                change.state_before,
                change.state,
                change.url,
                before,
            ],
        )


def _change(row: sqlite3.Row) -> Change:
    return Change(
        action=row["action"],
        account=row["account"],
        at=row["at"],
        state_before=row["state_before"],
        state=row["state"],
        url=row["url"],
        before=Doi(**json.loads(row["before"])) if row["before"] else None,
    )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Batch reading of records, their versions and their communities."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from invenio_rdm_records.proxies import current_rdm_records
from sqlalchemy.exc import NoResultFound

from .communities import addresses_of
from .versions import Around, Version, arounds, versions_of


class Batch:
    """Records and parents as committed, each of them read only once.

    Objects that :meth:`load` did not fetch are fetched on first access. One instance
    serves one batch of records, so that it never misses a commit that precedes the
    batch.
    """

    def __init__(self) -> None:
        """Constructor."""
        self._records: dict[UUID, Any] = {}
        self._parents: dict[UUID, Any] = {}
        self._arounds: dict[UUID, Around] = {}
        self._versions: dict[UUID, list[Version]] = {}
        self._addresses: dict[UUID, tuple[str, ...]] = {}

    def load(self, records: Collection[UUID], parents: Collection[UUID]) -> None:
        """Fetch records, parents and their related data, with one statement per kind.

        :param parents: IDs of parents; the newest public version of each parent, which
            represents all its versions, is fetched, too.
        """
        record_cls = self._record_cls
        self._versions |= versions_of(parents)
        newest = [v.id for p in parents if (v := newest_standing(self.versions(p)))]
        wanted = {*records, *newest}
        found = record_cls.get_records(wanted) if wanted else []
        owners = {*parents, *(record.model.parent_id for record in found)}
        parent_cls = record_cls.parent_record_cls
        for parent in parent_cls.get_records(owners) if owners else ():
            self._parents[parent.id] = parent
        for record in found:
            parent = self._parents.get(record.model.parent_id)
            if parent is not None:
                record.parent = parent
                self._records[record.id] = record
        loaded = [self._records[id_] for id_ in records if id_ in self._records]
        self._arounds |= arounds(loaded)
        self._addresses |= addresses_of(owners)

    def record(self, id_: UUID) -> Any:
        """Return a published record, or None."""
        return self._get(self._records, self._record_cls, id_)

    def parent(self, id_: UUID) -> Any:
        """Return a parent, or None."""
        return self._get(self._parents, self._record_cls.parent_record_cls, id_)

    def versions(self, parent_id: UUID) -> list[Version]:
        """Return all versions of a record, the newest first."""
        if parent_id not in self._versions:
            self._versions |= versions_of([parent_id])
        return self._versions[parent_id]

    def around(self, record: Any) -> Around:
        """Return the versions around a record."""
        if record.id not in self._arounds:
            self._arounds |= arounds([record])
        return self._arounds[record.id]

    def addresses(self, parent_id: UUID) -> tuple[str, ...]:
        """Return the addresses of a record's communities."""
        if parent_id not in self._addresses:
            self._addresses |= addresses_of([parent_id])
        return self._addresses[parent_id]

    @property
    def _record_cls(self) -> Any:
        return current_rdm_records.records_service.record_cls

    @staticmethod
    def _get(known: dict[UUID, Any], cls: Any, id_: UUID) -> Any:
        if id_ not in known:
            try:
                known[id_] = cls.get_record(id_)
            except NoResultFound:
                known[id_] = None
        return known[id_]


def newest_standing(known: list[Version]) -> Version | None:
    """Return the newest public, undeleted version with a DOI of this repository.

    :param known: all versions of a record, the newest first.
    """
    speaking = (v for v in known if v.public and v.managed and not v.deleted)
    return next(speaking, None)

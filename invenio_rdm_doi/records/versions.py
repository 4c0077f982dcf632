# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The versions of a record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as Uuid

from ..doi import DATACITE, NO_PROVIDER, any_doi
from ..metadata.source import Chain


@dataclass(frozen=True)
class Version:
    """One published version.

    :param provider: the provider of its DOI, or ``not_needed`` if it has none.
    :param public: whether the public may read its metadata.
    """

    id: UUID
    index: int
    doi: str | None
    provider: str
    public: bool
    deleted: bool

    @property
    def managed(self) -> bool:
        """Whether its DOI belongs to this repository."""
        return self.provider == DATACITE

    @property
    def standing(self) -> bool:
        """Whether it is public, not deleted, and has a DOI."""
        return self.public and not self.deleted and self.doi is not None


@dataclass(frozen=True)
class Around:
    """The versions around one version of a record, or around a draft of one.

    :param own: the version itself, as published; None if it is not published.
    :param before: the newest earlier version that is not deleted.
    :param previous: the newest earlier version that the public can find by a DOI.
    :param following: the oldest later version that the public can find by a DOI.
    """

    own: Version | None = None
    before: Version | None = None
    previous: Version | None = None
    following: Version | None = None


def around(owner: Any) -> Around:
    """Read the versions around a record or draft; see :func:`arounds`."""
    return arounds([owner])[owner.id]


def arounds(owners: Sequence[Any]) -> dict[UUID, Around]:
    """Read the versions around several records or drafts, in one statement.

    The statement reads as few versions as possible, and the JSON of each version only
    once: a record may have a thousand versions with thousands of authors.

    :returns: a dictionary with the ``id`` of each record or draft as key.
    """
    found: dict[UUID, dict[str, Version]] = {owner.id: {} for owner in owners}
    placed = [owner for owner in owners if owner.versions.index is not None]
    if placed:
        rows = db.session.execute(
            _around(_model()),
            {
                "ids": [owner.id for owner in placed],
                "parents": [owner.parent.id for owner in placed],
                "indexes": [owner.versions.index for owner in placed],
            },
        )
        for owner_id, part, *row in rows:
            found[owner_id][part] = _version(*row)
    return {id_: Around(**parts) for id_, parts in found.items()}


@cache
def _around(model: Any) -> sa.CompoundSelect[Any]:
    """Build the statement of :func:`arounds`.

    It is cached, because building it costs more than running it.
    """
    owner = (
        sa.func.unnest(
            sa.bindparam("ids", type_=ARRAY(Uuid)),
            sa.bindparam("parents", type_=ARRAY(Uuid)),
            sa.bindparam("indexes", type_=ARRAY(sa.Integer)),
        )
        .table_valued(
            sa.column("id", Uuid), sa.column("parent_id", Uuid), sa.column("index")
        )
        .render_derived(name="owner")
    )
    of_parent = sa.and_(
        model.parent_id == owner.c.parent_id, model.is_deleted.is_(False)
    )
    is_published = model.deletion_status == PUBLISHED
    older, newer = model.index < owner.c.index, model.index > owner.c.index
    parts = (
        # During the first publication of a draft, its record exists, but is empty.
        ("own", sa.and_(model.id == owner.c.id, _ACCESS.is_not(None)), None),
        ("before", sa.and_(of_parent, is_published, older), model.index.desc()),
        (
            "previous",
            sa.and_(of_parent, is_published, older, *_found()),
            model.index.desc(),
        ),
        ("following", sa.and_(of_parent, is_published, newer, *_found()), model.index),
    )
    statements = []
    for name, where, order in parts:
        statement = sa.select(*_columns(model)).where(where)
        statement = statement.select_from(model).join(_json(model), sa.true())
        if order is not None:
            statement = statement.order_by(order)
        part = statement.correlate(owner).limit(1).lateral(name)
        statements.append(
            sa.select(owner.c.id.label("owner_id"), sa.literal(name), part)
            .select_from(owner)
            .join(part, sa.true())
        )
    return sa.union_all(*statements)


def versions(parent_id: UUID) -> list[Version]:
    """Return all versions, the newest first, from the database in one statement."""
    return versions_of([parent_id])[parent_id]


def versions_of(parents: Collection[UUID]) -> dict[UUID, list[Version]]:
    """Return all versions of several records, the newest first, in one statement.

    :returns: a dictionary with the ``id`` of each parent as key.
    """
    found: dict[UUID, list[Version]] = {parent_id: [] for parent_id in parents}
    rows = db.session.execute(_versions(_model()), {"parents": list(parents)})
    for parent_id, *row in rows:
        found[parent_id].append(_version(*row))
    return found


@cache
def _versions(model: Any) -> sa.Select[Any]:
    parents = sa.bindparam("parents", type_=ARRAY(Uuid))
    return (
        sa.select(model.parent_id, *_columns(model))
        .select_from(model)
        .join(_json(model), sa.true())
        .where(model.parent_id == sa.any_(parents), model.is_deleted.is_(False))
        .order_by(model.parent_id, model.index.desc())
    )


def version_ids(parents: Collection[UUID]) -> sa.Select[tuple[UUID]]:
    """Return a query for the IDs of all versions of some records."""
    model = _model()
    return sa.select(model.id).where(model.parent_id.in_(parents))


def chain(owner: Any, found: Around) -> Chain:
    """Return the DOIs around a published version.

    If the public cannot find the version by a DOI, only the concept DOI is returned.

    :param found: the versions around it.
    """
    if found.own is None or not found.own.standing:
        return Chain(concept=any_doi(owner.parent))
    return _chain(owner, found)


def chain_of_draft(draft: Any) -> Chain:
    """Return the DOIs around a draft as if it were published and public."""
    return _chain(draft, around(draft))


PUBLISHED = RecordDeletionStatusEnum.PUBLISHED.value


def _chain(owner: Any, found: Around) -> Chain:
    return Chain(
        concept=any_doi(owner.parent),
        previous=found.previous.doi if found.previous else None,
        following=found.following.doi if found.following else None,
    )


def _model() -> Any:
    return current_rdm_records.records_service.record_cls.model_cls


def _json(model: Any) -> Any:
    """Return the two parts of a record's JSON that describe a version, read once.

    Each ``->`` on the column would decompress the whole JSON again.
    """
    return (
        sa.func.jsonb_to_record(model.json)
        .table_valued(sa.column("pids", JSONB), sa.column("access", JSONB), name="said")
        .render_derived(name="said", with_types=True)
    )


_PIDS = sa.literal_column("said.pids", JSONB)
_ACCESS = sa.literal_column("said.access", JSONB)
_DOI = _PIDS["doi"]["identifier"].as_string()


def _columns(model: Any) -> tuple[Any, ...]:
    return (
        model.id,
        model.index,
        _DOI.label("doi"),
        _PIDS["doi"]["provider"].as_string().label("provider"),
        _ACCESS["record"].as_string().label("access"),
        model.deletion_status,
    )


def _found() -> tuple[Any, ...]:
    """Return the conditions for a version that is public and has a DOI."""
    return _ACCESS["record"].as_string() == "public", _DOI.is_not(None)


def _version(
    id_: UUID,
    index: int,
    doi: str | None,
    provider: str | None,
    access: str | None,
    status: Any,
) -> Version:
    return Version(
        id=id_,
        index=index,
        doi=doi,
        provider=provider or NO_PROVIDER,
        public=access == "public",
        deleted=getattr(status, "value", status) != PUBLISHED,
    )

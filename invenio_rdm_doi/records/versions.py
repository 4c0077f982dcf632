# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The versions of a record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)
from sqlalchemy.dialects.postgresql import JSONB

from ..doi import DATACITE, NO_PROVIDER, any_doi
from ..metadata.source import Chain


@dataclass(frozen=True)
class Version:
    """One published version.

    :param provider: of its DOI, or ``not_needed`` if it has none.
    :param public: whether anybody may read its metadata.
    """

    id: UUID
    index: int
    doi: str | None
    provider: str
    public: bool
    deleted: bool

    @property
    def managed(self) -> bool:
        """Whether its DOI is of this repository."""
        return self.provider == DATACITE

    @property
    def standing(self) -> bool:
        """Whether the public finds it, and by a DOI."""
        return self.public and not self.deleted and self.doi is not None


@dataclass(frozen=True)
class Around:
    """What is around one version of a record, or around a draft of one.

    :param own: the version itself, as published; None: it is not published.
    :param before: the newest version before it that is not deleted.
    :param previous: the newest one before it that the public finds by a DOI.
    :param following: the oldest one after it that the public finds by a DOI.
    """

    own: Version | None = None
    before: Version | None = None
    previous: Version | None = None
    following: Version | None = None


def around(owner: Any) -> Around:
    """Read what is around a record or draft, in one statement.

    Of each version that is looked at, its JSON is read once, and no more versions than
    it takes: a record may have a thousand of them with thousands of authors.
    """
    model = _model()
    index = owner.versions.index
    if index is None:
        return Around()
    of_parent = sa.and_(model.parent_id == owner.parent.id, model.is_deleted.is_(False))
    stands = model.deletion_status == PUBLISHED
    older, newer = model.index < index, model.index > index
    parts = (
        # While a draft is published for the first time, its record is there and empty.
        ("own", sa.and_(model.id == owner.id, _ACCESS.is_not(None)), None),
        ("before", sa.and_(of_parent, stands, older), model.index.desc()),
        ("previous", sa.and_(of_parent, stands, older, *_found()), model.index.desc()),
        ("following", sa.and_(of_parent, stands, newer, *_found()), model.index),
    )
    statements = []
    for name, where, order in parts:
        statement = sa.select(sa.literal(name).label("part"), *_columns()).where(where)
        statement = statement.select_from(model).join(_json(model), sa.true())
        if order is not None:
            statement = statement.order_by(order)
        part = statement.limit(1).subquery(name)
        statements.append(sa.select(part))
    rows = db.session.execute(sa.union_all(*statements)).all()
    return Around(**{part: _version(*row) for part, *row in rows})


def versions(parent_id: UUID) -> list[Version]:
    """All versions, the newest first, from the database in one statement."""
    model = _model()
    rows = db.session.execute(
        sa.select(*_columns())
        .select_from(model)
        .join(_json(model), sa.true())
        .where(model.parent_id == parent_id, model.is_deleted.is_(False))
        .order_by(model.index.desc())
    )
    return [_version(*row) for row in rows]


def version_ids(parents: Collection[UUID]) -> sa.Select[tuple[UUID]]:
    """A query of the ids of all versions of some records."""
    model = _model()
    return sa.select(model.id).where(model.parent_id.in_(parents))


def chain(owner: Any) -> Chain:
    """The DOIs around a published version.

    A version that the public does not find stands alone, beside its concept DOI.
    """
    found = around(owner)
    if found.own is None or not found.own.standing:
        return Chain(concept=any_doi(owner.parent))
    return _chain(owner, found)


def chain_of_draft(draft: Any) -> Chain:
    """The DOIs around a draft, as if it were published and public."""
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
    """The two parts of a record's JSON that tell about versions, read once.

    Each ``->`` on the column would decompress all of it again.
    """
    return (
        sa.func.jsonb_to_record(model.json)
        .table_valued(sa.column("pids", JSONB), sa.column("access", JSONB), name="said")
        .render_derived(name="said", with_types=True)
    )


_PIDS = sa.literal_column("said.pids", JSONB)
_ACCESS = sa.literal_column("said.access", JSONB)
_DOI = _PIDS["doi"]["identifier"].as_string()


def _columns() -> tuple[Any, ...]:
    model = _model()
    return (
        model.id,
        model.index,
        _DOI.label("doi"),
        _PIDS["doi"]["provider"].as_string().label("provider"),
        _ACCESS["record"].as_string().label("access"),
        model.deletion_status,
    )


def _found() -> tuple[Any, ...]:
    """The public finds it, and by a DOI."""
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

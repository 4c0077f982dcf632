# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Look-up of records, drafts and parents by identifier."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from idutils import is_doi, normalize_doi
from invenio_db import db
from invenio_pidstore.errors import PIDDoesNotExistError, PIDUnregistered
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)
from sqlalchemy.exc import NoResultFound

from ..doi import DATACITE
from .pids import find_pid
from .versions import version_ids


@dataclass(frozen=True)
class Found:
    """A record, a draft, or a parent.

    :param owner: an object of InvenioRDM's API.
    """

    owner: Any
    is_parent: bool = False
    is_draft: bool = False


def find(identifier: str, parent: bool = False, draft: bool = False) -> Found | None:
    """Return the record, draft or parent that an identifier refers to.

    :param identifier: of a record (``abcde-fgh12``), or a DOI in any of its forms.
    :param parent: return the parent, regardless of which version is named.
    :param draft: return the draft, even if a published record exists.
    """
    owner = (_by_doi if is_doi(identifier) else _by_recid)(identifier, draft)
    if owner is None:
        return None
    if isinstance(owner, _service().record_cls.parent_record_cls):
        return Found(owner, is_parent=True)
    if parent:
        return Found(owner.parent, is_parent=True)
    return Found(owner, is_draft=isinstance(owner, _service().draft_cls))


def public_ids(
    everything: bool, after: UUID | None = None, size: int = 1000
) -> Iterator[UUID]:
    """Iterate over the IDs of published records that are public, in ascending order.

    They are read page by page, so that memory use and the length of transactions do not
    grow with the number of records.

    :param everything: include records without a managed DOI.
    :param after: start after this ID.
    """
    model = _service().record_cls.model_cls
    where = [
        model.is_deleted.is_(False),
        model.deletion_status == RecordDeletionStatusEnum.PUBLISHED.value,
        model.json["access"]["record"].as_string() == "public",
    ]
    if not everything:
        provider = model.json["pids"]["doi"]["provider"].as_string()
        where.append(provider == DATACITE)
    while True:
        statement = sa.select(model.id).where(*where)
        if after is not None:
            statement = statement.where(model.id > after)
        ids = list(db.session.scalars(statement.order_by(model.id).limit(size)))
        db.session.rollback()
        yield from ids
        if len(ids) < size:
            return
        after = ids[-1]


def estimated_records() -> int:
    """Return PostgreSQL's estimate of the number of published records."""
    table = _service().record_cls.model_cls.__tablename__
    found = db.session.scalar(
        sa.text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)"),
        {"name": table},
    )
    db.session.rollback()
    return max(0, int(found or 0))


def ids_not_shown() -> sa.Select[tuple[UUID]]:
    """Return a query for the IDs of published records that are not public."""
    model = _service().record_cls.model_cls
    restricted = model.json["access"]["record"].as_string() == "restricted"
    published = RecordDeletionStatusEnum.PUBLISHED.value
    return sa.select(model.id).where(
        sa.or_(restricted, model.deletion_status != published)
    )


def record_ids(owners: Collection[UUID]) -> tuple[str, ...]:
    """Return the identifiers of records or parents that appear in page addresses."""
    return tuple(
        db.session.scalars(
            sa.select(PersistentIdentifier.pid_value).where(
                PersistentIdentifier.pid_type == "recid",
                PersistentIdentifier.object_uuid.in_(owners),
            )
        )
    )


def family(recid: str) -> set[UUID]:
    """Return the IDs of the record or draft with an identifier, and of its parent.

    For the identifier of a parent, return the IDs of the parent and all its versions.
    """
    id_ = db.session.scalar(
        sa.select(PersistentIdentifier.object_uuid).where(
            PersistentIdentifier.pid_type == "recid",
            # PostgreSQL does not support this character in text.
            PersistentIdentifier.pid_value == recid.replace("\0", ""),
        )
    )
    if id_ is None:
        return set()
    found = {id_, *db.session.scalars(version_ids([id_]))}
    for cls in (_service().record_cls, _service().draft_cls):
        model = cls.model_cls
        found |= set(
            db.session.scalars(sa.select(model.parent_id).where(model.id == id_))
        )
    return found - {None}


def _service() -> Any:
    return current_rdm_records.records_service


def _by_recid(recid: str, draft: bool) -> Any:
    service = _service()
    classes = [service.record_cls, service.draft_cls]
    if draft:
        classes = [service.draft_cls]
    for cls in (*classes, service.record_cls.parent_record_cls):
        try:
            # A draft's own identifier is not registered yet.
            return cls.pid.resolve(recid, registered_only=False)
        except (PIDDoesNotExistError, PIDUnregistered, NoResultFound):
            continue
    return None


def _by_doi(doi: str, draft: bool) -> Any:
    pid = find_pid(normalize_doi(doi))
    if pid is None:
        return None
    service = _service()
    classes = [service.draft_cls] if draft else [service.record_cls, service.draft_cls]
    for cls in (*classes, service.record_cls.parent_record_cls):
        try:
            return cls.get_record(pid.object_uuid)
        except NoResultFound:
            continue
    return None

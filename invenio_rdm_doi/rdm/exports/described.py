# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What DataCite has, or would get, of records that somebody exports.

Only the identifier of what is exported is looked at: the rest comes from the database,
as it does for DataCite. Many records cost as many statements as one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import g
from invenio_db import db
from invenio_files_rest.models import Bucket
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records_service
from sqlalchemy.exc import SQLAlchemyError

from ...doi import any_doi, managed_doi
from ...links import record_page
from ...metadata.attributes import SCHEMA_VERSION, Attributes
from ...metadata.describe import describe_record
from ...metadata.references import references
from ...metadata.source import Reference
from ...metadata.xml import to_xml
from ...proxies import current_doi
from ...records.source import Reader
from ...records.withdrawal import describe_withdrawal
from ...validation.draft import payload

logger = logging.getLogger(__name__)


class Described(NamedTuple):
    """A record as it is in the database now, and what DataCite has, or would get."""

    record: Any
    attributes: Attributes

    def page(self) -> str | None:
        """The record's own page; a draft has none."""
        return None if self.record.is_draft else record_page(self.record.pid.pid_value)

    def may_see_files(self) -> bool:
        """Whether who asks may know of the files."""
        return bool(
            current_rdm_records_service.check_permission(
                g.identity, "read_files", record=self.record
            )
        )


def described(objects: Sequence[Mapping[str, Any]]) -> dict[str, Described | None]:
    """By identifier of the record, in the same order; None: it cannot be described.

    An index may lag behind: who may see a record is asked of what is read now. What is
    not there any more, or was deleted, is left out.

    :param objects: records and drafts, with their ``id``.
    """
    reader = Reader.create(current_doi.metadata_settings)
    with db.session.no_autoflush:
        loaded = _load(objects, reader)
        # Held until everything was asked: the session forgets what nobody holds.
        buckets = _buckets([record for _id, record in loaded])
        found = {id_: record for id_, record in loaded if _may_be_read(record)}
        del buckets
        reader.vocabularies.load(_references(found.values()))
        return {id_: _described(record, reader) for id_, record in found.items()}


def listed(objects: Sequence[Mapping[str, Any]]) -> dict[str, Described]:
    """The same without those that cannot be described."""
    return {id_: found for id_, found in described(objects).items() if found}


def describe(obj: Mapping[str, Any]) -> Described:
    """The same of one record or draft, which its reader may see.

    :raises DumperError: one of the site's own functions failed.
    """
    reader = Reader.create(current_doi.metadata_settings)
    with db.session.no_autoflush:
        ((_id, record),) = _load([obj], reader)
        return Described(record, _without_empty(_payload(record, reader)))


def _described(record: Any, reader: Reader) -> Described | None:
    try:
        attributes = _without_empty(_payload(record, reader))
        if current_doi.metadata_settings.dumpers:
            # What a site's own function makes may be of any shape.
            to_xml(attributes)
        return Described(record, attributes)
    except SQLAlchemyError:
        raise
    except Exception:
        # Of one record: it must not keep all others from being listed or harvested.
        logger.exception("doi.export.error", extra={"owner_id": str(record.id)})
        return None


def _load(
    objects: Sequence[Mapping[str, Any]], reader: Reader
) -> list[tuple[str, Any]]:
    """The records and drafts, in the same order, from the database."""
    recids = [obj["id"] for obj in objects]
    rows = db.session.execute(
        sa.select(
            PersistentIdentifier.pid_value, PersistentIdentifier.object_uuid
        ).where(
            PersistentIdentifier.pid_type == "recid",
            PersistentIdentifier.pid_value.in_(recids),
        )
    )
    ids = dict(rows.all())
    drafts = {obj["id"] for obj in objects if obj.get("is_draft")}
    reader.batch.load({id_ for recid, id_ in ids.items() if recid not in drafts}, [])
    of_drafts = {ids[recid] for recid in drafts if recid in ids}
    cls = current_rdm_records_service.draft_cls
    found = {
        draft.id: draft for draft in (cls.get_records(of_drafts) if of_drafts else ())
    }
    loaded = []
    for recid in recids:
        find = found.get if recid in drafts else reader.batch.record
        record = find(ids[recid]) if recid in ids else None
        if record is not None:
            loaded.append((recid, record))
    return loaded


def _references(records: Iterable[Any]) -> set[Reference]:
    """Vocabulary entries of all records; what cannot be read is met again, alone."""
    found: set[Reference] = set()
    for record in records:
        with suppress(AttributeError, TypeError):
            found |= references(record)
    return found


def _buckets(records: Sequence[Any]) -> list[Any]:
    """Buckets of files: the host looks at each record's to tell who may read it."""
    ids = {getattr(record.model, "bucket_id", None) for record in records} - {None}
    return db.session.scalars(sa.select(Bucket).where(Bucket.id.in_(ids))).all()


def _may_be_read(record: Any) -> bool:
    """Whether who asks may read a record, as it is in the database now."""
    action = "read_draft" if record.is_draft else "read"
    if not record.is_draft and record.deletion_status.is_deleted:
        # Who may read it says nothing of that.
        return False
    return bool(
        current_rdm_records_service.check_permission(g.identity, action, record=record)
    )


def _payload(record: Any, reader: Reader) -> Attributes:
    source = reader.source(record)
    description = describe_record(source)
    if not record.is_draft and record.deletion_status.is_deleted:
        description = describe_withdrawal(record, source, description)
    managed = managed_doi(record)
    if managed:
        return payload(managed, description)
    found = {**description.attributes, "schemaVersion": SCHEMA_VERSION}
    external = any_doi(record)
    # Where somebody else's DOI leads is not known here.
    return {"doi": external, **found} if external else found


def _without_empty(attributes: Attributes) -> Attributes:
    return {key: value for key, value in attributes.items() if value not in (None, [])}

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The metadata of exported records that DataCite has or would get.

Only the identifier of an exported record is used: the rest comes from the database, as
it does for DataCite. Many records need as many statements as one.
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
    """A record from the database, and the metadata that DataCite has or would get."""

    record: Any
    attributes: Attributes

    def page(self) -> str | None:
        """Return the address of the record's page; None for a draft."""
        return None if self.record.is_draft else record_page(self.record.pid.pid_value)

    def may_see_files(self) -> bool:
        """Return whether the current user may see the files."""
        return bool(
            current_rdm_records_service.check_permission(
                g.identity, "read_files", record=self.record
            )
        )


def described(objects: Sequence[Mapping[str, Any]]) -> dict[str, Described | None]:
    """Describe records and drafts, in the same order.

    An index may lag behind, so read access is checked with the current records. Records
    that were removed or deleted are left out.

    :param objects: records and drafts, with their ``id``.
    :returns: a dictionary with the identifier of each record as key; the value is None
        if the record cannot be described.
    """
    reader = Reader.create(current_doi.metadata_settings)
    with db.session.no_autoflush:
        loaded = _load(objects, reader)
        # Referenced until all checks are done: the session has only weak references.
        buckets = _buckets([record for _id, record in loaded])
        found = {id_: record for id_, record in loaded if _may_be_read(record)}
        del buckets
        reader.vocabularies.load(_references(found.values()))
        return {id_: _described(record, reader) for id_, record in found.items()}


def listed(objects: Sequence[Mapping[str, Any]]) -> dict[str, Described]:
    """Describe records and drafts; leave out those that cannot be described."""
    return {id_: found for id_, found in described(objects).items() if found}


def describe(obj: Mapping[str, Any]) -> Described:
    """Describe one record or draft that the user may see.

    :raises DumperError: if one of the site's own functions failed.
    """
    reader = Reader.create(current_doi.metadata_settings)
    with db.session.no_autoflush:
        ((_id, record),) = _load([obj], reader)
        return Described(record, _without_empty(_payload(record, reader)))


def _described(record: Any, reader: Reader) -> Described | None:
    try:
        attributes = _without_empty(_payload(record, reader))
        if current_doi.metadata_settings.dumpers:
            # The result of a site's own function may have any structure.
            to_xml(attributes)
        return Described(record, attributes)
    except SQLAlchemyError:
        raise
    except Exception:
        # One record must not prevent all others from being listed or harvested.
        logger.exception("doi.export.error", extra={"owner_id": str(record.id)})
        return None


def _load(
    objects: Sequence[Mapping[str, Any]], reader: Reader
) -> list[tuple[str, Any]]:
    """Load the records and drafts from the database, in the same order."""
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
    """Return the references of all records to vocabulary entries.

    An unreadable record is ignored here; its error recurs when it is described alone.
    """
    found: set[Reference] = set()
    for record in records:
        with suppress(AttributeError, TypeError):
            found |= references(record)
    return found


def _buckets(records: Sequence[Any]) -> list[Any]:
    """Load the buckets of files, which InvenioRDM needs to check read access."""
    ids = {getattr(record.model, "bucket_id", None) for record in records} - {None}
    return db.session.scalars(sa.select(Bucket).where(Bucket.id.in_(ids))).all()


def _may_be_read(record: Any) -> bool:
    """Return whether the current user may read a record in its current state."""
    action = "read_draft" if record.is_draft else "read"
    if not record.is_draft and record.deletion_status.is_deleted:
        # The permission to read a record does not depend on its deletion.
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
    # The URL of an external DOI is not available here.
    return {"doi": external, **found} if external else found


def _without_empty(attributes: Attributes) -> Attributes:
    return {key: value for key, value in attributes.items() if value not in (None, [])}

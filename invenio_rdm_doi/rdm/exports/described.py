# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What DataCite has, or would get, of records that somebody exports.

Only the identifier of what is exported is looked at: the rest comes from the database,
as it does for DataCite. Many records cost as many statements as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import g
from invenio_db import db
from invenio_files_rest.models import Bucket
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records_service

from ...doi import any_doi
from ...metadata.attributes import SCHEMA_VERSION, Attributes
from ...metadata.describe import describe_record
from ...metadata.references import references
from ...proxies import current_doi
from ...records.source import Reader
from ...validation.draft import payload


def described(
    objects: Sequence[Mapping[str, Any]],
    keep: Callable[[Any], bool] = lambda record: True,
) -> dict[str, Attributes]:
    """By identifier of the record, in the same order: metadata without what is empty.

    What is not there any more is left out.

    :param objects: records and drafts that the reader may see, with their ``id``.
    :param keep: whether a record that was read is described.
    """
    reader = Reader.create(current_doi.metadata_settings)
    with db.session.no_autoflush:
        loaded = _load(objects, reader)
        # Held until everything was asked: the session forgets what nobody holds.
        buckets = _buckets([record for _id, record in loaded])
        found = {id_: record for id_, record in loaded if keep(record)}
        del buckets
        reader.vocabularies.load(
            {reference for record in found.values() for reference in references(record)}
        )
        return {
            id_: _without_empty(_payload(record, reader))
            for id_, record in found.items()
        }


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
    pairs = [
        (
            recid,
            (
                found.get(ids.get(recid))
                if recid in drafts
                else reader.batch.record(ids[recid]) if recid in ids else None
            ),
        )
        for recid in recids
    ]
    return [(recid, record) for recid, record in pairs if record is not None]


def _buckets(records: Sequence[Any]) -> list[Any]:
    """Buckets of files: the host looks at each record's to tell who may read it."""
    ids = {getattr(record.model, "bucket_id", None) for record in records} - {None}
    return db.session.scalars(sa.select(Bucket).where(Bucket.id.in_(ids))).all()


def may_be_read(record: Any) -> bool:
    """Whether who asks may read a record, as it is in the database now."""
    action = "read_draft" if record.is_draft else "read"
    return bool(
        current_rdm_records_service.check_permission(g.identity, action, record=record)
    )


def _payload(record: Any, reader: Reader) -> Attributes:
    description = describe_record(reader.source(record))
    doi = any_doi(record)
    if doi:
        return payload(doi, description)
    return {**description.attributes, "schemaVersion": SCHEMA_VERSION}


def _without_empty(attributes: Attributes) -> Attributes:
    return {key: value for key, value in attributes.items() if value not in (None, [])}

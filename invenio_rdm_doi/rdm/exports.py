# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DataCite JSON export of records: what people see is what DataCite gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask, g
from flask_resources import JSONSerializer, ResponseHandler
from flask_resources.serializers import BaseSerializer
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records_service
from invenio_rdm_records.resources.config import record_serializers
from invenio_records_resources.resources.records.headers import etag_headers

from ..doi import any_doi
from ..metadata.attributes import SCHEMA_VERSION, Attributes
from ..metadata.describe import describe_record
from ..proxies import current_doi
from ..records.source import Reader
from ..validation.draft import payload

MIMETYPE = "application/vnd.datacite.datacite+json"
EXPORTER = "datacite-json"
"""Name of the host's entry in ``APP_RDM_RECORD_EXPORTERS``."""

HOST_SERIALIZER = "invenio_rdm_records.resources.serializers:DataCite45JSONSerializer"


class DataCite47JSONSerializer(BaseSerializer):
    """Records as DataCite JSON, metadata schema 4.7."""

    def __init__(self, **options: Any):
        """Constructor.

        :param options: for :class:`flask_resources.JSONSerializer`.
        """
        self.format_serializer = JSONSerializer(**options)

    def serialize_object(self, obj: Mapping[str, Any]) -> str:
        """One record or draft, as JSON."""
        return self.format_serializer.serialize_object(self.dump_obj(obj))

    def serialize_object_list(self, obj_list: Mapping[str, Any]) -> str:
        """The hits of a search, as JSON."""
        return self.format_serializer.serialize_object_list(self.dump_list(obj_list))

    def dump_obj(self, obj: Mapping[str, Any]) -> Attributes:
        """What DataCite has, or would get, without what is empty.

        :param obj: a record or a draft that the reader may see; only its identifier is
            looked at: the rest comes from the database, as it does for DataCite.
        """
        (found,) = self._dump([obj])
        return found

    def dump_list(self, obj_list: Mapping[str, Any]) -> dict[str, Any]:
        """The same for all hits.

        A search index may lag behind: who may see a record is asked of what is read
        now, and what is not there any more is left out.
        """
        hits = obj_list["hits"]
        shown = self._dump(hits["hits"], _may_be_read)
        return {**obj_list, "hits": {**hits, "hits": shown}}

    def _dump(
        self,
        objects: Sequence[Mapping[str, Any]],
        keep: Callable[[Any], bool] = lambda record: True,
    ) -> list[Attributes]:
        reader = Reader.create(current_doi.metadata_settings)
        with db.session.no_autoflush:
            return [
                _without_empty(_payload(record, reader))
                for record in _load(objects)
                if keep(record)
            ]


def use(app: Flask) -> None:
    """Put the serializer in the place of the host's; a site's own one stays."""
    exporters = app.config.get("APP_RDM_RECORD_EXPORTERS") or {}
    if exporters.get(EXPORTER, {}).get("serializer") == HOST_SERIALIZER:
        name = f"{__name__}:{DataCite47JSONSerializer.__name__}"
        mine = {**exporters[EXPORTER], "serializer": name}
        app.config["APP_RDM_RECORD_EXPORTERS"] = {**exporters, EXPORTER: mine}
    handlers = app.config.get("RDM_RECORDS_SERIALIZERS") or record_serializers
    if handlers.get(MIMETYPE) is record_serializers.get(MIMETYPE):
        app.config["RDM_RECORDS_SERIALIZERS"] = {
            **handlers,
            MIMETYPE: ResponseHandler(DataCite47JSONSerializer(), headers=etag_headers),
        }


def _load(objects: Sequence[Mapping[str, Any]]) -> list[Any]:
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
    service = current_rdm_records_service
    found: dict[tuple[bool, Any], Any] = {}
    for is_draft, cls in ((False, service.record_cls), (True, service.draft_cls)):
        wanted = {
            ids[obj["id"]]
            for obj in objects
            if obj["id"] in ids and bool(obj.get("is_draft")) is is_draft
        }
        if wanted:
            for record in cls.get_records(list(wanted)):
                found[is_draft, record.id] = record
    keys = [(bool(obj.get("is_draft")), ids.get(obj["id"])) for obj in objects]
    return [found[key] for key in keys if key in found]


def _may_be_read(record: Any) -> bool:
    action = "read_draft" if record.is_draft else "read"
    return current_rdm_records_service.check_permission(
        g.identity, action, record=record
    )


def _payload(record: Any, reader: Reader) -> Attributes:
    description = describe_record(reader.source(record))
    doi = any_doi(record)
    if doi:
        return payload(doi, description)
    return {**description.attributes, "schemaVersion": SCHEMA_VERSION}


def _without_empty(attributes: Attributes) -> Attributes:
    return {key: value for key, value in attributes.items() if value not in (None, [])}

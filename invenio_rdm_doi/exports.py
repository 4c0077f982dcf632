# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DataCite JSON export of records: what people see is what DataCite gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_resources import BaseListSchema, JSONSerializer, ResponseHandler
from flask_resources.serializers import MarshmallowSerializer
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service
from invenio_rdm_records.resources.config import record_serializers
from invenio_records_resources.resources.records.headers import etag_headers
from marshmallow import Schema

from .checking import payload
from .metadata.attributes import SCHEMA_VERSION, Attributes
from .metadata.serializer import describe_record
from .proxies import current_doi
from .records.source import Reader

MIMETYPE = "application/vnd.datacite.datacite+json"
EXPORTER = "datacite-json"
"""Name of the host's entry in ``APP_RDM_RECORD_EXPORTERS``."""

HOST_SERIALIZER = "invenio_rdm_records.resources.serializers:DataCite45JSONSerializer"


class RegisteredMetadataSchema(Schema):
    """Dumps a record as the services return it."""

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """What DataCite has, or would get, without what is empty.

        :param obj: a record or a draft that the reader may see; only its identifier is
            looked at: the rest comes from the database, as it does for DataCite.
        """
        if many:
            return [self.dump(item) for item in obj]
        with db.session.no_autoflush:
            return _without_empty(_payload(_load(obj)))


class DataCite47JSONSerializer(MarshmallowSerializer):
    """Records as DataCite JSON, metadata schema 4.7."""

    def __init__(self, **options: Any):
        """Constructor.

        :param options: for :class:`flask_resources.JSONSerializer`.
        """
        super().__init__(
            format_serializer_cls=JSONSerializer,
            object_schema_cls=RegisteredMetadataSchema,
            list_schema_cls=BaseListSchema,
            **options,
        )


def replace_exports(app: Flask) -> None:
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


def _load(obj: Mapping[str, Any]) -> Any:
    service = current_rdm_records_service
    if obj.get("is_draft"):
        return service.draft_cls.pid.resolve(obj["id"], registered_only=False)
    return service.record_cls.pid.resolve(obj["id"])


def _payload(record: Any) -> Attributes:
    source = Reader.create(current_doi.settings).source(record)
    description = describe_record(source)
    doi = ((record.get("pids") or {}).get("doi") or {}).get("identifier")
    if doi:
        return payload(doi, description)
    return {**description.attributes, "schemaVersion": SCHEMA_VERSION}


def _without_empty(attributes: Attributes) -> Attributes:
    return {key: value for key, value in attributes.items() if value not in (None, [])}

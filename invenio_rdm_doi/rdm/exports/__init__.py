# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports, all of which contain the metadata that DataCite has.

* :mod:`.described`: reads records, and describes them
* :mod:`.serializers`: DataCite JSON and XML, and DCAT, on pages and over REST
* :mod:`.oai`: the same over OAI-PMH
* :mod:`.made`: removes DOIs that do not exist from exports

A site's own serializers are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from flask import Flask
from flask_resources import ResponseHandler
from invenio_rdm_records.resources.config import record_serializers
from invenio_records_resources.resources.records.headers import etag_headers

from ... import hooks
from . import made, oai
from .serializers import (
    DataCite47DCATSerializer,
    DataCite47JSONSerializer,
    DataCite47XMLSerializer,
)

__all__ = ("made", "use")

HOST = "invenio_rdm_records.resources.serializers"

SERIALIZERS: dict[str, tuple[str, str, str, Any]] = {
    "json": (
        "datacite-json",
        f"{HOST}:DataCite45JSONSerializer",
        "application/vnd.datacite.datacite+json",
        DataCite47JSONSerializer,
    ),
    "xml": (
        "datacite-xml",
        f"{HOST}:DataCite45XMLSerializer",
        "application/vnd.datacite.datacite+xml",
        DataCite47XMLSerializer,
    ),
    "dcat": (
        "dcat-ap",
        f"{HOST}:DCATSerializer",
        "application/dcat+xml",
        DataCite47DCATSerializer,
    ),
}
"""Export -> InvenioRDM's entry in ``APP_RDM_RECORD_EXPORTERS``, its serializer there,
the media type, and the replacement."""

LEFT = {
    "json": re.compile(r"invenio_rdm_records\..*:DataCite\w*JSON"),
    "xml": re.compile(r"invenio_rdm_records\..*:DataCite\w*XML"),
    "dcat": re.compile(r"invenio_rdm_records\..*:DCAT"),
}
"""Export -> serializers of any release of InvenioRDM for it."""

OAI: dict[str, tuple[str, Any]] = {
    "invenio_rdm_records.oai:datacite_etree": ("oai", oai.datacite_etree),
    "invenio_rdm_records.oai:oai_datacite_etree": ("oai", oai.oai_datacite_etree),
    "invenio_rdm_records.oai:dcat_etree": ("dcat", oai.dcat_etree),
}
"""InvenioRDM's OAI-PMH serializer -> the export, and the replacement."""

KERNEL = re.compile(r"https?://schema\.datacite\.org/meta/kernel-4[^/]*/metadata\.xsd")
"""The schema in any release of InvenioRDM."""

KERNEL_47 = "http://schema.datacite.org/meta/kernel-4.7/metadata.xsd"


def use(app: Flask, names: Collection[str]) -> None:
    """Replace InvenioRDM's serializers; keep a site's own serializers.

    :param names: the names of the exports: ``json``, ``xml``, ``oai``, ``dcat``.
    """
    for name in SERIALIZERS:
        if name in names:
            _use_serializer(app, *SERIALIZERS[name])
            hooks.note(app, f"export.{name}", not _is_left(app, name))
    formats = app.config.get("OAISERVER_METADATA_FORMATS") or {}
    formats = {prefix: _oai_format(entry, names) for prefix, entry in formats.items()}
    app.config["OAISERVER_METADATA_FORMATS"] = formats
    if {"oai", "dcat"} & set(names):
        oai.note_pages()
    if "oai" in names:
        hooks.note(app, "export.oai", not any(map(_is_hosts_oai, formats.values())))


def _is_left(app: Flask, name: str) -> bool:
    """Return whether an export of InvenioRDM is left that should be replaced.

    A site's own serializer is not meant.
    """
    if SERIALIZERS[name][2] not in record_serializers:
        return True
    exporters = app.config.get("APP_RDM_RECORD_EXPORTERS") or {}
    paths = [_path_of(exporter.get("serializer")) for exporter in exporters.values()]
    return any(LEFT[name].match(path) for path in paths)


def _is_hosts_oai(entry: Mapping[str, Any]) -> bool:
    path = _path_of(entry.get("serializer"))
    return path.startswith("invenio_rdm_records.") and "datacite" in path


def _use_serializer(app: Flask, entry: str, host: str, mimetype: str, cls: Any) -> None:
    exporters = app.config.get("APP_RDM_RECORD_EXPORTERS") or {}
    if exporters.get(entry, {}).get("serializer") == host:
        mine = {**exporters[entry], "serializer": f"{cls.__module__}:{cls.__name__}"}
        app.config["APP_RDM_RECORD_EXPORTERS"] = {**exporters, entry: mine}
    handlers = app.config.get("RDM_RECORDS_SERIALIZERS") or record_serializers
    if handlers.get(mimetype) is record_serializers.get(mimetype):
        app.config["RDM_RECORDS_SERIALIZERS"] = {
            **handlers,
            mimetype: ResponseHandler(cls(), headers=etag_headers),
        }


def _oai_format(entry: Mapping[str, Any], names: Collection[str]) -> Mapping[str, Any]:
    known = OAI.get(_path_of(entry.get("serializer")))
    if known is None or known[0] not in names:
        return entry
    mine = known[1]
    schema = entry.get("schema") or ""
    return {
        **entry,
        "serializer": f"{mine.__module__}:{mine.__name__}",
        "schema": KERNEL_47 if KERNEL.fullmatch(schema) else schema,
    }


def _path_of(serializer: Any) -> str:
    """Return the path of a serializer; empty if it has options.

    InvenioRDM accepts a function, its path, or either with options. A serializer with
    options is the site's own.
    """
    if isinstance(serializer, tuple | list) and len(serializer) == 2:
        serializer = serializer[0] if not serializer[1] else None
    if callable(serializer):
        name = getattr(serializer, "__name__", "")
        return f"{getattr(serializer, '__module__', '')}:{name}"
    return serializer if isinstance(serializer, str) else ""

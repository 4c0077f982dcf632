# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports of what has no DOI yet, and citations of DOIs that do not resolve.

The choice of a new DOI is saved as an empty identifier, which the host's serializers
take for a DOI: ``https://doi.org/``. And nobody is to cite a DOI that DataCite refuses.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any

from flask import Flask
from invenio_base.utils import obj_or_import_string
from invenio_db import db
from invenio_rdm_records.resources.config import record_serializers
from sqlalchemy.exc import SQLAlchemyError

from ...registration.dead import dead_dois, without

CITATIONS = ("text/x-bibliography", "application/vnd.citationstyles.csl+json")
"""Media types of what people copy into their own texts."""

CITED = ("csl", "bibtex", "cff", "codemeta")
"""The same among the exports of pages."""

NOT_ABOUT_DOIS = ("application/json", "application/vnd.inveniordm.v1+json", "json")
"""The REST API itself: the form reads there what was chosen."""

MARK = "_invenio_rdm_doi"
"""Of a serializer that is changed already."""

Records = Sequence[Mapping[str, Any]]

Shown = Callable[[Records], Records]

logger = logging.getLogger(__name__)


def _of_made(serializer: Any, shown: Shown) -> Any:
    """The same serializer, for records and drafts without DOIs that are none."""
    if getattr(serializer, MARK, False):
        return serializer
    changed = copy(serializer)
    changed.serialize_object = partial(_object, serializer, shown)
    changed.serialize_object_list = partial(_list, serializer, shown)
    setattr(changed, MARK, True)
    return changed


def _object(
    serializer: Any, shown: Shown, obj: Mapping[str, Any], *args: Any, **kwargs: Any
) -> Any:
    (one,) = shown([obj])
    return serializer.serialize_object(one, *args, **kwargs)


def _list(
    serializer: Any, shown: Shown, found: Mapping[str, Any], *args: Any, **kwargs: Any
) -> Any:
    hits = {**found["hits"], "hits": shown(found["hits"]["hits"])}
    return serializer.serialize_object_list({**found, "hits": hits}, *args, **kwargs)


def _made(records: Records) -> Records:
    """Without a DOI that is not made."""
    return [without(record, {""}) for record in records]


def _living(records: Records) -> Records:
    """Without DOIs that lead nowhere; the export is there without that."""
    try:
        dead = dead_dois(records)
    except SQLAlchemyError:
        logger.exception("doi.export.error", extra={"records": len(records)})
        db.session.rollback()
        return _made(records)
    return [without(record, dead) for record in records]


def use(app: Flask) -> None:
    """Put them around all serializers of records, a site's own ones too."""
    handlers = app.config.get("RDM_RECORDS_SERIALIZERS") or record_serializers
    app.config["RDM_RECORDS_SERIALIZERS"] = {
        mimetype: (
            handler
            if mimetype in NOT_ABOUT_DOIS
            else _around(handler, _living if mimetype in CITATIONS else _made)
        )
        for mimetype, handler in handlers.items()
    }
    exporters = app.config.get("APP_RDM_RECORD_EXPORTERS") or {}
    app.config["APP_RDM_RECORD_EXPORTERS"] = {
        name: (
            exporter
            if name in NOT_ABOUT_DOIS
            else {**exporter, "serializer": _exporter(exporter["serializer"], name)}
        )
        for name, exporter in exporters.items()
    }


def _around(handler: Any, shown: Shown) -> Any:
    serializer = getattr(handler, "serializer", None)
    if serializer is None:
        return handler
    changed = copy(handler)
    changed.serializer = _of_made(serializer, shown)
    return changed


class _Exporter:
    """Makes a serializer of the site's for records as they are shown."""

    def __init__(self, serializer: Any, shown: Shown):
        self.serializer = serializer
        self.shown = shown

    def __call__(self, **params: Any) -> Any:
        cls = obj_or_import_string(self.serializer)
        return _of_made(cls(**params), self.shown)


def _exporter(serializer: Any, name: str) -> _Exporter:
    if isinstance(serializer, _Exporter):
        return serializer
    return _Exporter(serializer, _living if name in CITED else _made)

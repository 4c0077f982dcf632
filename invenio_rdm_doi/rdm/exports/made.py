# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports without DOIs that do not exist yet, and citations without dead DOIs.

The choice of a new DOI is saved as an empty identifier, which InvenioRDM's serializers
treat as a DOI: ``https://doi.org/``. In addition, no user should cite a DOI that
DataCite refuses.
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
"""Media types of citations, which users copy into their own texts."""

CITED = ("csl", "bibtex", "cff", "codemeta")
"""Names of the corresponding exports of pages."""

NOT_ABOUT_DOIS = ("application/json", "application/vnd.inveniordm.v1+json", "json")
"""Formats of the REST API itself, in which the form reads the saved choice."""

MARK = "_invenio_rdm_doi"
"""Attribute of a serializer that is wrapped already."""

Records = Sequence[Mapping[str, Any]]

Shown = Callable[[Records], Records]

logger = logging.getLogger(__name__)


def _of_made(serializer: Any, shown: Shown) -> Any:
    """Return a copy of a serializer that removes DOIs from its input with ``shown``."""
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
    """Remove DOIs that are not created yet."""
    return [without(record, {""}) for record in records]


def _living(records: Records) -> Records:
    """Remove DOIs that do not resolve; on a database error, only uncreated ones.

    The export must work even if the database query fails.
    """
    try:
        dead = dead_dois(records)
    except SQLAlchemyError:
        logger.exception("doi.export.error", extra={"records": len(records)})
        db.session.rollback()
        return _made(records)
    return [without(record, dead) for record in records]


def use(app: Flask) -> None:
    """Wrap all serializers of records, including a site's own."""
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
    """Creates a serializer of the site, wrapped so that ``shown`` filters its input."""

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

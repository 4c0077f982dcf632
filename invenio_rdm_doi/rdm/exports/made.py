# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports of what has no DOI yet, and citations of DOIs that do not resolve.

The choice of a new DOI is saved as an empty identifier, which the host's serializers
take for a DOI: ``https://doi.org/``. And nobody is to cite a DOI that DataCite refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from flask import Flask
from invenio_rdm_records.resources.config import record_serializers

from ...registration.dead import dead_dois, without

CITATIONS = ("text/x-bibliography", "application/vnd.citationstyles.csl+json")
"""Media types of what people copy into their own texts."""


class _OfMade:
    """A serializer that gets records and drafts without DOIs that are none."""

    def __init__(self, serializer: Any, is_citation: bool):
        self._serializer = serializer
        self._is_citation = is_citation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._serializer, name)

    def serialize_object(self, obj: Mapping[str, Any], *args: Any, **kw: Any) -> Any:
        shown = without(obj, dead_dois(obj) if self._is_citation else {""})
        return self._serializer.serialize_object(shown, *args, **kw)


def use(app: Flask) -> None:
    """Put them around all serializers of records, a site's own ones too."""
    handlers = app.config.get("RDM_RECORDS_SERIALIZERS") or record_serializers
    app.config["RDM_RECORDS_SERIALIZERS"] = {
        mimetype: (
            handler
            if mimetype in NOT_ABOUT_DOIS
            else _around(handler, mimetype in CITATIONS)
        )
        for mimetype, handler in handlers.items()
    }


NOT_ABOUT_DOIS = ("application/json", "application/vnd.inveniordm.v1+json")
"""The REST API itself: the form reads there what was chosen."""


def _around(handler: Any, is_citation: bool) -> Any:
    serializer = getattr(handler, "serializer", None)
    if serializer is None or isinstance(serializer, _OfMade):
        return handler
    changed = copy(handler)
    changed.serializer = _OfMade(serializer, is_citation)
    return changed

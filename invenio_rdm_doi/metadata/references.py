# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Which vocabulary entries a record refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .source import Reference

LISTS = {
    "additional_titles": {"type": "titletypes", "lang": "languages"},
    "additional_descriptions": {"type": "descriptiontypes", "lang": "languages"},
    "contributors": {"role": "contributorsroles"},
    "creators": {"role": "creatorsroles"},
    "dates": {"type": "datetypes"},
    "related_identifiers": {
        "relation_type": "relationtypes",
        "resource_type": "resourcetypes",
    },
    "funding": {"funder": "funders", "award": "awards"},
}
"""Fields of the items of a list -> vocabulary."""

ITEMS = {"languages": "languages", "rights": "licenses", "subjects": "subjects"}
"""Lists whose items are entries."""


def references(record: Mapping[str, Any]) -> set[Reference]:
    """All (vocabulary, identifier) whose entries the mapping will ask for."""
    return {
        (vocabulary, value["id"])
        for vocabulary, value in _all(record)
        if isinstance(value, Mapping) and value.get("id")
    }


def _all(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    metadata = record.get("metadata") or {}
    custom_fields = record.get("custom_fields") or {}
    yield "resourcetypes", metadata.get("resource_type")
    for name, keys in LISTS.items():
        for item in metadata.get(name) or []:
            for key, vocabulary in keys.items():
                yield vocabulary, item.get(key)
    for name, vocabulary in ITEMS.items():
        for item in metadata.get(name) or []:
            yield vocabulary, item
    for name in ("creators", "contributors"):
        for item in metadata.get(name) or []:
            for affiliation in item.get("affiliations") or []:
                yield "affiliations", affiliation
    yield "code:developmentStatus", custom_fields.get("code:developmentStatus")
    for item in custom_fields.get("code:programmingLanguage") or []:
        yield "code:programmingLanguages", item
    reason = (record.get("tombstone") or {}).get("removal_reason")
    yield "removalreasons", reason

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""References of a record to vocabulary entries."""

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
"""List -> field of its items -> vocabulary."""

ITEMS = {"languages": "languages", "rights": "licenses", "subjects": "subjects"}
"""Lists whose items are vocabulary entries -> vocabulary."""


def references(record: Mapping[str, Any]) -> set[Reference]:
    """Return (vocabulary, identifier) of all entries that the mapping will look up."""
    return {(vocabulary, value["id"]) for _field, vocabulary, value in fields(record)}


def fields(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (field, vocabulary, reference) for all references of a record."""
    for field, vocabulary, value in _all(record):
        identifier = value.get("id") if isinstance(value, Mapping) else None
        if identifier and isinstance(identifier, str):
            yield field, vocabulary, value


def _all(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    metadata = record.get("metadata") or {}
    custom_fields = record.get("custom_fields") or {}
    yield "metadata.resource_type", "resourcetypes", metadata.get("resource_type")
    for name, keys in LISTS.items():
        for index, item in enumerate(metadata.get(name) or []):
            for key, vocabulary in keys.items():
                yield f"metadata.{name}.{index}.{key}", vocabulary, item.get(key)
    for name, vocabulary in ITEMS.items():
        for index, item in enumerate(metadata.get(name) or []):
            yield f"metadata.{name}.{index}", vocabulary, item
    for name in ("creators", "contributors"):
        for index, item in enumerate(metadata.get(name) or []):
            for affiliation in item.get("affiliations") or []:
                yield f"metadata.{name}.{index}", "affiliations", affiliation
    status = custom_fields.get("code:developmentStatus")
    yield "custom_fields.code:developmentStatus", "code:developmentStatus", status
    for item in custom_fields.get("code:programmingLanguage") or []:
        field = "custom_fields.code:programmingLanguage"
        yield field, "code:programmingLanguages", item
    reason = (record.get("tombstone") or {}).get("removal_reason")
    yield "tombstone.removal_reason", "removalreasons", reason

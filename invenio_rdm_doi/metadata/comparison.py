# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Comparison of the attributes that were sent with those that DataCite serves.

DataCite changes metadata between writing and reading (lupo ``app/models/doi.rb`` and
the bolognese library); its known changes do not count as differences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from .attributes import LISTS, VALUES, Attributes
from .kernel import MAPPING

TAGS = re.compile(r"</?[a-z]+>")
CITATIONS = 2
"""The version of the mapping that began to send :data:`DERIVED_TYPES`."""

DERIVED_TYPES = ("schemaOrg", "citeproc", "bibtex", "ris")


def differences(
    sent: Attributes, served: Mapping[str, Any], mapping: int = MAPPING
) -> list[str]:
    """Return the names of the attributes that differ, in a fixed order.

    :param sent: attributes as returned by :func:`~.attributes.complete`.
    :param served: ``data.attributes`` of an answer, with or without
        ``?publisher=true``; without it, only the publisher's name is compared.
    :param mapping: the version of the mapping with which DataCite got them; 0 if
        another system sent them. DataCite derived the citation types that an older
        version did not send.
    """
    names = (*LISTS, *VALUES, "url", "schemaVersion")
    if mapping < CITATIONS:
        sent, served = _without_citations(sent), _without_citations(served)
    return [
        name
        for name in names
        if name in sent and _differ(name, sent.get(name), served.get(name))
    ]


def _differ(name: str, one: Any, other: Any) -> bool:
    try:
        return bool(_normal(name, one, other) != _normal(name, other, one))
    except (AttributeError, TypeError, ValueError):
        # A value does not have the expected structure.
        return True


def _normal(name: str, value: Any, other: Any) -> Any:
    if name in LISTS and not value:
        return []
    normalize = NORMAL.get(name)
    return normalize(value, other) if normalize else value


def _publisher(value: Any, other: Any) -> Any:
    if isinstance(value, Mapping) and not isinstance(other, Mapping):
        return value.get("name")
    return value


def _without_citations(attributes: Mapping[str, Any]) -> dict[str, Any]:
    types = attributes.get("types")
    if not isinstance(types, Mapping):
        return dict(attributes)
    kept = {key: part for key, part in types.items() if key not in DERIVED_TYPES}
    return {**attributes, "types": kept}


def _types(value: Any, other: Any) -> Any:
    # DataCite derives the types that are not sent: for a placeholder, or from XML.
    return {
        key: part
        for key, part in (value or {}).items()
        if part and (key not in DERIVED_TYPES or (other or {}).get(key))
    }


def _rights(value: Any, other: Any) -> Any:
    """Normalize rights: an SPDX license is the same under each of its names."""
    others = other or []
    return [
        _right(item, others[index] if index < len(others) else {})
        for index, item in enumerate(value or [])
    ]


def _right(item: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    identifier = str(item.get("rightsIdentifier") or "").lower()
    others = str(other.get("rightsIdentifier") or "").lower()
    schemes = (item.get("rightsIdentifierScheme"), other.get("rightsIdentifierScheme"))
    if "SPDX" in schemes and identifier and others:
        # SPDX has two identifiers for some licenses, and DataCite keeps the first one
        # that has the name: GPL-2.0 for GPL-2.0-only.
        return identifier.removesuffix("-only")
    # DataCite also finds a license by its name or address.
    if "SPDX" in schemes and (_same_name(item, other) or _same_place(item, other)):
        return "the same"
    return {**item, "rightsIdentifier": identifier} if identifier else dict(item)


def _same_name(item: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(item.get("rights")) and item.get("rights") == other.get("rights")


def _same_place(item: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(_place(item)) and _place(item) == _place(other)


def _place(item: Mapping[str, Any]) -> str:
    address = str(item.get("rightsUri") or "").replace("http://", "https://")
    return address.rstrip("/").removesuffix("/legalcode")


def _subjects(value: Any, other: Any) -> Any:
    """Normalize subjects: ignore whitespace, markup and duplicates."""
    found = []
    for item in value or []:
        text = TAGS.sub("", unescape(unescape(str(item.get("subject") or ""))))
        entry = {**item, "subject": " ".join(text.split())}
        if entry not in found:
            found.append(entry)
    return found


def _language(value: Any, other: Any) -> Any:
    return value.split("-")[0] if isinstance(value, str) else None


def _identifiers(value: Any, other: Any) -> Any:
    return [item for item in value or [] if item.get("identifierType") != "DOI"]


def _year(value: Any, other: Any) -> Any:
    return int(value) if str(value or "").isdecimal() else value


def _version(value: Any, other: Any) -> Any:
    return None if value is None else str(value)


NORMAL: dict[str, Callable[[Any, Any], Any]] = {
    "publisher": _publisher,
    "types": _types,
    "rightsList": _rights,
    "subjects": _subjects,
    "language": _language,
    "identifiers": _identifiers,
    "publicationYear": _year,
    "version": _version,
}

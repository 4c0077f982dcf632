# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Other identifiers of the record itself (schema 4.7, property 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..doi import any_doi, doi_key
from .imprint import imprint_of, is_its_own_imprint
from .recognized import folded, recognized
from .schemes import UNTYPED
from .source import Source
from .text import line


def alternate_identifiers(source: Source) -> list[dict[str, str]]:
    """Return the record's identifiers other than the DOI.

    They are sent as ``identifiers``: DataCite stores ``identifiers`` and
    ``alternateIdentifiers`` in one place, and an empty list under the other name would
    not clear it (lupo ``app/controllers/datacite_dois_controller.rb:853-875``).
    DataCite drops identifiers of type DOI.
    """
    names = source.options.schemes.get("identifiers", {})
    found: list[dict[str, str]] = []

    def add(identifier: Any, identifier_type: Any) -> None:
        entry = {
            "identifier": line(identifier),
            "identifierType": line(identifier_type),
        }
        if all(entry.values()):
            found.append(entry)

    for scheme, pid in sorted((source.record.get("pids") or {}).items()):
        if scheme != "doi":
            add((pid or {}).get("identifier"), names.get(scheme) or scheme)
    for item in source.entries("identifiers"):
        scheme = item.get("scheme") or "other"
        if not _doi(item):
            add(item.get("identifier"), names.get(scheme) or scheme)
    isbn = own_isbn(source)
    if isbn:
        add(isbn, "ISBN")
    unique: dict[tuple[str, str], dict[str, str]] = {}
    for entry in found:
        kind = entry["identifierType"]
        unique.setdefault((kind, folded(entry["identifier"], kind)), entry)
    return list(unique.values())


def alternate_dois(source: Source) -> list[str]:
    """Return the DOIs among the alternate identifiers, where DataCite would drop them.

    The record's own DOI is left out.
    """
    own = any_doi(source.record)
    found = [_doi(item) for item in source.entries("identifiers")]
    return [doi for doi in found if doi and doi_key(doi) != doi_key(line(own))]


def _doi(item: Mapping[str, Any]) -> str | None:
    """Return the DOI in an identifier, regardless of the scheme that was chosen."""
    scheme, text = item.get("scheme") or "", line(item.get("identifier"))
    if scheme == "doi":
        return text
    typed = recognized(text) if scheme in UNTYPED else None
    return typed[0] if typed and typed[1] == "DOI" else None


def own_isbn(source: Source) -> str | None:
    """Return the ISBN of a record that is the book itself and not a part of one."""
    is_own = is_its_own_imprint(source)
    return line(imprint_of(source).get("isbn")) or None if is_own else None

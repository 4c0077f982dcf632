# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Application of the attributes of a payload to a DOI.

A missing attribute is kept, an empty or null one is cleared, and lists are replaced as
a whole (patch_spec.rb:783-980). With XML in the same payload, a null attribute gets the
value from the XML (post_spec.rb:1344).
"""

from __future__ import annotations

import re
from typing import Any

from . import normalize, states
from .dois import Doi
from .errors import UnexpectedError
from .payload import METADATA, Attributes
from .values import as_list
from .xml_reader import SentXml, read_xml, with_doi
from .xml_writer import NAMESPACE, write_xml

_LISTS = frozenset(
    [
        "formats",
        "sizes",
        "dates",
        "subjects",
        "rightsList",
        "identifiers",
        "relatedIdentifiers",
        "relatedItems",
        "fundingReferences",
        "geoLocations",
        "contentUrl",
    ]
)


def revise(doi: Doi, sent: Attributes, *, is_new: bool) -> Doi:
    """Return a copy of the DOI with the payload applied, not yet validated."""
    result = doi.copy()
    xml = read_xml(sent.get("xml"))
    _assign(result, sent, xml)
    result.schema_version = _schema_version(doi, sent, xml, is_new)
    result.state = states.after(sent.get("event"), doi.state)
    result.xml = _xml(result, sent, xml)
    result.attributes = normalize.normalize(result.attributes, doi.doi)
    return result


def _assign(doi: Doi, sent: Attributes, xml: SentXml | None) -> None:
    from_xml = xml.attributes if xml else {}
    for name in METADATA:
        fallback = from_xml.get(name)
        if name in sent or fallback is not None:
            value = sent.get(name)
            if value is None or value is False:
                value = fallback
            doi.attributes[name] = _cast(name, value)
    if sent.get("landingPage"):
        doi.attributes["landingPage"] = sent["landingPage"]
    for name in ("url", "source", "reason"):
        if name in sent:
            value = sent[name]
            setattr(doi, name, value if value is None else str(value))


def _cast(name: str, value: Any) -> Any:
    """Convert a value to the type of its column."""
    if name in _LISTS:
        return as_list(value)
    if name in ("types", "container"):
        return value or {}
    if name == "publisher":
        return normalize.publisher(value)
    if name == "publicationYear":
        return _year(value)
    if name in ("version", "language") and value is not None:
        return str(value)
    return value


def _year(value: Any) -> int | None:
    """Return the year as a number; other text becomes 0, which no schema accepts."""
    if value is None or value == "":
        return None
    digits = re.match(r"\s*-?\d+", str(value))
    year = int(digits[0]) if digits else 0
    if abs(year) >= 2**31:
        raise UnexpectedError(f"{year} is out of range for an integer of 4 bytes")
    return year


def _schema_version(
    doi: Doi, sent: Attributes, xml: SentXml | None, is_new: bool
) -> str | None:
    """Return the schemaVersion to store.

    If none is given, a new DOI gets null (datacite/lupo#1179), and an existing one
    keeps its own or gets kernel-4 (DC:618-623).
    """
    named = sent.get("schemaVersion") or (xml.schema_version if xml else None)
    if named:
        return str(named)
    return None if is_new else doi.schema_version or NAMESPACE


def _xml(doi: Doi, sent: Attributes, xml: SentXml | None) -> str | None:
    """Return the XML to store: as sent, written from the attributes, or unchanged."""
    has_metadata = bool(sent.get("schemaVersion")) or not METADATA.keys().isdisjoint(
        sent
    )
    if xml and xml.is_datacite and not has_metadata and not sent.get("regenerate"):
        return with_doi(xml.text, doi.doi)
    if xml or has_metadata or sent.get("regenerate"):
        container = normalize.container(doi.attributes)
        return write_xml(doi.doi, {**doi.attributes, "container": container})
    return doi.xml

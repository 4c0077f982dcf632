# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Format of DOIs in answers (lupo datacite_doi_serializer.rb; facts, section 4)."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .auth import Caller
from .dois import Doi
from .normalize import container
from .values import as_list, pick

_LISTS = [
    "titles",
    "subjects",
    "dates",
    "relatedIdentifiers",
    "relatedItems",
    "sizes",
    "formats",
    "rightsList",
    "descriptions",
    "geoLocations",
    "fundingReferences",
]
_COUNTS = [
    "viewCount",
    "downloadCount",
    "referenceCount",
    "citationCount",
    "partCount",
    "partOfCount",
    "versionCount",
    "versionOfCount",
]
_OVER_TIME = ("viewsOverTime", "downloadsOverTime", "citationsOverTime")
_RELATED = ("references", "citations", "parts", "partOf", "versions", "versionOf")


@dataclass(frozen=True)
class View:
    """The requested representation of a DOI.

    ``detail`` is true for a single DOI, except in a validation. In a list it adds
    prefix, suffix, xml, alternateIdentifiers, the numbers over time and the
    relationships.
    """

    caller: Caller
    affiliation: bool = False
    publisher: bool = False
    detail: bool = True
    in_list: bool = False

    @classmethod
    def of(cls, caller: Caller, params: Mapping[str, Any], **options: bool) -> View:
        """Read the options from query parameters; only the literal ``true`` counts."""
        return cls(
            caller,
            affiliation=params.get("affiliation") == "true",
            publisher=params.get("publisher") == "true",
            **options,
        )


def document(doi: Doi, view: View) -> dict[str, Any]:
    """Return ``{"data": …}`` for one DOI."""
    return {"data": resource(doi, view)}


def resource(doi: Doi, view: View, fields: list[str] | None = None) -> dict[str, Any]:
    """Return the JSON:API resource.

    ``fields`` names the attributes and relationships to keep (dois_spec:272-300).
    """
    attributes = attributes_of(doi, view)
    relationships = _relationships(doi, view)
    if fields is not None:
        attributes = {name: attributes[name] for name in attributes if name in fields}
        relationships = {
            name: relationships[name] for name in relationships if name in fields
        }
    return {
        "id": doi.uid,
        "type": "dois",
        "attributes": attributes,
        "relationships": relationships,
    }


def attributes_of(doi: Doi, view: View) -> dict[str, Any]:
    """Return all attributes of a DOI in a view."""
    own = doi.attributes
    others = [
        item
        for item in as_list(own.get("identifiers"))
        if pick(item, "identifier") not in (doi.doi, doi.url)
    ]
    result = {
        "doi": doi.uid,
        "identifiers": others,
        "creators": _people(own.get("creators"), view),
        "publisher": _publisher(own.get("publisher"), view),
        "container": container(own),
        "publicationYear": own.get("publicationYear"),
        "contributors": _people(own.get("contributors"), view),
        "language": own.get("language"),
        "types": own.get("types") or {},
        "version": own.get("version"),
        **{name: as_list(own.get(name)) for name in _LISTS},
        "url": doi.url,
        "contentUrl": own.get("contentUrl"),
        "metadataVersion": doi.metadata_version,
        "schemaVersion": doi.schema_version,
        "source": doi.source,
        "isActive": doi.is_active,
        "state": doi.state,
        "reason": doi.reason,
        **dict.fromkeys(_COUNTS, 0),
        "created": _time(doi.created, view),
        "registered": _time(doi.registered, view),
        "published": None if view.in_list else _published(doi),
        "updated": _time(doi.updated, view),
    }
    if view.caller.owns(doi):
        result["landingPage"] = own.get("landingPage")
    if view.detail:
        result |= {
            "prefix": doi.prefix,
            "suffix": doi.suffix,
            "alternateIdentifiers": [_alternate(item) for item in others],
            "xml": base64.b64encode(doi.xml.encode()).decode() if doi.xml else None,
            **{name: [] for name in _OVER_TIME},
        }
    return result


def _relationships(doi: Doi, view: View) -> dict[str, Any]:
    result: dict[str, Any] = {
        "client": {"data": {"id": doi.client_id, "type": "clients"}}
    }
    if view.detail:
        provider = {"id": doi.provider_id, "type": "providers"}
        result["provider"] = {"data": provider}
        if not view.in_list:
            result["media"] = {"data": []}
        result |= {name: {"data": []} for name in _RELATED}
    return result


def _people(people: Any, view: View) -> list[dict[str, Any]]:
    """Return creators or contributors as stored, but always with both lists."""
    result = []
    for person in as_list(people):
        affiliation = as_list(pick(person, "affiliation"))
        if not view.affiliation:
            names = (pick(item, "name") for item in affiliation)
            affiliation = [name for name in names if name is not None]
        identifiers = as_list(pick(person, "nameIdentifiers"))
        result.append(
            {**person, "affiliation": affiliation, "nameIdentifiers": identifiers}
        )
    return result


def _publisher(publisher: dict[str, Any] | None, view: View) -> Any:
    return publisher if view.publisher else pick(publisher, "name")


def _alternate(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "alternateIdentifierType": item.get("identifierType"),
        "alternateIdentifier": item.get("identifier"),
    }


def _published(doi: Doi) -> str:
    year = doi.attributes.get("publicationYear")
    return "" if year is None else str(year)


def _time(seconds: int | None, view: View) -> str | None:
    """Format a time; only single DOIs have milliseconds."""
    if not seconds:
        return None
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return text + ("Z" if view.in_list else ".000Z")

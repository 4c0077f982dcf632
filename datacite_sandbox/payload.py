# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The part of a payload that the API keeps.

DataCite drops every unknown key without an error (lupo params_sanitizer.rb:30-274,
``action_on_unpermitted_parameters = :log``). The rules are those of Rails' strong
parameters: where objects are expected, other items of a list are dropped, so an
affiliation given as a string disappears. The dropped keys are returned too, for the
log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import BadRequest, ParameterMissing

Attributes = dict[str, Any]


@dataclass(frozen=True)
class _Scalars:
    """A list of plain values; any other value in it makes the key be dropped."""


@dataclass(frozen=True)
class _Objects:
    """An object or a list of objects with these keys; None means a plain value."""

    keys: dict[str, Any]


def _objects(*plain: str, **nested: Any) -> _Objects:
    return _Objects({**dict.fromkeys(plain), **nested})


_NAME = ("name", "nameType", "givenName", "familyName")
_PERSON = {
    "nameIdentifiers": _objects("nameIdentifier", "nameIdentifierScheme", "schemeUri"),
    "affiliation": _objects(
        "name", "affiliationIdentifier", "affiliationIdentifierScheme", "schemeUri"
    ),
}
_POINT = _objects("pointLongitude", "pointLatitude")

#: The attributes that contain metadata, and so make DataCite rewrite the XML
#: (params_sanitizer.rb:349-374).
METADATA: dict[str, Any] = {
    "creators": _objects(*_NAME, "lang", **_PERSON),
    "contributors": _objects(*_NAME, "lang", "contributorType", **_PERSON),
    "titles": _objects("title", "titleType", "lang"),
    "publisher": _objects(
        "name", "publisherIdentifier", "publisherIdentifierScheme", "schemeUri", "lang"
    ),
    "publicationYear": None,
    "types": _objects(
        "resourceTypeGeneral", "resourceType", "schemaOrg", "bibtex", "citeproc", "ris"
    ),
    "descriptions": _objects("description", "descriptionType", "lang"),
    "container": _objects(
        "type",
        "identifier",
        "identifierType",
        "title",
        "volume",
        "issue",
        "firstPage",
        "lastPage",
    ),
    "sizes": _Scalars(),
    "formats": _Scalars(),
    "version": None,
    "language": None,
    "dates": _objects("date", "dateType", "dateInformation"),
    "identifiers": _objects("identifier", "identifierType"),
    "relatedIdentifiers": _objects(
        "relatedIdentifier",
        "relatedIdentifierType",
        "relationType",
        "relatedMetadataScheme",
        "schemeUri",
        "schemeType",
        "resourceTypeGeneral",
        "relationTypeInformation",
    ),
    "relatedItems": _objects(
        "relationType",
        "relatedItemType",
        "relationTypeInformation",
        "publicationYear",
        "volume",
        "issue",
        "number",
        "numberType",
        "firstPage",
        "lastPage",
        "publisher",
        "edition",
        relatedItemIdentifier=_objects(
            "relatedItemIdentifier",
            "relatedItemIdentifierType",
            "relatedMetadataScheme",
            "schemeURI",
            "schemeType",
        ),
        creators=_objects(*_NAME),
        titles=_objects("title", "titleType"),
        contributors=_objects(*_NAME, "contributorType"),
    ),
    "fundingReferences": _objects(
        "funderName",
        "funderIdentifier",
        "funderIdentifierType",
        "awardNumber",
        "awardUri",
        "awardTitle",
        "schemeUri",
    ),
    "geoLocations": _objects(
        "geoLocationPlace",
        geoLocationPoint=_POINT,
        geoLocationBox=_objects(
            "westBoundLongitude",
            "eastBoundLongitude",
            "southBoundLatitude",
            "northBoundLatitude",
        ),
        geoLocationPolygon=_objects(polygonPoint=_POINT, inPolygonPoint=_POINT),
    ),
    "rightsList": _objects(
        "rights",
        "rightsUri",
        "rightsIdentifier",
        "rightsIdentifierScheme",
        "schemeUri",
        "lang",
    ),
    "subjects": _objects(
        "subject",
        "subjectScheme",
        "schemeUri",
        "valueUri",
        "lang",
        "classificationCode",
    ),
    "contentUrl": _Scalars(),
}

_PLAIN = [
    "doi",
    "confirmDoi",
    "url",
    "created",
    "prefix",
    "suffix",
    "xml",
    "regenerate",
    "source",
    "metadataVersion",
    "schemaVersion",
    "state",
    "isActive",
    "reason",
    "registered",
    "updated",
    "mode",
    "event",
    "should_validate",
    "client",
    "published",
    "citationCount",
    "downloadCount",
    "partCount",
    "partOfCount",
    "referenceCount",
    "versionCount",
    "versionOfCount",
    "viewCount",
]

_ACCEPTED: dict[str, Any] = {
    **dict.fromkeys(_PLAIN),
    **METADATA,
    "alternateIdentifiers": _objects("alternateIdentifier", "alternateIdentifierType"),
    "landingPage": _objects(
        "checked",
        "url",
        "status",
        "contentType",
        "error",
        "redirectCount",
        "downloadLatency",
        "hasSchemaOrg",
        "schemaOrgId",
        "dcIdentifier",
        "citationDoi",
        "bodyHasPid",
        redirectUrls=_Scalars(),
    ),
    "viewsOverTime": _objects("yearMonth", "total"),
    "downloadsOverTime": _objects("yearMonth", "total"),
    "citationsOverTime": _objects("year", "total"),
}


@dataclass(frozen=True)
class Payload:
    """The usable part of a request body."""

    attributes: Attributes
    client_id: str | None
    dropped: list[str]


def read_payload(body: Any) -> Payload:
    """Parse a JSON:API body.

    Raise the errors of the API: 400 without ``data`` (patch_spec.rb:88), 422 without
    ``attributes``.
    """
    data = body.get("data") if isinstance(body, dict) else None
    if not data:
        raise BadRequest()
    if not isinstance(data, dict):
        raise BadRequest(f"undefined method 'permit' for {data!r}")
    if not isinstance(data.get("attributes"), dict):
        raise ParameterMissing("attributes")
    dropped = [
        f"data.{key}"
        for key in data
        if key not in ("type", "id", "attributes", "relationships")
    ]
    attributes = _permit(_with_identifiers(data["attributes"]), _ACCEPTED, "", dropped)
    return Payload(attributes, _named_client(data.get("relationships")), dropped)


def _with_identifiers(attributes: Attributes) -> Attributes:
    """Copy alternateIdentifiers to identifiers, if there are none (DC:853-875)."""
    if "identifiers" in attributes or "alternateIdentifiers" not in attributes:
        return attributes
    alternates = attributes["alternateIdentifiers"]
    if isinstance(alternates, dict):
        alternates = [alternates]
    if isinstance(alternates, list):
        alternates = [_as_identifier(item) for item in alternates]
    return {**attributes, "identifiers": alternates}


def _as_identifier(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    for key in ("alternateIdentifier", "alternateIdentifierType"):
        if key not in item:
            raise ParameterMissing(key)
    return {
        "identifier": item["alternateIdentifier"],
        "identifierType": item["alternateIdentifierType"],
    }


def _named_client(relationships: Any) -> str | None:
    """Return relationships.client.data.id, which overrides the caller's own id."""
    value = relationships
    for key in ("client", "data", "id"):
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if value else None


def _permit(
    value: Attributes, accepted: dict[str, Any], path: str, dropped: list[str]
) -> Attributes:
    """Return the accepted keys of an object; add the others to ``dropped``."""
    kept = {}
    for key, item in value.items():
        here = f"{path}.{key}" if path else key
        if key not in accepted:
            dropped.append(here)
        elif _is_plain(item):
            # Inside an object only plain keys may be null or a plain value.
            if not path or accepted[key] is None:
                kept[key] = item
            elif item is not None:
                dropped.append(here)
        elif isinstance(accepted[key], _Scalars) and isinstance(item, list):
            if all(_is_plain(entry) for entry in item):
                kept[key] = item
            else:
                dropped.append(here)
        elif isinstance(accepted[key], _Objects):
            kept[key] = _permit_objects(item, accepted[key], here, dropped)
        else:
            dropped.append(here)
    return kept


def _permit_objects(
    value: Any, accepted: _Objects, path: str, dropped: list[str]
) -> Any:
    if isinstance(value, dict):
        return _permit(value, accepted.keys, path, dropped)
    kept = []
    for index, item in enumerate(value):
        here = f"{path}[{index}]"
        if isinstance(item, dict):
            kept.append(_permit(item, accepted.keys, here, dropped))
        else:
            dropped.append(here)
    return kept


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)

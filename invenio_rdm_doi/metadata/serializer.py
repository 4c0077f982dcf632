# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Describes a record in DataCite's words.

Takes what InvenioRDM's own DataCite 4.5 serializer makes and mends what DataCite's
REST API would drop without a word or refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from invenio_rdm_records.resources.serializers import DataCite45JSONSerializer

from .attributes import UNAVAILABLE, Attributes

RENAMED = {"valueURI": "valueUri", "awardURI": "awardUri"}
"""Keys that the host writes as the XML does; the REST API drops them."""

DEREFERENCED = (
    "creator_affiliations",
    "contributor_affiliations",
    "funding_funder",
    "funding_award",
    "subjects",
    "licenses",
)
"""Relations of which the host's serializer reads more than the ``id``."""

GEO_KEYS = (
    "geoLocationPlace",
    "geoLocationPoint",
    "geoLocationBox",
    "geoLocationPolygon",
)


def describe_record(record) -> Attributes:
    """Metadata of one version of a record.

    :param record: a published record; it is not changed.
    """
    return _mend(_dump(record))


def describe_parent(newest, version_dois: Iterable[str]) -> Attributes:
    """Metadata of a concept DOI: that of the newest version, and its versions.

    :param newest: the version that speaks for all of them; it is not changed.
    :param version_dois: DOIs of the versions that the public may know.
    """
    attributes = describe_record(newest)
    # The OAI identifier and the like are those of the one version.
    own = {
        (pid.get("identifier"), scheme)
        for scheme, pid in (newest.get("pids") or {}).items()
    }
    attributes["identifiers"] = [
        item
        for item in attributes["identifiers"]
        if (item["identifier"], item["identifierType"]) not in own
    ]
    related = [
        item
        for item in attributes.get("relatedIdentifiers", [])
        if item["relationType"] != "IsVersionOf" or not _is_own_parent(item, newest)
    ]
    related += [
        {
            "relatedIdentifier": doi,
            "relatedIdentifierType": "DOI",
            "relationType": "HasVersion",
        }
        for doi in version_dois
    ]
    return attributes | {"relatedIdentifiers": related}


def withdrawn(
    attributes: Attributes, date: str, reason: str | None = None
) -> Attributes:
    """The same metadata, with the date of a withdrawal.

    :param date: ISO 8601, such as ``2026-05-04``.
    :param reason: shown as the date's ``dateInformation``.
    """
    entry = {"date": date, "dateType": "Withdrawn"}
    if reason:
        entry["dateInformation"] = reason
    return attributes | {"dates": [*attributes.get("dates", []), entry]}


def _is_own_parent(item: dict[str, Any], record) -> bool:
    doi = record.parent.get("pids", {}).get("doi", {}).get("identifier")
    return item["relatedIdentifier"] == doi


def _dump(record) -> Attributes:
    # The host's serializer appends to lists of the record that it is given, and
    # dereferencing writes into it: both work on a copy.
    copy = type(record)(deepcopy(dict(record)), model=record.model)
    copy.parent = record.parent
    copy.relations.dereference(
        [name for name in DEREFERENCED if name in copy.relations]
    )
    return deepcopy(DataCite45JSONSerializer().dump_obj(copy))


def _mend(dumped: Attributes) -> Attributes:
    attributes = _clean(dumped)
    attributes["publicationYear"] = int(attributes["publicationYear"])
    attributes.setdefault("publisher", {"name": UNAVAILABLE})
    for name in ("creators", "contributors"):
        attributes[name] = [_person(item) for item in attributes.get(name, [])]
    for item in attributes["contributors"]:
        item.setdefault("contributorType", "Other")
    attributes["subjects"] = [
        item for item in attributes.get("subjects", []) if item.get("subject")
    ]
    attributes["identifiers"] = _identifiers(attributes)
    attributes["relatedIdentifiers"] = _unique(
        item
        for item in attributes.get("relatedIdentifiers", [])
        if item.get("relationType") and item.get("relatedIdentifier")
    )
    attributes["geoLocations"] = [
        item
        for item in attributes.get("geoLocations", [])
        if any(key in item for key in GEO_KEYS)
    ]
    attributes["descriptions"] = [
        item for item in attributes.get("descriptions", []) if item.get("description")
    ]
    return attributes


def _clean(value: Any) -> Any:
    """Rename what has the wrong name; leave out what says nothing."""
    if isinstance(value, dict):
        cleaned = {RENAMED.get(key, key): _clean(item) for key, item in value.items()}
        return {key: item for key, item in cleaned.items() if item not in _EMPTY}
    if isinstance(value, list | tuple):
        return [item for item in map(_clean, value) if item not in _EMPTY]
    return value if isinstance(value, str | int | float | None) else str(value)


_EMPTY = (None, "", {}, [])


def _person(item: dict[str, Any]) -> dict[str, Any]:
    # DataCite adds these two when they are absent: with them, what it serves can be
    # compared with what was sent.
    return {"nameIdentifiers": [], "affiliation": []} | item


def _identifiers(attributes: Attributes) -> list[dict[str, str]]:
    # Both names are one store at DataCite, but an empty list under the other name
    # would not clear it (lupo app/controllers/datacite_dois_controller.rb:853-875).
    return [
        {
            "identifier": item["alternateIdentifier"],
            "identifierType": item["alternateIdentifierType"],
        }
        for item in attributes.pop("alternateIdentifiers", [])
        if item.get("alternateIdentifierType", "DOI").upper() != "DOI"
        and item.get("alternateIdentifier")
    ]


def _unique(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Related identifiers: those of the record, its versions and its communities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from invenio_i18n import lazy_gettext as _

from .addresses import uri
from .alternate_identifiers import alternate_dois
from .meeting import meeting_relations
from .recognized import folded
from .schemes import related_type
from .source import Source
from .text import line


def related_identifiers(source: Source) -> list[dict[str, str]]:
    """Return all related resources that have an identifier."""
    found = [
        *_own(source),
        *_references(source),
        *_repository(source),
        *_identical(source),
        *_chain(source),
        *meeting_relations(source),
        *_communities(source),
    ]
    return each_relation_once(found)


def each_relation_once(found: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Merge relations that differ only in spelling, and keep the keys of each."""
    unique: dict[tuple[str | None, ...], dict[str, str]] = {}
    for item in found:
        value, kind = item["relatedIdentifier"], item["relatedIdentifierType"]
        key = (
            folded(value, kind),
            kind,
            item["relationType"],
            item.get("relationTypeInformation"),
        )
        unique[key] = item | unique.get(key, {})
    return list(unique.values())


def relation(source: Source, reference: Mapping[str, Any] | None) -> dict[str, str]:
    """Return a relation type; one that DataCite does not have is given as text.

    Metadata schema 4.7: relationType ``Other`` with relationTypeInformation.
    """
    name = source.datacite("relationtypes", reference)
    if name and name != "Other":
        return {"relationType": name}
    entry = source.look_up("relationtypes", reference)
    text = line(source.translated(entry.get("title"))[0] or entry.get("id"))
    information = {"relationTypeInformation": text} if text else {}
    return {"relationType": "Other", **information}


def related(
    identifier: Any, scheme: str, source: Source, **others: str
) -> dict[str, str] | None:
    """Return a related identifier, or None if DataCite has no valid form for it."""
    typed = related_type(line(identifier), scheme, source)
    if typed is None:
        return None
    value, kind = typed
    return {"relatedIdentifier": value, "relatedIdentifierType": kind, **others}


def _own(source: Source) -> list[dict[str, str]]:
    found = []
    for index, item in enumerate(source.entries("related_identifiers")):
        others = relation(source, item.get("relation_type"))
        resource_type = item.get("resource_type")
        if (resource_type or {}).get("id"):
            general = source.known_type(resource_type)
            others |= {"resourceTypeGeneral": general} if general else {}
        scheme = item.get("scheme") or ""
        entry = related(item.get("identifier"), scheme, source, **others)
        if entry:
            found.append(entry)
        else:
            _left_out(source, f"metadata.related_identifiers.{index}", item)
    return found


def _references(source: Source) -> list[dict[str, str]]:
    """Return references that have an identifier; all others become related items."""
    found = []
    for index, item in enumerate(source.entries("references")):
        if not line(item.get("identifier")):
            continue
        scheme = item.get("scheme") or ""
        entry = related(item["identifier"], scheme, source, relationType="References")
        if entry:
            found.append(entry)
        else:
            _left_out(source, f"metadata.references.{index}", item)
    return found


def _left_out(source: Source, where: str, item: Mapping[str, Any]) -> None:
    source.note(
        where,
        _(
            "DataCite does not support identifiers of the scheme %(scheme)s; it is "
            "left out.",
            scheme=str(item.get("scheme")),
        ),
    )


def _repository(source: Source) -> list[dict[str, str]]:
    """Return the code repository from which a software record was made."""
    typed = line(source.custom_fields.get("code:codeRepository"))
    others = {"relationType": "IsDerivedFrom", "resourceTypeGeneral": "Software"}
    entry = related(typed, "url", source, **others) if uri(typed) else None
    if typed and not entry:
        source.note(
            "custom_fields.code:codeRepository",
            _("It is left out: DataCite accepts only a URL."),
        )
    return [entry] if entry else []


def _identical(source: Source) -> list[dict[str, str]]:
    return [
        {
            "relatedIdentifier": doi,
            "relatedIdentifierType": "DOI",
            "relationType": "IsIdenticalTo",
        }
        for doi in alternate_dois(source)
    ]


def _chain(source: Source) -> list[dict[str, str]]:
    """Return the concept DOI, and the versions before and after this one.

    https://support.datacite.org/docs/versioning
    """
    chain = source.chain
    pairs = (
        ("IsVersionOf", chain.concept),
        ("IsNewVersionOf", chain.previous),
        ("IsPreviousVersionOf", chain.following),
    )
    return [_version(doi, relation_type) for relation_type, doi in pairs if doi]


def has_version(doi: str) -> dict[str, str]:
    """Return the relation of a concept DOI to one of its versions."""
    return _version(doi, "HasVersion")


def _version(doi: str, relation_type: str) -> dict[str, str]:
    return {
        "relatedIdentifier": doi,
        "relatedIdentifierType": "DOI",
        "relationType": relation_type,
    }


def _communities(source: Source) -> list[dict[str, str]]:
    return [
        {
            "relatedIdentifier": address,
            "relatedIdentifierType": "URL",
            "relationType": "IsPartOf",
            "resourceTypeGeneral": "Collection",
        }
        for address in source.communities
    ]

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Parsing of DataCite XML in the ``xml`` attribute of a payload.

Only DataCite XML is parsed. The service also accepts BibTeX, RIS, schema.org and other
formats there; here they are ignored like an unreadable document.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .xml_writer import serialize

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_KERNEL = "http://datacite.org/schema/kernel"

Element = Any


@dataclass
class SentXml:
    """A document that was sent: its text, and its content if it is DataCite XML."""

    text: str
    is_datacite: bool = False
    schema_version: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


def read_xml(encoded: object) -> SentXml | None:
    """Return the decoded base64 document; None if there is none."""
    if not isinstance(encoded, str) or not encoded.strip():
        return None
    try:
        text = base64.b64decode(encoded).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return SentXml(encoded)
    text = text.replace("\ufeff", "").strip()
    root = _root(text)
    namespace = etree.QName(root).namespace if root is not None else None
    if not (namespace or "").startswith(_KERNEL):
        return SentXml(text)
    return SentXml(text, True, namespace, _Reader(root, namespace).attributes())


def with_doi(text: str, doi: str) -> str:
    """Return the document with that DOI as identifier, in a new layout.

    XML that is sent without JSON metadata is not changed otherwise (PS:349-374).
    """
    root = _root(text)
    identifier = root.find("{*}identifier")
    if identifier is not None:
        identifier.text = doi.upper()
    return serialize(root).strip()


def _root(text: str) -> Element | None:
    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, recover=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def _compact(value: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if part not in (None, "")}


class _Reader:
    """Converts the elements of one document to JSON attributes."""

    def __init__(self, root: Element, namespace: str) -> None:
        self._root = root
        self._prefix = f"{{{namespace}}}"

    def attributes(self) -> dict[str, Any]:
        kind = self._child(self._root, "resourceType")
        types = {
            "resourceTypeGeneral": self._attribute(kind, "resourceTypeGeneral"),
            "resourceType": self._text(kind),
        }
        years = self._text(self._child(self._root, "publicationYear"))
        dates = self._values("dates", "date", "date", "dateType dateInformation")
        if years and not any(date.get("dateType") == "Issued" for date in dates):
            dates.append({"date": years, "dateType": "Issued"})
        return {
            "creators": self._people(self._root, "creator"),
            "contributors": self._people(self._root, "contributor"),
            "titles": self._titles(self._root),
            "publisher": self._publisher(),
            "publicationYear": years,
            "types": _compact(types),
            "subjects": self._values(
                "subjects",
                "subject",
                "subject",
                "subjectScheme schemeURI valueURI classificationCode lang",
            ),
            "dates": dates,
            "language": self._text(self._child(self._root, "language")),
            "identifiers": [
                _compact(
                    {
                        "identifier": self._text(node),
                        "identifierType": node.get("alternateIdentifierType"),
                    }
                )
                for node in self._wrapped("alternateIdentifiers", "alternateIdentifier")
            ],
            "relatedIdentifiers": self._related_identifiers(),
            "relatedItems": [
                self._related_item(node)
                for node in self._wrapped("relatedItems", "relatedItem")
            ],
            "sizes": self._texts("sizes", "size"),
            "formats": self._texts("formats", "format"),
            "version": self._text(self._child(self._root, "version")),
            "rightsList": self._values(
                "rightsList",
                "rights",
                "rights",
                "rightsURI rightsIdentifier rightsIdentifierScheme schemeURI lang",
            ),
            "descriptions": self._values(
                "descriptions", "description", "description", "descriptionType lang"
            ),
            "geoLocations": [
                self._geo_location(node)
                for node in self._wrapped("geoLocations", "geoLocation")
            ],
            "fundingReferences": [
                self._funding(node)
                for node in self._wrapped("fundingReferences", "fundingReference")
            ],
        }

    def _child(self, parent: Element | None, tag: str) -> Element | None:
        return None if parent is None else parent.find(self._prefix + tag)

    def _children(self, parent: Element | None, tag: str) -> list[Element]:
        return [] if parent is None else parent.findall(self._prefix + tag)

    def _wrapped(self, wrapper: str, tag: str) -> list[Element]:
        return self._children(self._child(self._root, wrapper), tag)

    def _text(self, node: Element | None) -> str | None:
        if node is None:
            return None
        return " ".join("".join(node.itertext()).split()) or None

    def _attribute(self, node: Element | None, name: str) -> str | None:
        if node is None:
            return None
        value: str | None = node.get(_LANG if name == "lang" else name)
        return value

    def _attributes(self, node: Element | None, names: str) -> dict[str, Any]:
        """Return attributes with their JSON names: schemeURI becomes schemeUri."""
        return _compact(
            {
                name.replace("URI", "Uri"): self._attribute(node, name)
                for name in names.split()
            }
        )

    def _texts(self, wrapper: str, tag: str) -> list[str]:
        texts = (self._text(node) for node in self._wrapped(wrapper, tag))
        return [text for text in texts if text]

    def _values(self, wrapper: str, tag: str, key: str, names: str) -> list[Any]:
        return [
            _compact({key: self._text(node), **self._attributes(node, names)})
            for node in self._wrapped(wrapper, tag)
            if self._text(node)
        ]

    def _titles(self, parent: Element) -> list[dict[str, Any]]:
        nodes = self._children(self._child(parent, "titles"), "title")
        return [
            _compact(
                {"title": self._text(node), **self._attributes(node, "titleType lang")}
            )
            for node in nodes
        ]

    def _publisher(self) -> dict[str, Any] | None:
        node = self._child(self._root, "publisher")
        names = "publisherIdentifier publisherIdentifierScheme schemeURI lang"
        found = _compact({"name": self._text(node), **self._attributes(node, names)})
        return found or None

    def _people(self, parent: Element, tag: str) -> list[dict[str, Any]]:
        wrapper = self._child(parent, f"{tag}s")
        return [self._person(node, tag) for node in self._children(wrapper, tag)]

    def _person(self, node: Element, tag: str) -> dict[str, Any]:
        name = self._child(node, f"{tag}Name")
        given = self._text(self._child(node, "givenName"))
        family = self._text(self._child(node, "familyName"))
        person = {
            "nameType": self._attribute(name, "nameType"),
            "name": f"{family}, {given}" if family and given else self._text(name),
            "givenName": given,
            "familyName": family,
            "contributorType": node.get("contributorType"),
        }
        identifiers = [
            self._name_identifier(child)
            for child in self._children(node, "nameIdentifier")
        ]
        names = "affiliationIdentifier affiliationIdentifierScheme schemeURI"
        affiliation = [
            _compact({"name": self._text(child), **self._attributes(child, names)})
            for child in self._children(node, "affiliation")
        ]
        return _compact(
            {
                **person,
                "nameIdentifiers": identifiers or None,
                "affiliation": affiliation or None,
            }
        )

    def _name_identifier(self, node: Element) -> dict[str, Any]:
        """Return a name identifier; ORCID and ROR become URLs (post_spec.rb:38)."""
        scheme, value = node.get("nameIdentifierScheme"), self._text(node) or ""
        uri = node.get("schemeURI")
        base = {"ORCID": "https://orcid.org", "ROR": "https://ror.org"}.get(scheme)
        if base:
            uri, value = base, f"{base}/{value.rstrip('/').rsplit('/', 1)[-1]}"
        return _compact(
            {"nameIdentifier": value, "nameIdentifierScheme": scheme, "schemeUri": uri}
        )

    def _related_identifiers(self) -> list[dict[str, Any]]:
        names = (
            "relatedIdentifierType relationType resourceTypeGeneral "
            "relatedMetadataScheme schemeURI schemeType relationTypeInformation"
        )
        result = []
        for node in self._wrapped("relatedIdentifiers", "relatedIdentifier"):
            value = self._text(node) or ""
            if node.get("relatedIdentifierType") == "DOI":
                value = value.lower()
            found = {"relatedIdentifier": value, **self._attributes(node, names)}
            result.append(_compact(found))
        return result

    def _related_item(self, node: Element) -> dict[str, Any]:
        identifier = self._child(node, "relatedItemIdentifier")
        names = (
            "relatedItemIdentifierType",
            "relatedMetadataScheme",
            "schemeURI",
            "schemeType",
        )
        found = _compact(
            {
                "relatedItemIdentifier": self._text(identifier),
                **{name: self._attribute(identifier, name) for name in names},
            }
        )
        keys = (
            "publicationYear volume issue number firstPage lastPage publisher edition"
        )
        item = {
            **self._attributes(
                node, "relationType relatedItemType relationTypeInformation"
            ),
            "relatedItemIdentifier": found or None,
            "creators": self._people(node, "creator"),
            "titles": self._titles(node),
            **{key: self._text(self._child(node, key)) for key in keys.split()},
            "numberType": self._attribute(self._child(node, "number"), "numberType"),
            "contributors": self._people(node, "contributor"),
        }
        return _compact(item)

    def _geo_location(self, node: Element) -> dict[str, Any]:
        box = self._numbers(self._child(node, "geoLocationBox"))
        polygon = (
            [
                {etree.QName(child).localname: self._numbers(child)}
                for child in self._child(node, "geoLocationPolygon")
                if isinstance(child.tag, str)
            ]
            if self._child(node, "geoLocationPolygon") is not None
            else []
        )
        return _compact(
            {
                "geoLocationPlace": self._text(self._child(node, "geoLocationPlace")),
                "geoLocationPoint": self._numbers(
                    self._child(node, "geoLocationPoint")
                ),
                "geoLocationBox": box,
                "geoLocationPolygon": polygon or None,
            }
        )

    def _numbers(self, node: Element | None) -> dict[str, Any] | None:
        if node is None:
            return None
        return {etree.QName(child).localname: self._text(child) for child in node}

    def _funding(self, node: Element) -> dict[str, Any]:
        funder = self._child(node, "funderIdentifier")
        award = self._child(node, "awardNumber")
        return _compact(
            {
                "funderName": self._text(self._child(node, "funderName")),
                "funderIdentifier": self._text(funder),
                **self._attributes(funder, "funderIdentifierType schemeURI"),
                "awardNumber": self._text(award),
                "awardUri": self._attribute(award, "awardURI"),
                "awardTitle": self._text(self._child(node, "awardTitle")),
            }
        )

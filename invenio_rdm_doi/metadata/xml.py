# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The same metadata as DataCite XML: kernel 4.7.

Source: https://schema.datacite.org/meta/kernel-4.7/metadata.xsd. Values for which the
schema has no element (``types`` beside the resource type, null values) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from .attributes import Attributes
from .text import ILLEGAL

Element = Any
"""An element of lxml."""

NAMESPACE = "http://datacite.org/schema/kernel-4"
SCHEMA_LOCATION = "https://schema.datacite.org/meta/kernel-4.7/metadata.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

NAMES = {"lang": LANG, "schemeUri": "schemeURI", "valueUri": "valueURI"}
"""Keys whose XML attributes have other names -> names of the attributes."""

IDENTIFIER = ("relatedMetadataScheme", "schemeUri", "schemeType")


def to_xml(attributes: Attributes, page: str | None = None) -> Element:
    """Return the element ``resource``.

    :param attributes: attributes of DataCite's REST API, with ``doi`` if there is one.
    :param page: address that identifies a record without a DOI, because the kernel
        requires an identifier.
    """
    root = etree.Element(
        f"{{{NAMESPACE}}}resource", nsmap={None: NAMESPACE, "xsi": XSI}
    )
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA_LOCATION}")
    doi = attributes.get("doi")
    if doi:
        _add(root, "identifier", doi, identifierType="DOI")
    elif page:
        _add(root, "identifier", page, identifierType="URL")
    for name, write in WRITERS:
        value = attributes.get(name)
        if value not in (None, [], ""):
            write(root, value)
    return root


def to_text(attributes: Attributes, page: str | None = None) -> str:
    """Return the whole document, with an XML declaration; see :func:`to_xml`."""
    root = to_xml(attributes, page)
    text: bytes = etree.tostring(
        root, pretty_print=True, xml_declaration=True, encoding="utf-8"
    )
    return text.decode("utf-8")


def _add(parent: Element, name: str, text: Any = None, **values: Any) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text is not None:
        element.text = ILLEGAL.sub("", str(text))
    for key, value in values.items():
        if value not in (None, ""):
            element.set(NAMES.get(key, key), ILLEGAL.sub("", str(value)))
    return element


def _of(item: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: item.get(key) for key in keys}


def _list(
    wrapper: str, write: Callable[[Element, Any], Any]
) -> Callable[[Element, Any], None]:
    """Return a writer of a list within its wrapper element."""

    def write_all(root: Element, items: Iterable[Any]) -> None:
        parent = _add(root, wrapper)
        for item in items:
            write(parent, item)

    return write_all


def _text(name: str, key: str, *others: str) -> Callable[[Element, Any], None]:
    """Return a writer of an element with text and attributes."""

    def write(parent: Element, item: Mapping[str, Any]) -> None:
        _add(parent, name, item.get(key), **_of(item, *others))

    return write


def _person(name: str, name_element: str) -> Callable[[Element, Any], None]:
    def write(parent: Element, item: Mapping[str, Any]) -> None:
        person = _add(parent, name, **_of(item, "contributorType"))
        _add(person, name_element, item["name"], **_of(item, "nameType", "lang"))
        for key in ("givenName", "familyName"):
            if item.get(key):
                _add(person, key, item[key])
        for identifier in item.get("nameIdentifiers") or []:
            _add(
                person,
                "nameIdentifier",
                identifier["nameIdentifier"],
                **_of(identifier, "nameIdentifierScheme", "schemeUri"),
            )
        for affiliation in item.get("affiliation") or []:
            _add(
                person,
                "affiliation",
                affiliation["name"],
                **_of(
                    affiliation,
                    "affiliationIdentifier",
                    "affiliationIdentifierScheme",
                    "schemeUri",
                ),
            )

    return write


_creator = _person("creator", "creatorName")
_contributor = _person("contributor", "contributorName")
_title = _text("title", "title", "titleType", "lang")


def _publisher(root: Element, value: Any) -> None:
    item = value if isinstance(value, Mapping) else {"name": value}
    keys = ("publisherIdentifier", "publisherIdentifierScheme", "schemeUri", "lang")
    _add(root, "publisher", item.get("name"), **_of(item, *keys))


def _types(root: Element, types: Mapping[str, Any]) -> None:
    _add(
        root,
        "resourceType",
        types.get("resourceType"),
        **_of(types, "resourceTypeGeneral"),
    )


def _right(parent: Element, item: Mapping[str, Any]) -> None:
    keys = ("rightsIdentifier", "rightsIdentifierScheme", "schemeUri", "lang")
    values = {"rightsURI": item.get("rightsUri"), **_of(item, *keys)}
    _add(parent, "rights", item.get("rights") or "", **values)


def _coordinates(parent: Element, item: Mapping[str, Any], *names: str) -> None:
    for name in names:
        _add(parent, name, item[name])


def _place(parent: Element, item: Mapping[str, Any]) -> None:
    place = _add(parent, "geoLocation")
    if item.get("geoLocationPlace"):
        _add(place, "geoLocationPlace", item["geoLocationPlace"])
    point, box = item.get("geoLocationPoint"), item.get("geoLocationBox")
    if point:
        _point(place, "geoLocationPoint", point)
    if box:
        _coordinates(
            _add(place, "geoLocationBox"),
            box,
            "westBoundLongitude",
            "eastBoundLongitude",
            "southBoundLatitude",
            "northBoundLatitude",
        )
    polygon = item.get("geoLocationPolygon") or []
    # The value contains one outline, or a list of several.
    outlines = polygon if polygon and isinstance(polygon[0], list) else [polygon]
    for outline in outlines:
        if outline:
            element = _add(place, "geoLocationPolygon")
            for position in outline:
                for name, value in position.items():
                    _point(element, name, value)


def _point(parent: Element, name: str, value: Mapping[str, Any]) -> None:
    _coordinates(_add(parent, name), value, "pointLongitude", "pointLatitude")


def _funding(parent: Element, item: Mapping[str, Any]) -> None:
    funding = _add(parent, "fundingReference")
    _add(funding, "funderName", item["funderName"])
    if item.get("funderIdentifier"):
        _add(
            funding,
            "funderIdentifier",
            item["funderIdentifier"],
            funderIdentifierType=item.get("funderIdentifierType"),
            schemeUri=item.get("schemeUri"),
        )
    if item.get("awardNumber") or item.get("awardUri"):
        _add(
            funding,
            "awardNumber",
            item.get("awardNumber") or "",
            awardURI=item.get("awardUri"),
        )
    if item.get("awardTitle"):
        _add(funding, "awardTitle", item["awardTitle"], **_of(item, "lang"))


def _item(parent: Element, item: Mapping[str, Any]) -> None:
    """Write a related item; the XML Schema prescribes the order of its elements."""
    keys = ("relatedItemType", "relationType", "relationTypeInformation")
    element = _add(parent, "relatedItem", **_of(item, *keys))
    identifier = item.get("relatedItemIdentifier")
    if identifier:
        _add(
            element,
            "relatedItemIdentifier",
            identifier["relatedItemIdentifier"],
            **_of(identifier, "relatedItemIdentifierType", *IDENTIFIER),
        )
    if item.get("creators"):
        _list("creators", _creator)(element, item["creators"])
    if item.get("titles"):
        _list("titles", _title)(element, item["titles"])
    for name in ("publicationYear", "volume", "issue"):
        if item.get(name):
            _add(element, name, item[name])
    if item.get("number"):
        _add(element, "number", item["number"], **_of(item, "numberType"))
    for name in ("firstPage", "lastPage", "publisher", "edition"):
        if item.get(name):
            _add(element, name, item[name])
    if item.get("contributors"):
        _list("contributors", _contributor)(element, item["contributors"])


def _plain(name: str) -> Callable[[Element, Any], Any]:
    return lambda parent, value: _add(parent, name, value)


WRITERS: tuple[tuple[str, Callable[[Element, Any], Any]], ...] = (
    ("creators", _list("creators", _creator)),
    ("titles", _list("titles", _title)),
    ("publisher", _publisher),
    ("publicationYear", _plain("publicationYear")),
    ("types", _types),
    (
        "subjects",
        _list(
            "subjects",
            _text(
                "subject",
                "subject",
                "subjectScheme",
                "schemeUri",
                "valueUri",
                "classificationCode",
                "lang",
            ),
        ),
    ),
    ("contributors", _list("contributors", _contributor)),
    ("dates", _list("dates", _text("date", "date", "dateType", "dateInformation"))),
    ("language", _plain("language")),
    (
        "identifiers",
        _list(
            "alternateIdentifiers",
            lambda parent, item: _add(
                parent,
                "alternateIdentifier",
                item["identifier"],
                alternateIdentifierType=item["identifierType"],
            ),
        ),
    ),
    (
        "relatedIdentifiers",
        _list(
            "relatedIdentifiers",
            _text(
                "relatedIdentifier",
                "relatedIdentifier",
                "resourceTypeGeneral",
                "relatedIdentifierType",
                "relationType",
                "relationTypeInformation",
                *IDENTIFIER,
            ),
        ),
    ),
    ("sizes", _list("sizes", _plain("size"))),
    ("formats", _list("formats", _plain("format"))),
    ("version", _plain("version")),
    ("rightsList", _list("rightsList", _right)),
    (
        "descriptions",
        _list(
            "descriptions",
            _text("description", "description", "descriptionType", "lang"),
        ),
    ),
    ("geoLocations", _list("geoLocations", _place)),
    ("fundingReferences", _list("fundingReferences", _funding)),
    ("relatedItems", _list("relatedItems", _item)),
)
"""(attribute, writer of its element), in the order in which DataCite writes them."""

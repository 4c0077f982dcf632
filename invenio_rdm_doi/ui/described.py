# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's metadata of a record in readable form: one row for each property."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from invenio_i18n import lazy_gettext as _

from ..metadata.attributes import Attributes

LENGTH = 300
"""Maximum number of characters shown of a value."""

MOST = 20
"""Maximum number of values shown of a property."""

Item = Mapping[str, Any]


def rows(attributes: Attributes) -> Iterator[tuple[Any, list[str], int]]:
    """Yield label, values and number of omitted values of each non-empty property.

    :param attributes: in the form of DataCite's REST API.
    """
    for name, label, show in PROPERTIES:
        value = attributes.get(name)
        if value in (None, [], ""):
            continue
        items = value if isinstance(value, list) else [value]
        texts = [text for item in items if (text := show(item))]
        shown = [_short(text) for text in texts[:MOST]]
        if shown:
            yield label, shown, len(texts) - len(shown)


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH].rstrip()}\u2026"


def _text_of(item: Any, key: str, *others: str) -> str:
    """Return a value, followed by its other attributes in parentheses."""
    if not isinstance(item, Mapping):
        return str(item)
    return _with(str(item.get(key) or ""), (item.get(other) for other in others))


def _with(text: str, others: Iterable[Any]) -> str:
    said = ", ".join(str(other) for other in others if other)
    return f"{text} ({said})" if text and said else text or said


def _of(key: str, *others: str) -> Callable[[Any], str]:
    return lambda item: _text_of(item, key, *others)


def _person(item: Item) -> str:
    identifiers = [
        entry.get("nameIdentifier") for entry in item.get("nameIdentifiers") or []
    ]
    affiliations = [
        _text_of(entry, "name", "affiliationIdentifier")
        for entry in item.get("affiliation") or []
    ]
    return _with(
        str(item.get("name") or ""),
        [item.get("contributorType"), *identifiers, *affiliations],
    )


def _place(item: Item) -> str:
    point, box = item.get("geoLocationPoint"), item.get("geoLocationBox")
    shape = ""
    if point:
        shape = f"{point['pointLatitude']}, {point['pointLongitude']}"
    elif box:
        shape = (
            f"{box['southBoundLatitude']}, {box['westBoundLongitude']} \u2013 "
            f"{box['northBoundLatitude']}, {box['eastBoundLongitude']}"
        )
    elif item.get("geoLocationPolygon"):
        shape = str(_("an outline"))
    return _with(item.get("geoLocationPlace") or "", [shape])


def _item(item: Item) -> str:
    title = next((title["title"] for title in item.get("titles") or []), "")
    pages = "\u2013".join(filter(None, [item.get("firstPage"), item.get("lastPage")]))
    numbers = (item.get("volume"), item.get("issue"), item.get("number"), pages)
    relation = item.get("relationTypeInformation") or item.get("relationType")
    return _with(title, [relation, item.get("relatedItemType"), *numbers])


PROPERTIES: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
    ("titles", _("Titles"), _of("title", "titleType", "lang")),
    ("creators", _("Creators"), _person),
    ("publisher", _("Publisher"), _of("name", "publisherIdentifier")),
    ("publicationYear", _("Publication year"), str),
    ("types", _("Resource type"), _of("resourceTypeGeneral", "resourceType")),
    ("url", _("Landing page"), str),
    ("contributors", _("Contributors"), _person),
    ("subjects", _("Subjects"), _of("subject", "subjectScheme", "classificationCode")),
    ("dates", _("Dates"), _of("date", "dateType", "dateInformation")),
    ("language", _("Language"), str),
    ("identifiers", _("Other identifiers"), _of("identifier", "identifierType")),
    (
        "relatedIdentifiers",
        _("Related works"),
        _of(
            "relatedIdentifier",
            "relationTypeInformation",
            "relationType",
            "resourceTypeGeneral",
        ),
    ),
    ("relatedItems", _("Published in, presented at, references"), _item),
    ("sizes", _("Sizes"), str),
    ("formats", _("Formats"), str),
    ("version", _("Version"), str),
    ("rightsList", _("Rights"), _of("rights", "rightsIdentifier", "rightsUri")),
    ("descriptions", _("Descriptions"), _of("description", "descriptionType")),
    ("geoLocations", _("Places"), _place),
    (
        "fundingReferences",
        _("Funding"),
        _of("funderName", "awardNumber", "awardTitle", "funderIdentifier"),
    ),
)
"""Name and label of each property, and the function that formats one value."""

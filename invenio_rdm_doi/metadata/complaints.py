# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Translation of DataCite's complaints to fields of the deposit form, with advice.

Handles both kinds: violations of this package's own schema, and the complaints in
DataCite's answers, whose ``source`` is the name of a database column or a part of an
XML Schema message (lupo ``app/models/concerns/xml_schema_able`` and others).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from invenio_i18n import lazy_gettext as _

from .placeholder import UNAVAILABLE
from .validation import Violation

FIELDS = {
    "creators": "metadata.creators",
    "titles": "metadata.title",
    "publisher": "metadata.publisher",
    "publicationYear": "metadata.publication_date",
    "types": "metadata.resource_type",
    "subjects": "metadata.subjects",
    "contributors": "metadata.contributors",
    "dates": "metadata.dates",
    "language": "metadata.languages",
    "identifiers": "metadata.identifiers",
    "relatedIdentifiers": "metadata.related_identifiers",
    "relatedItems": "custom_fields",
    "sizes": "metadata.sizes",
    "formats": "metadata.formats",
    "version": "metadata.version",
    "rightsList": "metadata.rights",
    "descriptions": "metadata.description",
    "geoLocations": "metadata.locations",
    "fundingReferences": "metadata.funding",
    "doi": "pids.doi",
}
"""DataCite's property -> field of the deposit form."""

WANTED = {
    "creators": _("Add at least one creator with a name. A DOI needs one."),
    "titles": _("Enter a title. A DOI needs one."),
    "publisher": _(
        "Enter a publisher, such as the name of this repository. A DOI needs one."
    ),
    "publicationYear": _(
        "Enter a publication date that begins with a four-digit year, such as "
        "2026 or 2026-05-04. A DOI needs one."
    ),
    "types": _("Choose a resource type. A DOI needs one."),
}
"""DataCite's mandatory property -> message that is shown when it is missing."""

COLUMNS = {
    "publication_year": "publicationYear",
    "related_identifiers": "relatedIdentifiers",
    "related_items": "relatedItems",
    "rights_list": "rightsList",
    "funding_references": "fundingReferences",
    "geo_locations": "geoLocations",
    "version_info": "version",
    "alternate_identifiers": "identifiers",
    "alternateIdentifiers": "identifiers",
    "resourceType": "types",
    "resource_type": "types",
}
"""Names of DataCite's database columns -> DataCite's properties."""

ELEMENTS = {
    "creator": "creators",
    "title": "titles",
    "publisher": "publisher",
    "publicationYear": "publicationYear",
    "resourceType": "types",
    "subject": "subjects",
    "contributor": "contributors",
    "date": "dates",
    "language": "language",
    "alternateIdentifier": "identifiers",
    "relatedIdentifier": "relatedIdentifiers",
    "relatedItem": "relatedItems",
    "size": "sizes",
    "format": "formats",
    "version": "version",
    "rights": "rightsList",
    "description": "descriptions",
    "geoLocation": "geoLocations",
    "point": "geoLocations",
    "polygon": "geoLocations",
    "fund": "fundingReferences",
    "award": "fundingReferences",
}
"""Prefixes of element names in the XML Schema -> properties; the longest match wins."""

NAME = re.compile(r"(?:kernel-4\}|['\"]|\b)([A-Za-z]+)")


@dataclass(frozen=True)
class FieldError:
    """The errors of one field of the deposit form.

    :param field: name of the field, as in the host's draft errors.
    :param messages: instructions for the depositor, translatable.
    """

    field: str
    messages: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the error in the format of the host's draft errors."""
        return {"field": self.field, "messages": list(self.messages)}


def property_of(source: str | None, title: str = "") -> str | None:
    """Return the property that one of DataCite's complaints refers to.

    :param source: the complaint's ``source``; may be irregular, such as
        ``creatorName', attribute 'nameType``.
    :param title: the complaint's text; an XML Schema message names an element in it.
    """
    if source == "xml" and "resource" in title:
        # If resourceType is missing, DataCite complains about the root element.
        return "types"
    if source:
        name = COLUMNS.get(source, source)
        if name in FIELDS:
            return name
    for text in (source or "", title):
        for word in NAME.findall(text):
            found = _by_element(word)
            if found:
                return found
    return None


def _by_element(word: str) -> str | None:
    if word in FIELDS and word not in ("doi", "identifiers"):
        return word
    matches = [name for name in ELEMENTS if word.startswith(name)]
    # Words of a sentence may begin like elements: "formatting", "dated".
    sound = [
        n for n in matches if word == n or word[len(n)].isupper() or word[len(n)] == "s"
    ]
    return ELEMENTS[max(sound, key=len)] if sound else None


def field_of(source: str | None, title: str = "") -> str | None:
    """Return the deposit form's field that one of DataCite's complaints refers to."""
    return FIELDS.get(property_of(source, title) or "")


def violations_by_field(violations: Iterable[Violation]) -> list[FieldError]:
    """Return the messages about violations for depositors, grouped by field."""
    messages: dict[str, list[Any]] = {}
    for violation in violations:
        name = violation.attribute or ""
        field = FIELDS.get(name, "metadata")
        message = WANTED.get(name) if _is_missing(violation) else None
        if message is None:
            message = _(
                "%(problem)s Correct or remove it; if you cannot, contact the "
                "administrators of this repository. The DOI cannot be registered "
                "like this.",
                problem=_problem(violation),
            )
        if message not in messages.setdefault(field, []):
            messages[field].append(message)
    return [FieldError(field, tuple(texts)) for field, texts in messages.items()]


def _problem(violation: Violation) -> Any:
    path = violation.path
    match violation.rule:
        case "required" | "dependentRequired":
            return _("DataCite requires %(path)s, but it is missing.", path=path)
        case "additionalProperties":
            return _("DataCite would silently ignore %(path)s.", path=path)
        case "enum" | "const":
            return _("DataCite does not accept this value of %(path)s.", path=path)
        case "maxLength":
            return _("%(path)s is too long for DataCite.", path=path)
        case "minimum" | "maximum":
            return _("The value of %(path)s is too small or too large.", path=path)
        case _:
            return _("DataCite cannot read the value of %(path)s.", path=path)


def _is_missing(violation: Violation) -> bool:
    return violation.rule in ("required", "minItems", "type") and (
        violation.path == violation.attribute
    )


def wanting(attributes: Mapping[str, Any]) -> list[FieldError]:
    """Return errors for fields that a standard value replaces at DataCite.

    DataCite accepts the standard value, but the depositor has to fill in the field.
    """
    publisher = (attributes.get("publisher") or {}).get("name")
    if publisher != UNAVAILABLE:
        return []
    return [FieldError(FIELDS["publisher"], (WANTED["publisher"],))]

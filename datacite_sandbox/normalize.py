# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's changes to metadata between writing and reading (facts, section 4).

All functions take the stored value and return the new one. They run after the XML was
written, so the XML has the values as they were sent.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Any

import pycountry

from .tables import LICENSES, other_types
from .values import as_list, pick

_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
_SPDX = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}


def normalize(attributes: dict[str, Any], doi: str) -> dict[str, Any]:
    """Return the attributes as they are stored after a write (lupo doi.rb:153-160)."""
    result = dict(attributes)
    result["subjects"] = subjects(attributes.get("subjects"))
    result["identifiers"] = identifiers(attributes.get("identifiers"))
    if attributes.get("language"):
        result["language"] = language(attributes["language"])
    if attributes.get("rightsList"):
        result["rightsList"] = rights_list(attributes["rightsList"])
    if isinstance(attributes.get("types"), dict):
        result["types"] = types(attributes["types"])
    if attributes.get("geoLocations") is not None:
        result["geoLocations"] = geo_locations(attributes["geoLocations"])
    return result


def publisher(value: Any) -> dict[str, Any] | None:
    """Return the publisher object for any format that was sent (doi.rb:2679-2867)."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, dict) or all(part is None for part in value.values()):
        return None
    return {key: part for key, part in value.items() if part is not None}


def language(value: Any) -> str | None:
    """Return the two-letter code where there is one (doi_spec.rb:344-400).

    The region is then dropped. A value that cannot be a language tag becomes null.
    """
    text = str(value)
    code = text.split("-")[0]
    entry = _language_of(code)
    alpha_2 = getattr(entry, "alpha_2", None)
    if alpha_2:
        return str(alpha_2)
    return text if _LANGUAGE.fullmatch(text) else None


def _language_of(code: str) -> Any:
    known = pycountry.languages
    if code.islower() and len(code) == 2:
        found = known.get(alpha_2=code)
    elif code.islower() and len(code) == 3:
        found = known.get(alpha_3=code) or known.get(bibliographic=code)
    else:
        found = None
    return found or known.get(name=code[:1].upper() + code[1:])


def subjects(value: Any) -> list[dict[str, Any]]:
    """Return subjects as objects: squished, scrubbed, without nulls and duplicates."""
    result: list[dict[str, Any]] = []
    for item in as_list(value):
        if not isinstance(item, dict):
            item = {"subject": item}
        text = item.get("subject")
        clean = {**item, "subject": scrub(text) if isinstance(text, str) else None}
        clean = {key: part for key, part in clean.items() if part is not None}
        if clean not in result:
            result.append(clean)
    return result


def scrub(text: str) -> str:
    """Keep only harmless tags and single spaces; return ``&`` as ``&amp;``.

    This is the behavior of bolognese 2.5.0; it is not verified for version 2.7.0, which
    the service runs.
    """
    scrubber = _Scrubber()
    scrubber.feed(text)
    scrubber.close()
    return " ".join("".join(scrubber.parts).split())


class _Scrubber(HTMLParser):
    """A parser that collects text and the allowed tags without their attributes."""

    _ALLOWED = frozenset(["strong", "em", "b", "i", "code", "pre", "sub", "sup", "br"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Keep an allowed opening tag."""
        if tag in self._ALLOWED:
            self.parts.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Keep an allowed closing tag."""
        if tag in self._ALLOWED and tag != "br":
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep text, escaped again."""
        self.parts.append(escape(data, quote=False))


def rights_list(value: Any) -> list[dict[str, Any]]:
    """Match rights against SPDX (post_spec.rb:1967-2030).

    They match by case-insensitive ``rightsIdentifier``, or by the exact name or the URL
    in ``rights``; a URL in ``rightsUri`` is not considered.
    """
    return [_right(item) for item in as_list(value) if item]


def _right(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        item = {"rights": item}
    license = _license(item.get("rightsIdentifier"), item.get("rights"))
    if license is None:
        identifier = item.get("rightsIdentifier")
        item = {**item, "rightsIdentifier": str(identifier or "").lower() or None}
    else:
        item = {
            "rights": license["name"],
            "rightsUri": license["url"],
            "rightsIdentifier": license["licenseId"].lower(),
            **_SPDX,
            "lang": item.get("lang"),
        }
    return {key: part for key, part in item.items() if part is not None}


def _license(identifier: Any, rights: Any) -> dict[str, str] | None:
    wanted = str(identifier or "").lower()
    place = str(rights or "").replace("http://", "https://").rstrip("/")
    for license in LICENSES:
        if license["licenseId"].lower() == wanted or license["name"] == rights:
            return license
        if place and license["url"].removesuffix("/legalcode") == place.removesuffix(
            "/legalcode"
        ):
            return license
    return None


def identifiers(value: Any) -> list[Any]:
    """Drop identifiers of type DOI (doi.rb:2636)."""
    items = as_list(value)
    return [item for item in items if pick(item, "identifierType") != "DOI"]


def types(value: dict[str, Any]) -> dict[str, Any]:
    """Add the types of other formats unless they were sent (doi.rb:2640)."""
    derived = other_types(value.get("resourceTypeGeneral"), value.get("resourceType"))
    merged = {**derived, **value}
    return {key: part for key, part in merged.items() if part is not None}


def geo_locations(value: Any) -> list[Any]:
    """Turn coordinates given as text into numbers (post_geo_spec.rb)."""
    return [_numeric(item) for item in as_list(value)]


def _numeric(item: Any, key: str = "") -> Any:
    if isinstance(item, dict):
        return {name: _numeric(part, name) for name, part in item.items()}
    if isinstance(item, list):
        return [_numeric(part, key) for part in item]
    is_coordinate = key.endswith(("Longitude", "Latitude"))
    if is_coordinate and isinstance(item, str) and _NUMBER.fullmatch(item):
        return float(item) if "." in item or "e" in item.lower() else int(item)
    return item


def container(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the container: computed if possible, else as sent (utils.rb:1438)."""
    general = pick(attributes.get("types"), "resourceTypeGeneral")
    kind = "DataRepository" if general == "Dataset" else "Series"
    items = as_list(attributes.get("relatedItems"))
    item = _first(items, "relationType", "IsPublishedIn")
    if item:
        identifier = item.get("relatedItemIdentifier")
        titles = as_list(item.get("titles"))
        number = item.get("number")
        found = {
            "type": kind,
            "identifier": pick(identifier, "relatedItemIdentifier"),
            "identifierType": pick(identifier, "relatedItemIdentifierType"),
            "title": pick(titles[0], "title") if titles else None,
            "number": number,
            "chapterNumber": number if item.get("numberType") == "Chapter" else None,
            **{
                key: item.get(key)
                for key in ("volume", "issue", "edition", "firstPage", "lastPage")
            },
        }
    else:
        found = _series(kind, attributes)
    found = {key: part for key, part in found.items() if part is not None}
    return found or attributes.get("container") or {}


def _series(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Parse ``Title, volume(issue), first-last`` in a SeriesInformation."""
    descriptions = as_list(attributes.get("descriptions"))
    series = _first(descriptions, "descriptionType", "SeriesInformation")
    parts = [part.strip() for part in str(series.get("description") or "").split(",")]
    if not parts[0]:
        return {}
    related = _first(
        as_list(attributes.get("relatedIdentifiers")), "relationType", "IsPartOf"
    )
    volume = re.fullmatch(r"([^(]*)(?:\(([^)]+)\))?", parts[1] if parts[2:] else "")
    first, _, last = (parts[-1] if parts[1:] else "").partition("-")
    return {
        "type": kind,
        "identifier": related.get("relatedIdentifier"),
        "identifierType": related.get("relatedIdentifierType"),
        "title": parts[0],
        "volume": (volume and volume[1]) or None,
        "issue": (volume and volume[2]) or None,
        "firstPage": first.strip() or None,
        "lastPage": last.strip() or None,
    }


def _first(items: list[Any], key: str, value: str) -> dict[str, Any]:
    return next((item for item in items if pick(item, key) == value), {})

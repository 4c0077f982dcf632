# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Identifier schemes: DataCite's names for them, and valid forms of identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import idutils

from .addresses import uri
from .kernel import spelling
from .recognized import recognized
from .source import Source
from .text import line


@dataclass(frozen=True)
class Scheme:
    """A scheme of persons or organizations.

    :param base: start of an identifier's address, as DataCite recommends it.
    """

    name: str
    base: str

    @property
    def uri(self) -> str:
        """The scheme's own address."""
        return self.base.rstrip("/")

    def bare(self, identifier: str) -> str:
        """Return an identifier without the address, ``gnd:`` and spaces."""
        last = re.split("[?#]", identifier)[0].rstrip("/").rpartition("/")[2]
        bare = re.sub(f"^{self.name}:", "", last.replace(" ", ""), flags=re.IGNORECASE)
        bare = "".join(character for character in bare if character.isprintable())
        if f"//{bare}" in self.base:
            return ""
        # The check character of both is in upper case: 0000-0002-1825-009X.
        if self.name in ("ORCID", "ISNI"):
            return bare.upper()
        return bare.lower() if self.name == "ROR" else bare


PARTIES = {
    "orcid": Scheme("ORCID", "https://orcid.org/"),
    "isni": Scheme("ISNI", "https://isni.org/isni/"),
    "ror": Scheme("ROR", "https://ror.org/"),
    "gnd": Scheme("GND", "https://d-nb.info/gnd/"),
    "grid": Scheme("GRID", "https://www.grid.ac/institutes/"),
    "wikidata": Scheme("Wikidata", "https://www.wikidata.org/wiki/"),
}
"""Schemes whose identifiers are sent as addresses, with the address of the scheme.

DataCite Metadata Schema 4.7, properties 2.4, 2.5.a and 19.2.
"""

ALIASES = {"ads": "bibcode", "hdl": "Handle", "swh": "SWHID"}
"""Schemes whose names in InvenioRDM (idutils) differ from DataCite's."""

UNTYPED = ("", "other", "url", "purl")
"""Schemes that do not specify the type of an identifier."""

OF_THE_HANDLE_SYSTEM = ("handle", "hdl", "crossreffunderid")
"""Schemes of the Handle System.

Every DOI is a handle, and the identifiers of Crossref's funders are DOIs.
"""

CROSSREF = "10.13039/"
"""Prefix of the DOIs of Crossref's funders."""

ADDRESSES = ("URL", "PURL", "w3id")
"""Types of related identifiers that are addresses."""


def party(
    identifier: str, scheme: str, key: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return an identifier of a person or an organization.

    :param key: key of the identifier in the result, such as ``nameIdentifier``; the
        result also contains ``…Scheme`` and ``schemeUri``.
    :param names: the site's own names of schemes.
    """
    value = line(identifier)
    known = PARTIES.get(scheme.lower()) or behind(value)
    if known is None:
        name = line(names.get(scheme) or scheme.upper())
        return {key: value, f"{key}Scheme": name} if value and name else {}
    value = known.bare(value)
    if not value:
        return {}
    address = uri(known.base + value)
    return {
        key: address or value,
        f"{key}Scheme": known.name,
        "schemeUri": known.uri,
    }


def behind(address: str) -> Scheme | None:
    """Return the scheme of an identifier that was entered as an address."""
    bare = address.lower().replace("http://", "https://").replace("://www.", "://")
    for scheme in PARTIES.values():
        if bare.startswith(scheme.base.replace("://www.", "://")):
            return scheme
    return None


def preferred(
    identifiers: Iterable[Mapping[str, Any]], priority: Iterable[str]
) -> Mapping[str, Any] | None:
    """Return the identifier whose scheme has the highest priority, or else any."""
    usable = [item for item in identifiers if item.get("identifier")]
    for scheme in priority:
        for item in usable:
            if item.get("scheme") == scheme:
                return item
    return usable[0] if usable else None


def related_type(
    identifier: str, scheme: str, source: Source
) -> tuple[str, str] | None:
    """Return (identifier, relatedIdentifierType) in a form that DataCite can store.

    An identifier for which DataCite has no type becomes the address that it resolves
    to, if there is one: a Wikidata item, for example, becomes a URL.

    :returns: None if there is no valid form.
    """
    value = line(identifier)
    if not value:
        return None
    found = recognized(value)
    if found and (
        scheme in UNTYPED or (found[1] == "DOI" and scheme in OF_THE_HANDLE_SYSTEM)
    ):
        return found
    types = spelling("relatedIdentifierType")
    names = source.options.schemes.get("related_identifiers", {})
    for name in (names.get(scheme), ALIASES.get(scheme), scheme):
        if name and name.lower() in types:
            kind = types[name.lower()]
            if found and found[1] == kind:
                return found
            written = uri(value) if kind in ADDRESSES else value
            if written:
                return written, kind
    if scheme == "crossreffunderid":
        # An unrecognized identifier is the number without the prefix.
        return f"{CROSSREF}{value}", "DOI"
    for candidate in (value, _address(value, scheme)):
        address = uri(candidate)
        if address and address.startswith(("http://", "https://", "ftp://")):
            return address, "URL"
    return None


def _address(value: str, scheme: str) -> str:
    known = PARTIES.get(scheme)
    if known:
        return known.base + known.bare(value)
    return idutils.to_url(value, scheme, url_scheme="https")

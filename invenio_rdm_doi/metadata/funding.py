# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Funders and awards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import idutils
from invenio_i18n import lazy_gettext as _

from .addresses import uri
from .schemes import CROSSREF, PARTIES, behind, preferred
from .source import Source
from .text import line, plain

FUNDER_TYPES = {
    "isni": "ISNI",
    "grid": "GRID",
    "ror": "ROR",
    "doi": "Crossref Funder ID",
}
FUNDER_REGISTRY = "https://www.crossref.org/services/funder-registry/"
AWARD_PRIORITY = ("doi", "url")


def funding_references(source: Source) -> list[dict[str, str]]:
    """Return the funders with their preferred identifiers, and their awards."""
    found = []
    for index, item in enumerate(source.entries("funding")):
        funder = _funder(source, item.get("funder") or {})
        award = _award(source, item.get("award") or {})
        if funder.get("funderName"):
            found.append(funder | award)
        else:
            source.note(
                f"metadata.funding.{index}",
                _("DataCite does not accept an award without a funder name."),
            )
    return found


def _funder(source: Source, reference: Mapping[str, Any]) -> dict[str, str]:
    entry = source.look_up("funders", reference)
    own = line(reference.get("id"))
    identifiers = list(entry.get("identifiers") or [])
    if own and idutils.is_ror(own):
        identifiers.append({"identifier": own, "scheme": "ror"})
    name = line(entry.get("name") or source.translated(entry.get("title"))[0])
    found: dict[str, str | None] = {"funderName": name or own}
    identifier = preferred(identifiers, source.options.funder_priority)
    if identifier and line(identifier["identifier"]):
        found |= _funder_identifier(
            line(identifier["identifier"]), identifier.get("scheme") or ""
        )
    return {key: value for key, value in found.items() if value}


def _funder_identifier(value: str, scheme: str) -> dict[str, str | None]:
    if scheme == "doi":
        bare = idutils.normalize_doi(value) if idutils.is_doi(value) else value
        # Users may enter only the number of a Crossref funder.
        bare = f"{CROSSREF}{bare}" if bare.isdecimal() else bare
        return {
            "funderIdentifier": uri(f"https://doi.org/{bare}") or value,
            "funderIdentifierType": FUNDER_TYPES["doi"],
            "schemeUri": FUNDER_REGISTRY,
        }
    known = PARTIES.get(scheme) or behind(value)
    if known is None:
        return {"funderIdentifier": value, "funderIdentifierType": "Other"}
    bare = known.bare(value)
    if not bare:
        return {}
    # GRID's web pages no longer exist: its identifiers are sent without an address.
    is_grid = known.name == "GRID"
    return {
        "funderIdentifier": (not is_grid and uri(known.base + bare)) or bare,
        "funderIdentifierType": FUNDER_TYPES.get(known.name.lower(), "Other"),
        "schemeUri": known.uri,
    }


def _award(source: Source, reference: Mapping[str, Any]) -> dict[str, str]:
    entry = source.look_up("awards", reference)
    title = source.translated(entry.get("title"))[0]
    found = {
        "awardNumber": line(entry.get("number") or _number_in(reference)),
        "awardTitle": plain(title or entry.get("acronym")),
        "awardUri": _award_uri(entry.get("identifiers") or []),
    }
    return {key: value for key, value in found.items() if value}


def _number_in(reference: Mapping[str, Any]) -> str:
    """Return an award's number from its id, ``<funder>::<number>`` in the host.

    Needed for an award whose vocabulary entry was deleted.
    """
    return str(reference.get("id") or "").partition("::")[2]


def _award_uri(identifiers: list[Mapping[str, Any]]) -> str | None:
    usable = [
        item
        for item in identifiers
        if item.get("scheme") in AWARD_PRIORITY or uri(item.get("identifier"))
    ]
    identifier = preferred(usable, AWARD_PRIORITY)
    if identifier is None:
        return None
    value = line(identifier["identifier"])
    if identifier.get("scheme") == "doi" and idutils.is_doi(value):
        value = f"https://doi.org/{idutils.normalize_doi(value)}"
    return uri(value)

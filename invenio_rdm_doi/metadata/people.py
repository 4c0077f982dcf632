# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Creators, contributors and the publisher."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from invenio_i18n import lazy_gettext as _

from .placeholder import UNAVAILABLE
from .schemes import party, preferred
from .source import Source
from .text import line

ROR = re.compile("0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}")
AFFILIATION_PRIORITY = ("ror", "isni", "gnd")


def creators(source: Source) -> list[dict[str, Any]]:
    """Return the creators, regardless of their roles; see :func:`contributors`."""
    return [
        person
        for index, item in enumerate(source.entries("creators"))
        if (person := _person(source, item, f"metadata.creators.{index}"))
    ]


def contributors(source: Source) -> list[dict[str, Any]]:
    """Return the contributors; a role that DataCite does not have becomes ``Other``.

    DataCite has no roles for creators: an editor among them is also a contributor.
    """
    found = []
    for index, item in enumerate(source.entries("contributors")):
        person = _person(source, item, f"metadata.contributors.{index}")
        if person:
            role = source.datacite("contributorsroles", item.get("role"))
            found.append({"contributorType": role or "Other", **person})
    known = {_identity(entry) for entry in found}
    others = [
        entry for entry in _creators_in_roles(source) if _identity(entry) not in known
    ]
    return [*others, *found, *_awarding(source)]


def _identity(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return role, name and identifiers: the same name may belong to several people."""
    identifiers = (item["nameIdentifier"] for item in entry["nameIdentifiers"])
    return (entry["contributorType"], entry["name"], *identifiers)


def _creators_in_roles(source: Source) -> list[dict[str, Any]]:
    """Return editors, translators and others among the creators as contributors."""
    # The function for creators adds the notes about them already.
    quiet = replace(source, notes=[])
    return [
        {"contributorType": role, **person}
        for item in source.entries("creators")
        if item.get("role")
        and (role := source.datacite("creatorsroles", item["role"])) is not None
        and role != "Other"
        and (person := _person(quiet, item, ""))
    ]


def _person(source: Source, item: Mapping[str, Any], where: str) -> dict[str, Any]:
    person = item.get("person_or_org") or {}
    personal = person.get("type") == "personal"
    given, family = line(person.get("given_name")), line(person.get("family_name"))
    name = line(person.get("name"))
    if personal and family:
        name = ", ".join(part for part in (family, given) if part)
    if not name:
        source.note(where, _("It is left out because it has no name."))
        return {}
    found: dict[str, Any] = {
        "name": name,
        "nameType": "Personal" if personal else "Organizational",
    }
    if personal:
        found |= {
            key: value
            for key, value in (("givenName", given), ("familyName", family))
            if value
        }
    names = source.options.schemes.get("personorg", {})
    # DataCite adds these two if they are absent. They are always sent, so that the
    # served metadata can be compared with the sent metadata.
    found["nameIdentifiers"] = [
        identifier
        for entry in person.get("identifiers") or []
        if (
            identifier := party(
                entry.get("identifier"),
                entry.get("scheme") or "",
                "nameIdentifier",
                names,
            )
        )
    ]
    found["affiliation"] = [
        affiliation
        for entry in item.get("affiliations") or []
        if (affiliation := _affiliation(source, entry))
    ]
    return found


def _affiliation(source: Source, reference: Mapping[str, Any]) -> dict[str, str]:
    entry = source.look_up("affiliations", reference)
    name = line(entry.get("name") or reference.get("name") or reference.get("id"))
    if not name:
        return {}
    identifier = preferred(entry.get("identifiers") or [], AFFILIATION_PRIORITY)
    if not identifier and ROR.fullmatch(line(reference.get("id"))):
        # The vocabulary entry was deleted; its id is the ROR of the affiliation.
        identifier = {"identifier": reference["id"], "scheme": "ror"}
    if not identifier:
        return {"name": name}
    return {
        "name": name,
        **party(
            identifier["identifier"],
            identifier.get("scheme") or "",
            "affiliationIdentifier",
            source.options.schemes.get("affiliations", {}),
        ),
    }


def _awarding(source: Source) -> list[dict[str, Any]]:
    """Return the university of a thesis: it hosted the work and awarded the degree."""
    thesis = source.custom_fields.get("thesis:thesis") or {}
    # ``thesis:university`` is the older field; sites that used it still have values.
    university = line(
        thesis.get("university") or source.custom_fields.get("thesis:university")
    )
    department = line(thesis.get("department"))
    if not (university or department):
        return []
    name = university or department
    affiliation = [{"name": department}] if university and department else []
    return [
        {
            "contributorType": "HostingInstitution",
            "name": name,
            "nameType": "Organizational",
            "nameIdentifiers": [],
            "affiliation": affiliation,
        }
    ]


def publisher(source: Source) -> dict[str, str]:
    """Return the publisher, with its identifier if the site configured one.

    The result is always an object: a string or null might not replace DataCite's value.
    """
    name = line(source.metadata.get("publisher"))
    return {
        "name": name or UNAVAILABLE,
        **source.options.publishers.get(name.lower(), {}),
    }

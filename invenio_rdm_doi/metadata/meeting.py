# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The conference at which something was presented (``meeting:meeting``).

DataCite's examples of posters and presentations (schema 4.7) have an *Event* with the
relation *Other*, "was presented at".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .addresses import uri
from .schemes import related_type
from .source import Source
from .text import line, plain

RELATIONS = {
    "ConferenceProceeding": {
        "relationType": "Other",
        "relationTypeInformation": "are the proceedings of",
    },
    "Event": {"relationType": "IsPartOf"},
}
"""resourceTypeGeneral -> relation to the conference."""

PRESENTED = {"relationType": "Other", "relationTypeInformation": "was presented at"}


def meeting_of(source: Source) -> Mapping[str, Any]:
    """Return the record's description of a conference; empty if there is none."""
    return source.custom_fields.get("meeting:meeting") or {}


def relation(source: Source) -> dict[str, str]:
    """Return the relation of the record to the conference."""
    general = source.general_type(source.metadata.get("resource_type"))
    return RELATIONS.get(general, PRESENTED)


def identifiers(source: Source) -> list[tuple[str, str]]:
    """Return (identifier, type) of the conference's identifiers and of its address."""
    meeting = meeting_of(source)
    typed = [
        related_type(item.get("identifier") or "", item.get("scheme") or "", source)
        for item in meeting.get("identifiers") or []
    ]
    found = [pair for pair in typed if pair]
    address = uri(meeting.get("url"))
    if address:
        found.append((address, "URL"))
    return list(dict.fromkeys(found))


def meeting_item(source: Source) -> dict[str, Any] | None:
    """Return the conference with name and first identifier; None without a name."""
    meeting = meeting_of(source)
    title, acronym = plain(meeting.get("title")), plain(meeting.get("acronym"))
    if not (title or acronym):
        return None
    titles = [{"title": title or acronym}]
    if title and acronym:
        titles.append({"title": acronym, "titleType": "AlternativeTitle"})
    found: dict[str, Any] = {"relatedItemType": "Event", **relation(source)}
    known = identifiers(source)
    if known:
        identifier, kind = known[0]
        found["relatedItemIdentifier"] = {
            "relatedItemIdentifier": identifier,
            "relatedItemIdentifierType": kind,
        }
    return found | {"titles": titles}


def meeting_relations(source: Source) -> list[dict[str, str]]:
    """Return a related identifier for each of the conference's identifiers."""
    return [
        {
            "relatedIdentifier": identifier,
            "relatedIdentifierType": kind,
            **relation(source),
            "resourceTypeGeneral": "Event",
        }
        for identifier, kind in identifiers(source)
    ]


def circumstances(source: Source) -> str:
    """Return dates, place and session as text: DataCite has no fields for them."""
    meeting = meeting_of(source)
    session, part = line(meeting.get("session")), line(meeting.get("session_part"))
    said = [
        line(meeting.get("dates")),
        line(meeting.get("place")),
        f"session {session}" if session else "",
        f"part {part}" if part else "",
    ]
    title, acronym = plain(meeting.get("title")), plain(meeting.get("acronym"))
    name = f"{title} ({acronym})" if title and acronym else title or acronym
    if not any(said):
        return ""
    return f"Conference: {', '.join(filter(None, [name, *said]))}"

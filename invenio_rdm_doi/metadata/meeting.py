# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The conference at which something was presented (``meeting:meeting``).

As DataCite's examples of posters and presentations have it (schema 4.7): an *Event*
with the relation *Other*, "was presented at".
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
"""By resourceTypeGeneral."""

PRESENTED = {"relationType": "Other", "relationTypeInformation": "was presented at"}


def meeting_of(source: Source) -> Mapping[str, Any]:
    """What the record says of a conference."""
    return source.custom_fields.get("meeting:meeting") or {}


def relation(source: Source) -> dict[str, str]:
    """What the record is to the conference."""
    general = source.general_type(source.metadata.get("resource_type"))
    return RELATIONS.get(general, PRESENTED)


def identifiers(source: Source) -> list[tuple[str, str]]:
    """(identifier, type) of the conference: those that DataCite knows, its address."""
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
    """The conference by its name, and its first identifier; None without a name."""
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
    """The conference by its identifiers."""
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
    """When, where and in which session, in words: DataCite has no fields for them."""
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

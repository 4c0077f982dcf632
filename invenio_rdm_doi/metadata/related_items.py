# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Related items: the journal, book, conference or series that contains a resource.

DataCite Metadata Schema 4.7, property 20. DataCite derives the container of a citation
from the related item whose relation is ``IsPublishedIn``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from invenio_i18n import lazy_gettext as _

from .imprint import imprint_of, is_its_own_imprint
from .meeting import meeting_item, meeting_of
from .schemes import related_type
from .source import Source
from .text import line, plain

PREFIX = re.compile(
    r"^(?:[Pp]p[.:]?|p[.:]?|P[.:\s]|[Pp]ages?[.:]?|Seiten?|S\.)\s*(?=\w*\d)"
)
"""Abbreviation before page numbers; not the P of ``P08012``, an article number."""

DASH = re.compile(r"\s*[\u2010-\u2015\u2212]+\s*|\s+-\s+|-{2,}")
PAGE = re.compile(r"[\w.:-]+")
ARTICLE_DIGITS = 5
"""A number with this many digits or more is an article number, not a page number."""

CONTAINERS = {
    "ConferencePaper": "ConferenceProceeding",
    "Poster": "ConferenceProceeding",
    "Presentation": "ConferenceProceeding",
    "Report": "Report",
    # A series of theses.
    "Dissertation": "Collection",
}
"""resourceTypeGeneral -> type of the resource that the imprint's title names.

For all other types, the title is that of a book.
"""


def related_items(source: Source) -> list[dict[str, Any]]:
    """Return the containers of a resource, its conference, and references as text."""
    found = [_journal(source), _imprint(source), _meeting(source), *_cited(source)]
    return [item for item in found if item]


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _identifier(value: Any, kind: str) -> dict[str, str] | None:
    text = line(value)
    if not text:
        return None
    return {"relatedItemIdentifier": text, "relatedItemIdentifierType": kind}


def _extent(pages: Any) -> dict[str, str]:
    """Return first and last page, or the number of an article.

    Examples: ``pp. 15-23``, ``S1-12–S1-20``, ``15-23, 30`` (only the first part is
    used), ``A29``.
    """
    text = PREFIX.sub("", line(pages))
    first, *others = (part.strip() for part in re.split("[,;]", text))
    ends = DASH.split(first)
    if len(ends) == 1 and first.count("-") == 1:
        ends = first.split("-")
    if len(ends) == 2 and all(PAGE.fullmatch(end) for end in ends):
        return {"firstPage": ends[0], "lastPage": ends[1]}
    if not any(character.isalnum() for character in text) or text.lower() == "n/a":
        return {}
    is_page = text.isdecimal() and len(text) < ARTICLE_DIGITS
    return {"firstPage": text} if is_page else _article(text)


def _article(number: str) -> dict[str, str]:
    return {"number": number, "numberType": "Article"}


def _journal(source: Source) -> dict[str, Any] | None:
    journal = source.custom_fields.get("journal:journal") or {}
    identifier = _identifier(journal.get("issn"), "ISSN")
    title = plain(journal.get("title")) or line(journal.get("issn"))
    if not title:
        _note_title(source, "journal:journal", journal)
        return None
    series = source.general_type(source.metadata.get("resource_type")) == "Dissertation"
    return _filled(
        relatedItemType="Collection" if series else "Journal",
        relationType="IsPublishedIn",
        relatedItemIdentifier=identifier,
        titles=[{"title": title}],
        volume=line(journal.get("volume")),
        issue=line(journal.get("issue")),
        **_extent(journal.get("pages")),
    )


def _imprint(source: Source) -> dict[str, Any] | None:
    if is_its_own_imprint(source):
        return None
    imprint = imprint_of(source)
    title = plain(imprint.get("title")) or line(imprint.get("isbn"))
    if not title:
        _note_title(source, "imprint:imprint", imprint)
        return None
    extent = _extent(imprint.get("pages"))
    if extent.get("numberType"):
        extent["numberType"] = "Other"
    return _filled(
        relatedItemType=CONTAINERS.get(
            source.general_type(source.metadata.get("resource_type")), "Book"
        ),
        relationType="IsPublishedIn",
        relatedItemIdentifier=_identifier(imprint.get("isbn"), "ISBN"),
        titles=[{"title": title}],
        edition=line(imprint.get("edition")),
        **extent,
    )


def _meeting(source: Source) -> dict[str, Any] | None:
    item = meeting_item(source)
    if item is None:
        _note_title(source, "meeting:meeting", meeting_of(source))
    return item


def _note_title(source: Source, field: str, value: Mapping[str, Any]) -> None:
    if any(value.values()):
        source.note(
            f"custom_fields.{field}",
            _("It is left out because it has no title, which DataCite requires."),
        )


def _cited(source: Source) -> list[dict[str, Any]]:
    """Return references that are text only, as far as DataCite can store them."""
    return [
        {
            "relatedItemType": "Other",
            "relationType": "References",
            "titles": [{"title": text}],
        }
        for item in source.entries("references")
        # Text from web pages may contain tags and character references such as &amp;.
        if (text := line(unescape(plain(item.get("reference")))))
        and not _is_typed(source, item)
    ]


def _is_typed(source: Source, item: dict[str, Any]) -> bool:
    scheme = item.get("scheme") or ""
    return related_type(item.get("identifier") or "", scheme, source) is not None

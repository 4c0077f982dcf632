# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Titles, descriptions, language, sizes, formats and version."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from invenio_i18n import lazy_gettext as _

from .imprint import imprint_of, is_its_own_imprint
from .meeting import circumstances
from .source import Source
from .text import from_html, line, plain

VERSION_LENGTH = 191
"""Characters of a version; DataCite answers 500 to a longer one."""

ASTRAL = re.compile("[\U00010000-\U0010ffff]")
"""Characters of four bytes in UTF-8.

DataCite's column holds characters of up to three bytes; for others it answers 500.
"""


def titles(source: Source) -> list[dict[str, str]]:
    """Return the title, then the additional titles with type and language."""
    title = source.metadata.get("title")
    # A title that consists of markup only is sent as it was entered.
    found = [{"title": plain(title) or line(title)}]
    for item in source.entries("additional_titles"):
        entry = {"title": plain(item.get("title"))}
        kind = source.datacite("titletypes", item.get("type"))
        if item.get("type"):
            entry["titleType"] = kind or "Other"
        found.append(_with_language(source, entry, item))
    return [entry for entry in found if entry["title"]]


def descriptions(source: Source) -> list[dict[str, str]]:
    """Return the abstract, then the other descriptions with type and language."""
    found = [_description(source.metadata.get("description"), "Abstract")]
    for item in source.entries("additional_descriptions"):
        kind = source.datacite("descriptiontypes", item.get("type"))
        entry = _description(item.get("description"), kind or "Other")
        found.append(_with_language(source, entry, item))
    status = source.custom_fields.get("code:developmentStatus")
    if status:
        known = source.look_up("code:developmentStatus", status)
        text = source.translated(known.get("title"))[0] or known.get("id")
        if line(text):
            found.append(
                _description(f"Development status: {line(text)}", "TechnicalInfo")
            )
    found.append(_description(escape(circumstances(source)), "Other"))
    return [entry for entry in found if entry["description"]]


def _description(html: Any, kind: str) -> dict[str, str]:
    return {"description": from_html(html), "descriptionType": kind}


def _with_language(source: Source, entry: dict[str, str], item: Any) -> dict[str, str]:
    language = source.language(item.get("lang"))
    return entry | {"lang": language} if language else entry


def language(source: Source) -> str | None:
    """Return the first language: DataCite stores only one."""
    languages = source.entries("languages")
    if len(languages) > 1:
        source.note(
            "metadata.languages",
            _("DataCite accepts only one language; the first " "one is sent."),
        )
    return source.language(languages[0]) if languages else None


def sizes(source: Source) -> list[str]:
    """Return the sizes, and the number of pages if the record is the book itself."""
    found = [line(size) for size in source.entries("sizes")]
    pages = line(imprint_of(source).get("pages"))
    if pages and is_its_own_imprint(source):
        found.append(f"{pages} pages" if pages.isdecimal() else pages)
    return [size for size in dict.fromkeys(found) if size]


def formats(source: Source) -> list[str]:
    """Return formats and programming languages (according to CodeMeta's crosswalk)."""
    found = [line(item) for item in source.entries("formats")]
    for reference in source.custom_fields.get("code:programmingLanguage") or []:
        entry = source.look_up("code:programmingLanguages", reference)
        found.append(line(source.translated(entry.get("title"))[0] or entry.get("id")))
    return [item for item in dict.fromkeys(found) if item]


def version(source: Source) -> str | None:
    """Return the version, or the edition of a book; cut to DataCite's limit."""
    is_own = is_its_own_imprint(source)
    edition = line(imprint_of(source).get("edition")) if is_own else ""
    text = line(source.metadata.get("version")) or edition
    if edition and text != edition:
        source.note(
            "custom_fields.imprint:imprint.edition",
            _(
                "DataCite accepts a version or an edition, not both; the version is "
                "sent."
            ),
        )
    narrow = ASTRAL.sub("\ufffd", text)
    if narrow != text:
        source.note(
            "metadata.version",
            _("DataCite does not accept emoji here; they are replaced."),
        )
        text = narrow
    if len(text) > VERSION_LENGTH:
        source.note(
            "metadata.version", _("DataCite keeps only the first 191 " "characters.")
        )
    return text[:VERSION_LENGTH].strip() or None

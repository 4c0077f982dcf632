# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The imprint of the resource itself, or of the book in which it is published."""

from __future__ import annotations

from typing import Any

from .source import Source
from .text import plain

PARTS = frozenset({"BookChapter", "ConferencePaper", "DataPaper", "JournalArticle"})
"""Types of resources that are parts: an untitled imprint describes the whole."""


def imprint_of(source: Source) -> dict[str, Any]:
    """Return the custom field ``imprint:imprint``; empty if there is none."""
    return source.custom_fields.get("imprint:imprint") or {}


def is_its_own_imprint(source: Source) -> bool:
    """Return whether the imprint describes the resource and not a book around it.

    This is the case if the imprint has the title of the resource, or if it has no title
    and the resource is not a part, but a book, report or thesis, for example.
    """
    title = plain(imprint_of(source).get("title"))
    general = source.general_type(source.metadata.get("resource_type"))
    if not title and general in PARTS:
        return False
    return not title or _folded(title) == _folded(plain(source.metadata.get("title")))


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())

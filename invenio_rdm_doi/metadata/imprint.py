# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The imprint: of the resource itself, or of the book that it is published in."""

from __future__ import annotations

from typing import Any

from .source import Source
from .text import plain

PARTS = frozenset({"BookChapter", "ConferencePaper", "DataPaper", "JournalArticle"})
"""What is a part of something: an imprint without a title is of the whole."""


def imprint_of(source: Source) -> dict[str, Any]:
    """The custom field ``imprint:imprint``; empty if there is none."""
    return source.custom_fields.get("imprint:imprint") or {}


def is_its_own_imprint(source: Source) -> bool:
    """Whether the imprint describes the resource, and no book around it.

    A book, report or thesis whose imprint has no title, or the resource's own.
    """
    title = plain(imprint_of(source).get("title"))
    general = source.general_type(source.metadata.get("resource_type"))
    if not title and general in PARTS:
        return False
    return not title or _folded(title) == _folded(plain(source.metadata.get("title")))


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())

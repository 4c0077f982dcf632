# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Text as DataCite can hold it."""

from __future__ import annotations

import re
from typing import Any

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""

ATTRIBUTES = r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))*\s*/?"
"""Of a tag. Without ``=`` it may be prose: ``a <b and c> d``."""

INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|em|font|i|kbd|mark|math|q|s|scp|small|span|strike|"
    rf"strong|sub|sup|tt|u){ATTRIBUTES}>",
    re.IGNORECASE,
)
BLOCK = re.compile(
    rf"</?(?:br|div|h[1-6]|li|ol|p|pre|table|tbody|td|th|tr|ul){ATTRIBUTES}>",
    re.IGNORECASE,
)
BLANK_LINES = re.compile(r"\n{3,}")

# Tables in columns, as on paper, would be padded with blanks to the widest cell.
CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def line(value: Any) -> str:
    """Text in one line; empty if there is nothing to read."""
    return " ".join(ILLEGAL.sub("", str(value or "")).split())


def plain(value: Any) -> str:
    """Text in one line, without tags that somebody pasted.

    ``p < 0.05`` is no tag and stays.
    """
    return line(INLINE.sub("", BLOCK.sub(" ", str(value or ""))))


def from_html(html: Any) -> str:
    """HTML as text: paragraphs, list items and cells stay apart, words stay whole."""
    text = ILLEGAL.sub("", str(html or ""))
    if "<" in text or "&" in text:
        # Once more: a reference such as &#x1; was none of them before.
        text = ILLEGAL.sub("", get_text(text, CONFIG))
    lines = (part.rstrip() for part in text.replace("\xa0", " ").splitlines())
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

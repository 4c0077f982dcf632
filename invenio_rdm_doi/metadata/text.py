# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Conversion of text to a form that DataCite can store."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that are illegal in XML 1.0 (https://www.w3.org/TR/xml/#charsets)."""

ATTRIBUTE = re.compile(r"(?<!\s)\s+([\w:-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
_ONE = re.sub(r"\((?!\?)", "(?:", ATTRIBUTE.pattern)
ATTRIBUTES = rf"(?:{_ONE})*\s*/?"
"""Attributes of a tag. Without ``=``, the text may be prose: ``a <b and c> d``."""

TAG = re.compile(
    r"<(?P<end>/?)(?P<name>abbr|big|cite|code|div|em|font|h[1-6]|kbd|li|mark|math|ol|"
    r"pre|scp|small|span|strike|strong|sub|sup|table|tbody|td|th|tr|tt|ul|br|[abipqsu])"
    rf"{ATTRIBUTES}>",
    re.IGNORECASE,
)
BLOCKS = frozenset(
    ("div", "li", "ol", "p", "pre", "table", "tbody", "td", "th", "tr", "ul")
    + tuple(f"h{level}" for level in range(1, 7))
)
"""Tags that separate the words on both sides."""

LINK = re.compile(
    rf"<a((?:{_ONE})+\s*/?)>((?:(?!<a[\s>/]).){{0,10000}}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
POWER = re.compile(r"(?<=\d)<sup>\s*([+\u2212-]?\d+)\s*</sup>", re.IGNORECASE)
"""An exponent: without the tag, 10<sup>6</sup> would become 106."""

DEEPEST = 200
"""Maximum nesting of elements; libxml2 stops at 256."""

LINE_BYTES = 32_766
"""Maximum length of a keyword in DataCite's index.

A DOI with a longer one would not appear in any search.
"""

DECLARATION = re.compile(r"<\?[^<>]*>")
"""An XML declaration: the parser refuses text that declares an encoding."""

BLANK_LINES = re.compile(r"\n{3,}")

# With a layout in columns, cells of tables would be padded to the widest cell.
CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def line(value: Any) -> str:
    """Return text in one line; empty if there is none, cut if it is too long."""
    text = " ".join(ILLEGAL.sub("", str(value or "")).split())
    if 4 * len(text) > LINE_BYTES and len(text.encode()) > LINE_BYTES:
        text = text.encode()[: LINE_BYTES - 3].decode(errors="ignore") + "\u2026"
    return text


def plain(value: Any) -> str:
    """Return text in one line, without pasted HTML tags.

    ``p < 0.05`` is not a tag and is kept; so is "the <table> element", because it has
    no end tag.
    """
    text = POWER.sub(r"^\1", str(value or ""))
    if "<" not in text:
        return line(text)
    tags = {(tag["name"].lower(), tag["end"]) for tag in TAG.finditer(text)}
    markup = {name for name, end in tags if (name, "" if end else "/") in tags} | {"br"}

    def without(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        if name not in markup:
            return tag[0]
        return " " if name in BLOCKS or name == "br" else ""

    return line(TAG.sub(without, text))


def from_html(html: Any) -> str:
    """Return HTML as text.

    Paragraphs, list items and cells remain separate, and words are not split.
    """
    text = ILLEGAL.sub("", str(html or ""))
    if "<" in text or "&" in text:
        text = DECLARATION.sub(" ", text)
        if _depth(text) > DEEPEST:
            # The parser discards elements that are nested deeper, and all that follows.
            text = re.sub("<[^<>]*>", " ", text)
        text = LINK.sub(_with_target, POWER.sub(r"^\1", text))
        # Once more: references such as &#x1; have become illegal characters now.
        text = ILLEGAL.sub("", get_text(text, CONFIG))
    lines = (part.rstrip() for part in text.replace("\xa0", " ").splitlines())
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def each_once(entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return the entries without duplicates, in the same order."""
    unique = {tuple(sorted(entry.items())): entry for entry in entries}
    return list(unique.values())


def _depth(html: str) -> int:
    """Return the maximum nesting of the elements of an HTML text."""
    deepest = depth = 0
    for tag in re.finditer(r"<(/?)(?!br|hr|img|wbr)[a-zA-Z]", html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _with_target(link: re.Match[str]) -> str:
    """Return the text of a link, and its target if the text does not show it."""
    found = {name.lower(): value for name, value in ATTRIBUTE.findall(link[1])}
    target, words = found.get("href", "").strip("\"' \n\t"), link[2]
    if not target.lower().startswith(("http://", "https://", "ftp://", "mailto:")):
        return words
    bare = unescape(target).partition(":")[2].strip("/").lower()
    said = " ".join(unescape(re.sub("<[^<>]*>", "", words)).split()).lower()
    is_read = re.search(rf"(?<![\w.-]){re.escape(bare)}(?![\w/-]|\.\w)", said)
    return words if is_read else f"{words} ({target})"

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Text as DataCite can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""

ATTRIBUTE = re.compile(r"(?<!\s)\s+([\w:-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
_ONE = re.sub(r"\((?!\?)", "(?:", ATTRIBUTE.pattern)
ATTRIBUTES = rf"(?:{_ONE})*\s*/?"
"""Of a tag. Without ``=`` it may be prose: ``a <b and c> d``."""

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
"""Words on both sides of such a tag are two words."""

LINK = re.compile(
    rf"<a((?:{_ONE})+\s*/?)>((?:(?!<a[\s>/]).){{0,10000}}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
POWER = re.compile(r"(?<=\d)<sup>\s*([+\u2212-]?\d+)\s*</sup>", re.IGNORECASE)
"""Without its tag, 10<sup>6</sup> would be 106."""

DEEPEST = 200
"""Elements within each other; libxml2 stops at 256."""

LINE_BYTES = 32_766
"""DataCite's index holds no longer keywords: the DOI would be in no search."""

DECLARATION = re.compile(r"<\?[^<>]*>")
"""Of XML: the parser refuses text that names an encoding."""

BLANK_LINES = re.compile(r"\n{3,}")

# Tables in columns, as on paper, would be padded with blanks to the widest cell.
CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def line(value: Any) -> str:
    """Text in one line; empty if there is nothing to read; cut if it is too long."""
    text = " ".join(ILLEGAL.sub("", str(value or "")).split())
    if 4 * len(text) > LINE_BYTES and len(text.encode()) > LINE_BYTES:
        text = text.encode()[: LINE_BYTES - 3].decode(errors="ignore") + "\u2026"
    return text


def plain(value: Any) -> str:
    """Text in one line, without tags that somebody pasted.

    ``p < 0.05`` is no tag and stays; and so does "the <table> element", which nothing
    ends.
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
    """HTML as text: paragraphs, list items and cells stay apart, words stay whole."""
    text = ILLEGAL.sub("", str(html or ""))
    if "<" in text or "&" in text:
        text = DECLARATION.sub(" ", text)
        if _depth(text) > DEEPEST:
            # The parser throws away what is nested deeper, and all that follows.
            text = re.sub("<[^<>]*>", " ", text)
        text = LINK.sub(_with_target, POWER.sub(r"^\1", text))
        # Once more: a reference such as &#x1; was none of them before.
        text = ILLEGAL.sub("", get_text(text, CONFIG))
    lines = (part.rstrip() for part in text.replace("\xa0", " ").splitlines())
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def each_once(entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Entries without repetitions, in the same order."""
    unique = {tuple(sorted(entry.items())): entry for entry in entries}
    return list(unique.values())


def _depth(html: str) -> int:
    """How deep its elements are nested, at most."""
    deepest = depth = 0
    for tag in re.finditer(r"<(/?)(?!br|hr|img|wbr)[a-zA-Z]", html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _with_target(link: re.Match[str]) -> str:
    """A link, with its target behind it if it is not what one reads."""
    found = {name.lower(): value for name, value in ATTRIBUTE.findall(link[1])}
    target, words = found.get("href", "").strip("\"' \n\t"), link[2]
    if not target.lower().startswith(("http://", "https://", "ftp://", "mailto:")):
        return words
    bare = unescape(target).partition(":")[2].strip("/").lower()
    said = " ".join(unescape(re.sub("<[^<>]*>", "", words)).split()).lower()
    is_read = re.search(rf"(?<![\w.-]){re.escape(bare)}(?![\w/-]|\.\w)", said)
    return words if is_read else f"{words} ({target})"

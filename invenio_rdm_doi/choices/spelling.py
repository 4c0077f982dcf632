# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Extraction of the DOI from text that a user typed or pasted.

The deposit form does the same while the user types (``doi.js``). Both are tested with
the table of cases in ``tests/doi_spellings.json``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from ..doi import DOI_MAX_LENGTH, is_storable_doi

MALFORMED, TOO_LONG, ADDRESS, SHORT, SPACES = (
    "malformed",
    "too_long",
    "address",
    "short",
    "spaces",
)
"""Reasons why the typed text is not a DOI."""

MOST_TYPED = 1024
"""Maximum number of characters; no user types a longer text."""

# The characters are listed explicitly, because Python and JavaScript define ``\\s``
# differently.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Invisible characters that may be copied from a page along with the text."""

_SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SPACE = re.compile(f"[{_SPACE}]")
OUTER_SPACE = re.compile(f"^[{_SPACE}]+|[{_SPACE}]+$")

PAIRS = ("<>", "()", "[]", "{}", '""', "''", "\u201c\u201d", "\u00ab\u00bb")

LABEL = re.compile(
    r"(?:info:doi/|urn:doi:|doi *[:=]|doi +(?=\S)) *", re.IGNORECASE | re.ASCII
)
RESOLVER = re.compile(
    r"(?:https?:/{1,2})?(?:www\.|dx\.)*doi\.org/+", re.IGNORECASE | re.ASCII
)
PAGE = re.compile(
    r"(?:https?|ftp):|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/", re.IGNORECASE | re.ASCII
)
"""The beginning of an address that does not belong to the resolver."""

DOI = re.compile(r"10\.[0-9]{1,9}(?:\.[0-9]{1,9})*/\S+")
IN_A_PAGE = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]{1,9})*/[^\s?#&\"<>]+")
SEVERAL = re.compile(r"://|[,;|]\s*(?:doi:|10\.[0-9]{4})", re.IGNORECASE)
"""Matches, after the beginning of a DOI, another DOI or an address."""
VIEW = re.compile(
    r"(?:/(?:full|abstract|abs|pdf|epdf|meta|html|references|summary)(?:/.*)?"
    r"|\.(?:pdf|html?))$",
    re.IGNORECASE,
)
"""Suffixes that publishers add to a DOI in the address of a page."""

ESCAPED = re.compile(r"10\.[0-9.]+%2f", re.IGNORECASE)
PREFIX = re.compile(r"10 *\. *([0-9.]+) */ *(?!10\.)")
SHORT_DOI = re.compile(r"10/\S+|[a-z0-9]+", re.IGNORECASE | re.ASCII)
BEGINNING = re.compile(r"10\.[0-9]{4,}")


@dataclass(frozen=True)
class Spelling:
    """The result of reading a text.

    :param doi: the DOI, or the text as typed if it contains no DOI.
    :param reason: the reason why there is no DOI; None if there is one.
    :param suggestion: another DOI that may be meant; the depositor has to decide.
    """

    doi: str
    reason: str | None = None
    suggestion: str | None = None


def read_doi(typed: str) -> Spelling:
    """Find the DOI in a text.

    In addresses of the resolver, a query, a fragment and trailing punctuation are
    removed. In a DOI without an address, they may be part of the DOI (SICI DOIs have
    brackets and ``#``), so the DOI without them is only suggested.
    """
    shown = OUTER_SPACE.sub("", typed)
    if len(shown) > MOST_TYPED:
        return Spelling(shown, TOO_LONG)
    text = _unwrapped(_visible(shown))
    resolver = RESOLVER.match(text)
    if resolver:
        path = _from_address(text[resolver.end() :])
        if SHORT_DOI.fullmatch(path):
            return Spelling(shown, SHORT)
        return _read(path, shown, is_address=True)
    if PAGE.match(text):
        return Spelling(shown, ADDRESS, _in_a_page(text))
    if ESCAPED.match(text):
        text = _decoded(text)
    if re.fullmatch(r"10/\S+", text):
        return Spelling(shown, SHORT)
    return _read(text, shown, is_address=False)


def is_doi(text: str) -> bool:
    """Return whether a text is a DOI in a form that can be stored."""
    # U+FFFD replaces characters that some program could not decode.
    is_broken = "\ufffd" in text
    return bool(DOI.fullmatch(text)) and is_storable_doi(text) and not is_broken


def _read(text: str, shown: str, is_address: bool) -> Spelling:
    text = PREFIX.sub(r"10.\1/", text, count=1) if PREFIX.match(text) else text
    joined = text.replace(" ", "")
    if SEVERAL.search(text) and BEGINNING.search(text):
        return Spelling(shown, SPACES)
    if joined != text and BEGINNING.search(text):
        is_one = is_doi(joined) and len(BEGINNING.findall(text)) == 1
        return Spelling(shown, SPACES, joined if is_one else None)
    if is_doi(text):
        other = text if is_address else _without_end(text)
        return Spelling(text, None, other if other != text and is_doi(other) else None)
    if DOI.fullmatch(text) and len(text) > DOI_MAX_LENGTH:
        return Spelling(shown, TOO_LONG)
    return Spelling(shown, MALFORMED)


def _visible(text: str) -> str:
    """Remove invisible characters, and replace every kind of space with ``" "``."""
    return SPACE.sub(" ", INVISIBLE.sub("", text))


def _unwrapped(text: str) -> str:
    """Remove labels such as ``doi:``, and brackets or quotes around the whole text."""
    before = None
    while text != before:
        before = text
        label = LABEL.match(text)
        text = (text[label.end() :] if label else text).strip(" ")
        # A sentence may end after the bracket.
        inner = text.rstrip(".,;:")
        if len(inner) > 2 and inner[0] + inner[-1] in PAIRS:
            text = inner[1:-1].strip(" ")
    return text


def _from_address(path: str) -> str:
    path = _unwrapped(path)
    return _without_ending(_decoded(_without_query(path)))


def _without_query(text: str) -> str:
    # SICI DOIs contain both characters, preceded by angle brackets.
    before = re.split("[?#]", text)[0]
    is_sici = "<" in before or "%3c" in before.lower()
    return text if is_sici else before


def _without_end(text: str) -> str:
    return _without_ending(_without_query(text))


def _without_ending(text: str) -> str:
    """Remove punctuation and brackets that belong to the surrounding sentence."""
    while text:
        last = text[-1]
        pair = {")": "(", "]": "[", "}": "{", ">": "<"}.get(last)
        is_alone = pair is not None and text.count(pair) < text.count(last)
        if not (last in "/ .,;:\"'\u201d\u2019" or is_alone):
            break
        text = text[:-1]
    return text


def _decoded(text: str) -> str:
    """Decode percent-encoding.

    A text that is not UTF-8 or has a stray ``%`` is returned unchanged.
    """
    if re.search("%(?![0-9a-fA-F]{2})", text):
        return text
    try:
        return _visible(unquote(text, errors="strict"))
    except UnicodeDecodeError:
        return text


def _in_a_page(address: str) -> str | None:
    found = IN_A_PAGE.search(_decoded(address))
    if not found:
        return None
    doi = _without_ending(VIEW.sub("", found[0].rstrip("/")))
    return doi if is_doi(doi) else None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The ``query`` parameter of a list: a small subset of Lucene's syntax, as SQL.

Understood are clauses joined by blanks or ``AND``, ``OR``, ``NOT`` or ``-``, and
parentheses. A clause is a word, a ``"phrase"``, ``*``, or a field with one of

* ``field:value`` and ``field:"a phrase"``, with ``*`` and ``?`` as wildcards
* ``field:[a TO b]`` and ``field:{a TO b}``, where ``*`` is an open end, and ``>=``,
  ``>``, ``<=``, ``<``
* ``_exists_:field``

Dates (created, updated, registered) may be ``2026``, ``2026-08``, ``2026-08-31``, a
time in UTC, or ``now-1d``. Fields have the names of the index, with the camelCase
aliases that DataCite translates; ``state`` is ``aasm_state`` there. A field that the
index does not have finds nothing, like there.
"""

from __future__ import annotations

import json
import re
import time
from calendar import monthrange, timegm
from typing import Any

from .errors import QueryError

Sql = tuple[str, list[Any]]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\)) | (?P<minus>[-!](?=\S)) | (?P<plus>\+(?=\S))
    | (?P<operator>(?:AND|OR|NOT|&&|\|\|)(?=[\s()]|$))
    | (?P<field>(?:[\w.*]|\\.)+):
    | (?P<range>[\[{][^\]}]*[\]}]) | (?P<phrase>"(?:[^"\\]|\\.)*")
    | (?P<compare>[<>]=?) | (?P<word>(?:[^\s()"\[\]{}:\\<>]|\\.)+)
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+)\s*([\]}])")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.\d+)?)?)?)?)?)?"
    r"(?:Z|\+00:?00)?"
)
_MATH = re.compile(r"now((?:[-+]\d+[smhdwMy])*)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2629746}
_UNITS["y"] = 31556952

_DATES = frozenset({"created", "updated", "registered"})
_KEYWORDS = {
    **{name: "uid" for name in ("doi", "uid", "id")},
    **{name: name for name in ("client_id", "provider_id", "prefix", "url", "source")},
    "aasm_state": "state",
    "schema_version": "schema_version",
    "resource_type_id": "resource_type_id",
    "publication_year": "cast(publication_year as text)",
    "reason": "json_extract(document, '$.reason')",
}
_ALIASES = {
    "publicationYear": "publication_year",
    "schemaVersion": "schema_version",
    "version": "version_info",
}
#: Index name of an attribute -> its name in JSON.
_ATTRIBUTES = {
    **{
        name: name
        for name in [
            "creators",
            "contributors",
            "titles",
            "descriptions",
            "publisher",
            "types",
            "dates",
            "subjects",
            "identifiers",
            "container",
            "formats",
            "sizes",
            "language",
        ]
    },
    "version_info": "version",
    "content_url": "contentUrl",
    "related_identifiers": "relatedIdentifiers",
    "related_items": "relatedItems",
    "rights_list": "rightsList",
    "funding_references": "fundingReferences",
    "geo_locations": "geoLocations",
}
_CAMEL = {json_name: name for name, json_name in _ATTRIBUTES.items()}
#: Where a word without field is looked for.
_DEFAULT = ("titles", "creators", "publisher", "descriptions", "subjects")


def compile_query(query: str) -> Sql:
    """Return the condition for a query; 400 if it cannot be parsed."""
    parser = _Parser(query)
    if not parser.tokens:
        return "1", []
    return parser.parse()


def attribute_matches(document: str, path: str, pattern: str) -> bool:
    """Tell whether a value below ``path`` matches; registered as an SQL function.

    Words are looked for one by one and in any case; a pattern with wildcards has to fit
    a whole value or a word of it.
    """
    value = json.loads(document)["attributes"]
    texts = [text.lower() for text in _leaves(value, path.split("."))]
    if pattern == "*":
        return bool(texts)
    if "*" in pattern or "?" in pattern:
        regex = re.compile(_regex(pattern.lower()))
        return any(
            regex.fullmatch(part) for text in texts for part in [text, *text.split()]
        )
    words = re.findall(r"\w+", pattern.lower())
    return any(
        text == pattern.lower() or set(words) <= set(re.findall(r"\w+", text))
        for text in texts
        if words
    )


def _leaves(value: Any, path: list[str]) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _leaves(item, path)]
    if isinstance(value, dict):
        if path:
            return _leaves(value.get(path[0]), path[1:])
        return [text for item in value.values() for text in _leaves(item, [])]
    return [] if value is None or path else [str(value)]


def _regex(pattern: str) -> str:
    parts = {"*": ".*", "?": "."}
    return "".join(parts.get(sign, re.escape(sign)) for sign in pattern)


class _Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, query: str) -> None:
        self._query = query
        self.tokens = self._tokens()

    def parse(self) -> Sql:
        found = self._any()
        if self.tokens:
            raise self._error()
        return found

    def _tokens(self) -> list[tuple[str, str]]:
        tokens, place, end = [], 0, len(self._query.rstrip())
        while place < end:
            match = _TOKEN.match(self._query, place)
            if match is None or match.lastgroup is None:
                raise self._error()
            tokens.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()
        return tokens

    def _error(self) -> QueryError:
        return QueryError(f"Failed to parse query [{self._query}]")

    def _peek(self) -> tuple[str, str]:
        return self.tokens[0] if self.tokens else ("end", "")

    def _any(self) -> Sql:
        found = [self._all()]
        while self._peek() in (("operator", "OR"), ("operator", "||")):
            self.tokens.pop(0)
            found.append(self._all())
        return _joined(" or ", found)

    def _all(self) -> Sql:
        found = [self._clause()]
        while True:
            kind, text = self._peek()
            if kind in ("end", "close") or text in ("OR", "||"):
                return _joined(" and ", found)
            if text in ("AND", "&&"):
                self.tokens.pop(0)
            found.append(self._clause())

    def _clause(self) -> Sql:
        kind, text = self._next()
        if kind == "minus" or text == "NOT":
            sql, values = self._clause()
            return f"not ({sql})", values
        if kind == "plus":
            return self._clause()
        if kind == "open":
            found = self._any()
            if self._next()[0] != "close":
                raise self._error()
            return found
        if kind == "field":
            return self._field(text.replace("\\", ""))
        if kind in ("word", "phrase"):
            return _anywhere(_plain(text))
        raise self._error()

    def _next(self) -> tuple[str, str]:
        return self.tokens.pop(0) if self.tokens else ("end", "")

    def _field(self, name: str) -> Sql:
        kind, text = self._next()
        if kind == "minus":
            kind, rest = self._next()
            text = "-" + rest
        if kind == "compare":
            value_kind, value = self._next()
            if value_kind not in ("word", "phrase"):
                raise self._error()
            if text[0] == ">":
                return _between(name, _plain(value), "*", text == ">=", True)
            return _between(name, "*", _plain(value), True, text == "<=")
        if kind == "range":
            match = _RANGE.fullmatch(text)
            if match is None:
                raise self._error()
            start, low, high, end = match.groups()
            low, high = _plain(low), _plain(high)
            return _between(name, low, high, start == "[", end == "]")
        if kind == "open":
            return self._alternatives(name)
        if kind not in ("word", "phrase"):
            raise self._error()
        return _equal(name, _plain(text))

    def _alternatives(self, name: str) -> Sql:
        """Read ``field:(a OR b)``; both joiners are allowed, not nested."""
        found, joiner = [], " and "
        while True:
            kind, text = self._next()
            if kind == "close" and found:
                return _joined(joiner, found)
            if kind == "operator" and text in ("OR", "||"):
                joiner = " or "
            elif kind in ("word", "phrase"):
                found.append(_equal(name, _plain(text)))
            elif text not in ("AND", "&&"):
                raise self._error()


def _joined(joiner: str, found: list[Sql]) -> Sql:
    if len(found) == 1:
        return found[0]
    values = [value for _, parameters in found for value in parameters]
    return joiner.join(f"({sql})" for sql, _ in found), values


def _plain(text: str) -> str:
    if text.startswith('"'):
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)


def _anywhere(text: str) -> Sql:
    if text in ("*", "*:*"):
        return "1", []
    found = [_keyword("uid", text.lower())]
    found += [_attribute(name, text) for name in _DEFAULT]
    return _joined(" or ", found)


def _equal(name: str, value: str) -> Sql:
    name = _ALIASES.get(name, name)
    if name == "*" and value == "*":
        return "1", []
    if name == "_exists_":
        return _equal(value, "*")
    if name in _DATES:
        if value == "*":
            return f"{name} is not null", []
        return _between(name, value, value, True, True)
    if name in _KEYWORDS:
        folded = value.lower() if name in ("doi", "uid", "id") else value
        return _keyword(_KEYWORDS[name], folded)
    first, dot, rest = name.partition(".")
    first = {"publisher_obj": "publisher", **_CAMEL}.get(first, first)
    if first in _ATTRIBUTES:
        return _attribute(_ATTRIBUTES[first] + dot + rest, value)
    return "0", []


def _keyword(column: str, value: str) -> Sql:
    if value == "*":
        return f"{column} is not null", []
    if "*" in value or "?" in value:
        return f"{column} glob ?", [value.replace("[", "[[]")]
    return f"{column} = ?", [value]


def _attribute(path: str, pattern: str) -> Sql:
    return "attribute_matches(document, ?, ?)", [path, pattern]


def _between(name: str, low: str, high: str, with_low: bool, with_high: bool) -> Sql:
    name = _ALIASES.get(name, name)
    if name in _DATES:
        column = name
        bounds = [moment(low, not with_low), moment(high, with_high)]
    elif name in _KEYWORDS:
        column = _KEYWORDS[name]
        bounds = [None if value == "*" else value for value in (low, high)]
    else:
        return "0", []
    signs = [">=" if with_low else ">", "<=" if with_high else "<"]
    parts = [
        (f"{column} {sign} ?", [bound])
        for sign, bound in zip(signs, bounds, strict=True)
        if bound is not None
    ]
    return _joined(" and ", [(f"{column} is not null", []), *parts])


def moment(text: str, at_the_end: bool = False) -> int | None:
    """Return seconds since the epoch for a date, None for ``*``.

    A date without time is a whole period: its first second, or its last.
    """
    if text == "*":
        return None
    math = _MATH.fullmatch(text)
    if math:
        steps = re.findall(r"([-+]\d+)([smhdwMy])", math[1])
        return int(time.time()) + sum(int(n) * _UNITS[unit] for n, unit in steps)
    match = _DATE.fullmatch(text.removesuffix("||/y"))
    if match is None:
        raise QueryError(
            f"failed to parse date field [{text}] with format "
            "[strict_date_optional_time||epoch_millis]"
        )
    parts = [int(part) if part else None for part in match.groups()]
    year, month = parts[0] or 1, parts[1] or (12 if at_the_end else 1)
    if month > 12:
        raise QueryError(f"failed to parse date field [{text}]")
    last = [month, monthrange(year, month)[1], 23, 59, 59]
    first = [month, 1, 0, 0, 0]
    fill = last if at_the_end else first
    rest = [
        given if given is not None else filler
        for given, filler in zip(parts[1:], fill, strict=True)
    ]
    return timegm((year, *rest))

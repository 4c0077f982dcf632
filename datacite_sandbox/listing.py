# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""GET /dois: filters, sorting, paging (DC:13-452, paginatable.rb; facts, section 2).

Not included: scroll, sampling, and the filters on statistics and link checks.
They are ignored like every unknown parameter. Facets are returned only with
``disable-facets=false``, and only a few of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from . import serialize
from .auth import Caller
from .dates import moment
from .dois import Doi
from .errors import BadRequest, QueryError
from .store import Store
from .tables import dasherized

_MAX = 10_000
_SORTS = {
    "name": "uid",
    "created": "created",
    "updated": "updated",
    "published": "publication_year",
    "title": "title collate nocase",
}
#: Parameters that links.next keeps (DC:329-374). It loses state, sort, include, source,
#: subject, user-id and schema-version.
_KEPT = [
    "query",
    "provider-id",
    "consortium-id",
    "client-id",
    "funder-id",
    "affiliation-id",
    "resource-type-id",
    "prefix",
    "certificate",
    "published",
    "created",
    "registered",
    "has-citations",
    "has-references",
    "has-parts",
    "has-part-of",
    "has-versions",
    "has-version-of",
    "has-views",
    "has-downloads",
    "has-person",
    "has-affiliation",
    "has-funder",
    "facets",
    "detail",
    "composite",
    "affiliation",
    "publisher",
    "funded_by",
    "include_funder_child_organizations",
    "affiliation-country",
]
_FACETS = {
    "states": "state",
    "resourceTypes": "resource_type_id",
    "created": "strftime('%Y', created, 'unixepoch')",
    "published": "cast(publication_year as text)",
    "registered": "strftime('%Y', registered, 'unixepoch')",
    "clients": "client_id",
    "providers": "provider_id",
    "prefixes": "prefix",
    "schemaVersions": "schema_version",
}


@dataclass(frozen=True)
class Page:
    """The requested part of the results; ``cursor`` is (milliseconds, uid)."""

    size: int
    number: int
    cursor: tuple[int, str] | None

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Page:
        """Parse ``page[size]``, ``page[number]`` and ``page[cursor]``, clamped."""
        given = params.get("page[size]") or "25"
        size = min(leading_integer(given), 1000)
        if size < 0:
            raise QueryError(f"[size] parameter cannot be negative, found [{size}]")
        last = _MAX // size if size else 1
        number = leading_integer(params.get("page[number]", ""))
        number = min(number, last) if number > 0 else 1
        text = params.get("page[cursor]")
        return cls(size, number, None if text is None else _decoded(text))


class Listing:
    """Lists of the DOIs in a store."""

    def __init__(self, store: Store) -> None:
        """Constructor."""
        self._store = store

    def answer(
        self, caller: Caller, params: Mapping[str, str], url: str, base_url: str
    ) -> dict[str, Any]:
        """Return the JSON:API document for the query parameters ``params``.

        ``-`` and ``_`` in their names are equivalent, as for DataCite.
        """
        params = {name.replace("_", "-"): value for name, value in params.items()}
        page = Page.of(params)
        where, values = _conditions(caller, params)
        total = self._store.count(where, values)
        found = self._page(page, where, values, params)
        return self._document(
            caller, params, page, found, total, (url, base_url), (where, values)
        )

    def _page(
        self, page: Page, where: str, values: list[Any], params: Mapping[str, str]
    ) -> list[Doi]:
        is_random = params.get("random", "").lower() == "true"
        if page.cursor is None:
            order = "random()" if is_random else _order(params.get("sort", ""))
            offset = (page.number - 1) * page.size
            return self._store.select(where, values, order, page.size, offset)
        if is_random:
            raise BadRequest(
                "Cursor-based pagination and random sampling are mutually exclusive, "
                "please choose one or the other."
            )
        milliseconds, uid = page.cursor
        where = f"({where}) and (created, uid) > (?, ?)"
        values = [*values, milliseconds / 1000, uid]
        return self._store.select(where, values, "created, uid", page.size)

    def _document(
        self,
        caller: Caller,
        params: Mapping[str, str],
        page: Page,
        found: list[Doi],
        total: int,
        urls: tuple[str, str],
        condition: tuple[str, list[Any]],
    ) -> dict[str, Any]:
        reachable = total if page.cursor else min(total, _MAX)
        pages = -(-reachable // page.size) if page.size else 0
        meta: dict[str, Any] = {"total": total, "totalPages": pages}
        if page.cursor is None:
            meta["page"] = page.number
        if total and params.get("disable-facets", "").lower() in ("false", "0"):
            meta |= self._facets(*condition)
        links = {"self": urls[0]}
        # In cursor mode the page number is always 1: a single page has no next page,
        # while a full last page of several has one, which is empty.
        if page.size and len(found) == page.size and page.number != pages:
            links["next"] = f"{urls[1]}/dois?{_next(params, page, found[-1])}"
        view = serialize.View.of(
            caller, params, detail="detail" in params, in_list=True
        )
        fields = _fields(params)
        return {
            "data": [serialize.resource(doi, view, fields) for doi in found],
            "meta": meta,
            "links": links,
        }

    def _facets(self, where: str, values: list[Any]) -> dict[str, Any]:
        return {
            name: [
                {"id": str(value), "title": _title(name, str(value)), "count": number}
                for value, number in self._store.count_by(expression, where, values)
                if value is not None
            ]
            for name, expression in _FACETS.items()
        }


def leading_integer(text: str) -> int:
    """Return the number at the start of a text, 0 if there is none."""
    match = re.match(r"\s*-?\d+", text)
    return int(match[0]) if match else 0


def _decoded(text: str) -> tuple[int, str]:
    """Return a decoded cursor; invalid ones, like ``1``, mean the start."""
    try:
        padded = text + "=" * (-len(text) % 4)
        milliseconds, _, uid = base64.urlsafe_b64decode(padded).decode().partition(",")
    except (binascii.Error, UnicodeDecodeError):
        return 0, ""
    return leading_integer(milliseconds), uid


def _encoded(doi: Doi) -> str:
    text = f"{doi.created * 1000},{doi.uid}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _order(sort: str) -> str:
    """Return the order; unknown values mean ``-updated``."""
    name = sort.removeprefix("-")
    if name not in _SORTS:
        return "updated desc, id desc"
    direction = " desc" if sort.startswith("-") else ""
    return f"{_SORTS[name]}{direction}, id{direction}"


def _conditions(caller: Caller, params: Mapping[str, str]) -> tuple[str, list[Any]]:
    """Return all filters as one condition.

    An anonymous caller sees only findable DOIs. An account sees the DOIs of all
    accounts in every state unless it sets client-id (DC:71-74, auth_headers_spec:63).
    With ``ids`` the other filters are ignored.
    """
    parts: list[tuple[str, list[Any]]] = []
    state = params.get("state") if caller.account else "findable"
    if state and (not params.get("ids") or caller.account is None):
        parts.append(_one_of("state", state.split(",")))
    if params.get("ids"):
        parts.append(_one_of("uid", params["ids"].lower().split(",")))
    else:
        parts += _filters(params)
        if params.get("query"):
            parts.append(_changed_since(params["query"]))
    values = [value for _, part in parts for value in part]
    return " and ".join(f"({sql})" for sql, _ in parts) or "1", values


def _changed_since(query: str) -> tuple[str, list[Any]]:
    """Return the condition of the only supported query: ``updated:[<time> TO *]``."""
    found = re.fullmatch(r"updated:\[(\S+) TO \*\]", query.strip())
    try:
        since = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        since = None
    if since is None:
        raise QueryError(
            "The sandbox does not search, except for updated:[2026-01-31T00:00:00Z TO "
            "*]. client-id, prefix, state, ids and the other filters are understood."
        )
    return "updated >= ?", [since.timestamp()]


def _filters(params: Mapping[str, str]) -> list[tuple[str, list[Any]]]:
    parts: list[tuple[str, list[Any]]] = []
    owners = [
        _one_of(column, params[name].lower().split(","))
        for name, column in (("provider-id", "provider_id"), ("client-id", "client_id"))
        if params.get(name)
    ]
    if owners:
        sql = " or ".join(condition for condition, _ in owners)
        parts.append((sql, [value for _, values in owners for value in values]))
    if params.get("prefix"):
        parts.append(_one_of("prefix", params["prefix"].split(",")))
    if params.get("resource-type-id"):
        wanted = params["resource-type-id"].split(",")
        names = [dasherized(name.strip()) for name in wanted]
        parts.append(_one_of("resource_type_id", names))
    if params.get("schema-version"):
        version = f"http://datacite.org/schema/kernel-{params['schema-version']}"
        parts.append(("schema_version = ?", [version]))
    if params.get("source"):
        parts.append(("source = ?", [params["source"]]))
    for name in ("created", "registered"):
        if params.get(name):
            first, last = _years(params[name])
            bounds = [moment(first), moment(last, at_the_end=True)]
            parts.append((f"{name} between ? and ?", bounds))
    if params.get("published"):
        years = [int(year) for year in _years(params["published"])]
        parts.append(("publication_year between ? and ?", years))
    return parts


def _years(text: str) -> tuple[str, str]:
    """Return the first and last of some years; other dates are not supported."""
    years = text.split(",")
    for year in years:
        if not re.fullmatch(r"\d{4}", year):
            raise QueryError(
                f"failed to parse date field [{year}||/y] with format [yyyy]"
            )
    return min(years), max(years)


def _one_of(column: str, values: list[str]) -> tuple[str, list[Any]]:
    return f"{column} in ({', '.join('?' * len(values))})", list(values)


def _next(params: Mapping[str, str], page: Page, last: Doi) -> str:
    given: dict[str, Any] = {name: params.get(name.replace("_", "-")) for name in _KEPT}
    if params.get("disable-facets"):
        off = params["disable-facets"].lower() in ("true", "1")
        given["disable-facets"] = "true" if off else "false"
    given |= {name: params[name] for name in params if name.startswith("fields[")}
    if page.cursor is None:
        given["page[number]"] = page.number + 1
    else:
        given["page[cursor]"] = _encoded(last)
    given["page[size]"] = page.size
    pairs = (
        f"{quote_plus(name)}={quote_plus(str(value))}"
        for name, value in given.items()
        if value is not None
    )
    return "&".join(sorted(pairs))


def _fields(params: Mapping[str, str]) -> list[str] | None:
    text = params.get("fields[dois]")
    return None if text is None else text.split(",")


def _title(facet: str, value: str) -> str:
    if facet == "clients":
        return value.upper()
    return value.replace("-", " ").title() if facet == "resourceTypes" else value

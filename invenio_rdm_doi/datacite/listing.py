# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's list of an account's DOIs: its parameters and its parsing.

Sources: lupo ``app/controllers/datacite_dois_controller.rb`` and
``app/controllers/concerns/paginatable.rb``;
https://support.datacite.org/docs/pagination. The list comes from a search index and
lags behind writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..doi import is_storable_doi
from ..metadata.attributes import LISTS, VALUES, Attributes
from ..settings.model import Account
from ..states import STATES
from .errors import Unreadable
from .held import address_of, version_of

SIZE = 1000
"""DOIs per page, the maximum that DataCite allows."""

CURSOR_LENGTH = 500
"""Maximum length of a cursor, in characters."""

START = "1"
"""The cursor of the first page."""

SPARSE = ("doi", "state", "url", "metadataVersion", "updated", "client")
COMPLETE = (*SPARSE, "schemaVersion", *LISTS, *VALUES)


@dataclass(frozen=True)
class Entry:
    """A DOI in the list.

    :param updated: in DataCite's format, for display; it changes with every write.
    :param attributes: complete if they were requested.
    """

    doi: str
    state: str
    url: str | None
    version: int | None
    updated: str | None
    client: str | None
    attributes: Attributes = field(repr=False)


@dataclass(frozen=True)
class Page:
    """A page of the list.

    :param cursor: cursor of the next page; None: this is the last page.
    :param total: number of DOIs according to DataCite.
    :param unreadable: number of entries that could not be read.
    """

    entries: Sequence[Entry]
    cursor: str | None
    total: int | None
    unreadable: int = 0


def params_of(
    account: Account, cursor: str, complete: bool, since: datetime | None
) -> dict[str, Any]:
    """Return the query parameters of a page.

    Without ``client-id``, DataCite lists the DOIs of all accounts. ``links.next`` lacks
    some of the parameters, so only the cursor is taken from it.

    :param complete: whether to request all metadata, not only state, URL and version.
    :param since: request only DOIs that changed since this time.
    """
    params = {
        "client-id": account.symbol.lower(),
        "prefix": ",".join(account.prefixes),
        "page[cursor]": cursor,
        "page[size]": SIZE,
        "disable-facets": "true",
        "fields[dois]": ",".join(COMPLETE if complete else SPARSE),
        "publisher": "true",
        "affiliation": "true",
    }
    if since is not None:
        params["query"] = f"updated:[{since:%Y-%m-%dT%H:%M:%SZ} TO *]"
    return params


def read(body: Any, cursor: str) -> Page:
    """Parse a page of the list.

    :param cursor: cursor of this page.
    :raises Unreadable: if it is not a page, or names itself as the next one.
    """
    try:
        data = body["data"]
        links, meta = body.get("links") or {}, body.get("meta") or {}
        following = links.get("next")
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("DataCite's list has no data.", http_status=200) from error
    if not isinstance(data, list) or len(data) > SIZE:
        raise Unreadable(
            "DataCite's list is not a valid page of results.", http_status=200
        )
    after = _cursor(following) if data else None
    if after == cursor:
        raise Unreadable("DataCite's list leads back to itself.", http_status=200)
    total = meta.get("total") if isinstance(meta, Mapping) else None
    entries = [entry for item in data if (entry := _entry(item)) is not None]
    return Page(
        entries,
        after,
        total if isinstance(total, int) and 0 <= total < 2**31 else None,
        len(data) - len(entries),
    )


def _entry(item: Any) -> Entry | None:
    try:
        attributes, doi = item["attributes"], item["id"]
        state, updated = attributes["state"], attributes.get("updated")
    except (KeyError, TypeError, AttributeError):
        return None
    if state not in STATES or not isinstance(doi, str) or not is_storable_doi(doi):
        return None
    try:
        client = item["relationships"]["client"]["data"]["id"].lower()
    except (KeyError, TypeError, AttributeError):
        client = None
    return Entry(
        doi,
        state,
        address_of(attributes),
        version_of(attributes),
        updated[:40] if isinstance(updated, str) else None,
        client,
        attributes,
    )


def _cursor(address: Any) -> str | None:
    """Return the cursor of the next page; the rest of the URL is not used."""
    if not isinstance(address, str):
        return None
    try:
        found = parse_qs(urlsplit(address).query).get("page[cursor]")
    except ValueError:
        return None
    if not found or not found[0]:
        return None
    if len(found[0]) > CURSOR_LENGTH or not found[0].isprintable():
        raise Unreadable("DataCite's list has no cursor.", http_status=200)
    return found[0]

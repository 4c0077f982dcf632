# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's copy of a DOI, read from an answer and compared with what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..doi import doi_key
from ..metadata.attributes import Attributes
from ..states import STATES
from . import answers
from .errors import Mismatch, Unreadable

URL_LENGTH = 2048
"""Maximum length of a URL that is stored, in characters; this site's are shorter."""


@dataclass(frozen=True)
class Answer:
    """A DOI as DataCite has it after a write, with the HTTP status of the answer."""

    http_status: int
    state: str
    attributes: Attributes


@dataclass(frozen=True)
class Held:
    """DataCite's copy of a DOI.

    :param state: DataCite's state.
    :param client: symbol of the repository account that has it, in lower case.
    """

    state: str
    url: str | None
    client: str
    attributes: Attributes


def attributes_of(body: Any, doi: str) -> Attributes:
    """Return the attributes from an answer about this DOI.

    :raises Unreadable: if the answer does not match the API's documentation.
    :raises Mismatch: if it is about another DOI.
    """
    try:
        data = body["data"]
        attributes = data["attributes"]
        state, id_ = attributes["state"], data["id"]
    except (KeyError, TypeError) as error:
        raise Unreadable(
            "DataCite's answer has no data.attributes.state.", http_status=200
        ) from error
    if not isinstance(attributes, dict) or state not in STATES:
        raise Unreadable(
            f"DataCite's answer has an unknown state: {answers.clean(state, 40)!r}.",
            http_status=200,
        )
    if not isinstance(id_, str) or doi_key(id_) != doi_key(doi):
        raise Mismatch(
            f"DataCite's answer about {doi} is about {answers.clean(id_, 100)!r}.",
            http_status=200,
        )
    return attributes


def address_of(attributes: Mapping[str, Any]) -> str | None:
    """Return ``url``; None if it is missing, or cannot be stored or shown."""
    url = attributes.get("url")
    if not isinstance(url, str) or len(url) > URL_LENGTH or not url.isprintable():
        return None
    return url


def version_of(attributes: Mapping[str, Any]) -> int | None:
    """Return ``metadataVersion``, which increases only when the metadata change.

    Source: lupo ``app/models/doi.rb``. ``updated`` is unsuitable, because it changes
    with every write, even one that changes nothing.
    """
    value = attributes.get("metadataVersion")
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**31 else None


def require_same(doi: str, sent: Attributes, found: Attributes) -> None:
    """Compare the attributes that cannot differ after a write.

    :raises Mismatch: if the answer is stale or belongs to another write: this write is
        not confirmed.
    """
    if "url" in sent and found.get("url") != sent["url"]:
        raise Mismatch(
            f"DataCite's answer about {doi} has another URL than was sent.",
            http_status=200,
        )
    if "titles" in sent and _titles(found) != _titles(sent):
        raise Mismatch(
            f"DataCite's answer about {doi} has other titles than were sent.",
            http_status=200,
        )


def _titles(attributes: Attributes) -> list[Any]:
    titles = attributes.get("titles")
    return [
        item.get("title") if isinstance(item, Mapping) else item
        for item in (titles if isinstance(titles, list) else [])
    ]

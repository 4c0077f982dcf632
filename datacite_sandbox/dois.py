# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI as the sandbox stores it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any

#: Syntax of a DOI that may be created (lupo doi.rb:128, post_spec.rb:1429).
DOI_SYNTAX = re.compile(r"10\.\d{4,5}/[-._;()/:a-zA-Z0-9*~$=]+")
_DOI_IN_TEXT = re.compile(
    r"(?:https?:/{1,2}(?:dx\.)?(?:doi\.org|handle\.(?:stage|test)\.datacite\.org)/)?"
    r"(?:doi:)?(10\.\d{4,5}/.+)"
)


@dataclass
class Doi:
    """One DOI with its metadata.

    ``uid`` is the lower-case name; it is served as ``id`` and ``doi``, while the XML
    has the upper-case name (lupo doi.rb:1472, 1827). Times are whole seconds since the
    epoch, as DataCite stores them.
    """

    uid: str
    client_id: str
    state: str = "draft"
    url: str | None = None
    schema_version: str | None = None
    source: str | None = None
    reason: str | None = None
    xml: str | None = None
    metadata_version: int = 0
    created: int = 0
    updated: int = 0
    registered: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def doi(self) -> str:
        """The upper-case name."""
        return self.uid.upper()

    @property
    def prefix(self) -> str:
        """The part before the first slash."""
        return self.uid.split("/", 1)[0]

    @property
    def suffix(self) -> str:
        """The part after the first slash."""
        return self.uid.split("/", 1)[-1]

    @property
    def provider_id(self) -> str:
        """The member whose repository owns the DOI."""
        return self.client_id.split(".")[0]

    @property
    def is_active(self) -> bool:
        """Whether the DOI is active: only findable DOIs are."""
        return self.state == "findable"

    @property
    def title(self) -> str:
        """The first title, for display."""
        titles = self.attributes.get("titles")
        first = titles[0] if isinstance(titles, list) and titles else titles
        value = first.get("title") if isinstance(first, dict) else first
        return str(value or "")

    def copy(self) -> Doi:
        """Return an independent copy."""
        return deepcopy(self)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return asdict(self)


def doi_in(text: str) -> str | None:
    """Return the DOI in lower case if ``text`` is a DOI or its URL, else None."""
    match = _DOI_IN_TEXT.fullmatch(text)
    return match[1].replace("\u200b", "").lower() if match else None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a DOI may look like at DataCite.

Source: DataCite's service refuses a new DOI that does not match
``10.``, four or five digits, ``/`` and the characters below (lupo
``app/models/doi.rb``, validation of ``doi`` on create); the longest DOI has 255
characters (https://support.datacite.org/docs/what-is-a-doi).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

DATACITE, EXTERNAL = "datacite", "external"
"""PID providers in ``pids.doi.provider``: this package's, and that of DOIs of others.

InvenioRDM looks for both names in several places.
"""

NO_PROVIDER = "not_needed"
"""What InvenioRDM writes in the place of a provider if there is no DOI."""

DOI_MAX_LENGTH = 255
PREFIX_PATTERN = re.compile(r"10\.[0-9]{4,5}")
DOI_PATTERN = re.compile(r"10\.[0-9]{4,5}/[-._;()/:a-zA-Z0-9*~$=]+")

ANY_PREFIX = re.compile(r"10\.[0-9]{1,9}(\.[0-9]{1,9})*")
"""A prefix of any registration agency (ISO 26324 allows subdivisions)."""

_FOLDED = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def doi_key(doi: str) -> str:
    """Return the form in which DOIs are compared: a DOI has no case.

    Only ASCII letters are folded, as DOIs are defined (DOI Handbook, section 2.4):
    ``str.lower`` also changes others, some of them to two characters.
    """
    return doi.translate(_FOLDED)


def same_doi(one: str | None, other: str | None) -> bool:
    """Whether two spellings are one DOI."""
    return one is not None and other is not None and doi_key(one) == doi_key(other)


def is_valid_doi(doi: str) -> bool:
    """Whether DataCite would accept this as a new DOI, and it can stand in a path.

    Dot segments and empty segments of a path are removed by HTTP libraries and proxies
    (RFC 3986, section 5.2.4): the address would become that of something else.
    """
    return (
        len(doi) <= DOI_MAX_LENGTH
        and DOI_PATTERN.fullmatch(doi) is not None
        and not _segments(doi) & {"", ".", ".."}
    )


def is_storable_doi(doi: str) -> bool:
    """Whether an external DOI can be kept: a prefix, printable, not too long.

    Its suffix may have any other characters, such as ``<>;()#`` of SICI DOIs.
    """
    prefix, slash, suffix = doi.partition("/")
    return (
        len(doi) <= DOI_MAX_LENGTH
        and ANY_PREFIX.fullmatch(prefix) is not None
        and bool(slash and suffix)
        and doi.isprintable()
        and not _is_broken(doi)
    )


def _segments(doi: str) -> set[str]:
    return set(doi.split("/"))


def _is_broken(text: str) -> bool:
    """Whether it has half a character (a lone surrogate), which nothing can store."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def doi_attributes(owner: Any) -> dict[str, str]:
    """``identifier``, ``provider`` and ``client`` of a DOI, empty if there is none.

    :param owner: a record, draft or parent with a ``pids`` dictionary.
    """
    return (owner.get("pids") or {}).get("doi") or {}


def provider_of(owner: Mapping[str, Any]) -> str:
    """The provider of a DOI, or ``not_needed`` if there is none."""
    return doi_attributes(owner).get("provider") or NO_PROVIDER


def any_doi(owner: Any) -> str | None:
    """The DOI of a record, draft or parent, whoever registers it."""
    return doi_attributes(owner).get("identifier")


def wants_managed(owner: Any) -> bool:
    """Whether this package makes its DOI: it has one, or is to get one.

    The deposit form saves the choice of a new DOI as an empty identifier.
    """
    return provider_of(owner) == DATACITE


def is_embargoed(record: Any) -> bool:
    """Whether a restricted record or draft becomes public by itself."""
    access = record.get("access") or {}
    embargo = access.get("embargo") or {}
    return access.get("record") == "restricted" and bool(
        embargo.get("active") and embargo.get("until")
    )


def managed_doi(owner: Any) -> str | None:
    """The DOI that this package registers for a record, draft or parent, if any."""
    return (any_doi(owner) or None) if wants_managed(owner) else None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Syntax of DOIs at DataCite, and access to the DOI of a record.

Source: DataCite's service refuses a new DOI that does not consist of
``10.``, four or five digits, ``/`` and the characters below (lupo
``app/models/doi.rb``, validation of ``doi`` on create); the longest DOI has 255
characters (https://support.datacite.org/docs/what-is-a-doi).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

DATACITE, EXTERNAL = "datacite", "external"
"""PID providers in ``pids.doi.provider``: this package's, and that of existing DOIs.

InvenioRDM looks for both names in several places.
"""

NO_PROVIDER = "not_needed"
"""The value that InvenioRDM writes instead of a provider if there is no DOI."""

DOI_MAX_LENGTH = 255
PREFIX_PATTERN = re.compile(r"10\.[0-9]{4,5}")
DOI_PATTERN = re.compile(r"10\.[0-9]{4,5}/[-._;()/:a-zA-Z0-9*~$=]+")

ANY_PREFIX = re.compile(r"10\.[0-9]{1,9}(\.[0-9]{1,9})*")
"""A prefix of any registration agency (ISO 26324 allows subdivisions)."""

_FOLDED = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def doi_key(doi: str) -> str:
    """Return the form in which DOIs are compared: DOIs are case-insensitive.

    By definition of DOIs, only ASCII letters are folded (DOI Handbook, section 2.4):
    ``str.lower`` also changes other letters, some of them to two characters.
    """
    return doi.translate(_FOLDED)


def same_doi(one: str | None, other: str | None) -> bool:
    """Return whether two spellings denote the same DOI."""
    return one is not None and other is not None and doi_key(one) == doi_key(other)


def is_valid_doi(doi: str) -> bool:
    """Return whether DataCite would accept a new DOI, and it can be part of a URL path.

    HTTP libraries and proxies remove dot segments and empty segments of a path
    (RFC 3986, section 5.2.4): the URL would identify something else.
    """
    return (
        len(doi) <= DOI_MAX_LENGTH
        and DOI_PATTERN.fullmatch(doi) is not None
        and not _segments(doi) & {"", ".", ".."}
    )


def is_storable_doi(doi: str) -> bool:
    """Return whether an external DOI can be stored: a prefix, printable, not too long.

    Its suffix may contain any printable characters, such as ``<>;()#`` in SICI DOIs.
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
    """Return whether a text has a lone surrogate, which cannot be stored."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def doi_attributes(owner: Any) -> dict[str, str]:
    """Return ``identifier``, ``provider`` and ``client`` of a DOI; empty if none.

    :param owner: a record, draft or parent with a ``pids`` dictionary.
    """
    return (owner.get("pids") or {}).get("doi") or {}


def provider_of(owner: Mapping[str, Any]) -> str:
    """Return the provider of a DOI, or ``not_needed`` if there is none."""
    return doi_attributes(owner).get("provider") or NO_PROVIDER


def any_doi(owner: Any) -> str | None:
    """Return the DOI of a record, draft or parent, regardless of its provider."""
    return doi_attributes(owner).get("identifier")


def wants_managed(owner: Any) -> bool:
    """Return whether an owner has a DOI of this package, or is to get one.

    The deposit form saves the choice of a new DOI as an empty identifier.
    """
    return provider_of(owner) == DATACITE


def is_embargoed(record: Any) -> bool:
    """Return whether a restricted record or draft becomes public automatically."""
    access = record.get("access") or {}
    embargo = access.get("embargo") or {}
    return access.get("record") == "restricted" and bool(
        embargo.get("active") and embargo.get("until")
    )


def managed_doi(owner: Any) -> str | None:
    """Return the DOI that this package registers for a record, draft or parent."""
    return (any_doi(owner) or None) if wants_managed(owner) else None

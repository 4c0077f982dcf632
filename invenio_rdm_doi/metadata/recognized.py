# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Recognition of identifiers that were entered with another type.

``https://doi.org/10.…`` is a DOI, even if its scheme is ``url``. DataCite links and
counts only identifiers with a specific type (Event Data:
https://support.datacite.org/docs/eventdata-guide).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import idutils

from ..doi import doi_key, is_storable_doi

PREFIX = re.compile(r"10\.[0-9]{4,9}/", re.ASCII)
"""Start of a DOI; a shorter prefix, as in ``10.2/17``, is a shelf mark or a section."""

SEVERAL = re.compile(r"\s|[,;]\s*10\.[0-9]{4}")
"""Signs of several DOIs in one field, which do not count as a DOI."""

HANDLE = re.compile(r"[0-9]+(?:\.[0-9A-Za-z-]+)*/\S+")
ARXIV = re.compile(
    r"(?:[a-z-]+(?:\.[A-Za-z-]+)?/[0-9]{7}|[0-9]{4}\.[0-9]{4,5})(?:v[0-9]+)?"
)
SWHID = re.compile(r"swh:1:(?:cnt|dir|rel|rev|snp):[0-9a-f]{40}(?:;[a-z]+=[^\s;]+)*")
ISBN = re.compile(r"[0-9Xx\s-]+")
ARK = re.compile(r"ark:/?[0-9a-z]{5,}/\S+", re.IGNORECASE)
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:\S+", re.IGNORECASE)
RAID = re.compile(r"10\.[0-9.]{2,}/\S+")

ADDRESS = re.compile(r"(https?://)?(?:www\.|dx\.)?([^/?#\s]+)/(.+)", re.IGNORECASE)
"""An address; users also enter hosts without ``https://``."""

WRITTEN = re.compile(
    r"(doi|hdl|handle|arxiv|raid|pmid|isbn|issn)(?::\s*|\s+)(.+)", re.IGNORECASE
)


def _doi(text: str) -> tuple[str, str] | None:
    text = text.removeprefix("doi:")
    is_doi = PREFIX.match(text) and is_storable_doi(text) and not SEVERAL.search(text)
    return (text, "DOI") if is_doi else None


def _handle(text: str) -> tuple[str, str] | None:
    # Every DOI is also a handle.
    if text.startswith("10."):
        return _doi(text)
    return (text, "Handle") if HANDLE.fullmatch(text) else None


def _arxiv(text: str) -> tuple[str, str] | None:
    text = re.sub(r"^(?:abs|pdf)/|\.pdf$", "", text)
    return (f"arXiv:{text}", "arXiv") if ARXIV.fullmatch(text) else None


def _raid(text: str) -> tuple[str, str] | None:
    return (f"https://raid.org/{text}", "RAiD") if RAID.fullmatch(text) else None


def _pmid(text: str) -> tuple[str, str] | None:
    return (text, "PMID") if text.isascii() and text.isdecimal() else None


def _isbn(text: str) -> tuple[str, str] | None:
    is_one = ISBN.fullmatch(text) and idutils.is_isbn(text)
    return (text, "ISBN") if is_one else None


def _issn(text: str) -> tuple[str, str] | None:
    return (text, "ISSN") if idutils.is_issn(text) else None


def _written(text: str) -> tuple[str, str] | None:
    for pattern, kind in ((SWHID, "SWHID"), (ARK, "ARK"), (URN, "URN")):
        if pattern.fullmatch(text):
            return text, kind
    return None


HOSTS: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "doi.org": _doi,
    "hdl.handle.net": _handle,
    "arxiv.org": _arxiv,
    "raid.org": _raid,
    "archive.softwareheritage.org": _written,
    "pubmed.ncbi.nlm.nih.gov": _pmid,
    "n2t.net": _written,
    "identifiers.org": _written,
    "nbn-resolving.org": _written,
    "nbn-resolving.de": _written,
}
"""Host that resolves an identifier -> function that reads the identifier."""

NAMES = {
    "doi": _doi,
    "hdl": _handle,
    "handle": _handle,
    "arxiv": _arxiv,
    "raid": _raid,
    "pmid": _pmid,
    "isbn": _isbn,
    "issn": _issn,
}
"""Label before an identifier -> function that reads the identifier."""


def _path(text: str) -> str:
    """Return the identifier in a URL path; empty if it is not UTF-8.

    A query or a fragment is meant for the website and is not part of the identifier;
    but SICI DOIs and the qualifiers of a SWHID may contain such characters.
    """
    is_sici = "<" in text or "%3C" in text.upper()
    has_qualifiers = text.startswith("swh:") and ";" in text
    if not (is_sici or has_qualifiers):
        text = re.split("[?#]", text)[0].strip("/")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return ""


def recognized(text: str) -> tuple[str, str] | None:
    """Return (identifier, relatedIdentifierType) of an address or a text.

    The forms are those that DataCite's schema recommends: DOI and Handle bare, arXiv
    with ``arXiv:``, RAiD as an address.

    :returns: None if no identifier is recognized.
    """
    address = ADDRESS.fullmatch(text)
    read = HOSTS.get(address.group(2).lower()) if address else None
    if address and read:
        return read(_path(address.group(3)))
    if address and address.group(1):
        return None
    written = WRITTEN.fullmatch(text)
    if written:
        name, rest = written.group(1).lower(), written.group(2).strip()
        if rest.lower().startswith(("http://", "https://")):
            return recognized(rest)
        return NAMES[name](rest)
    return _doi(text) if text.startswith("10.") else _written(text)


def folded(identifier: str, kind: str) -> str:
    """Return a canonical form that is equal for all spellings of an identifier.

    :param kind: relatedIdentifierType, or identifierType.
    """
    if kind in ("ISBN", "ISSN"):
        return re.sub(r"[\s-]", "", identifier).upper()
    if kind in ("DOI", "Handle"):
        return doi_key(identifier)
    if kind == "ARK":
        return identifier.replace("ark:/", "ark:", 1)
    known = {"RAiD": "https://raid.org/", "arXiv": "arXiv:"}
    return identifier.removeprefix(known.get(kind, ""))

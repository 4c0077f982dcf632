# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Addresses as DataCite takes them: ``xs:anyURI``, as libxml2 reads it.

DataCite checks the XML of a DOI with libxml2 (lupo ``app/validators/xml_schema_
validator.rb``), and libxml2 refuses more than the standard does: a second ``#``, a port
that is no number, brackets anywhere but around an IPv6 address.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import local
from urllib.parse import quote

from lxml import etree

from .text import line

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
IPV6 = re.compile(
    r"^([A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#\[\]@]*@)?)\[([0-9A-Fa-f:.]+)\]"
)
SAFE = ";/?:@&=+$,%~*'()!-._"

SCHEMA = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    '<xs:element name="address" type="xs:anyURI"/></xs:schema>'
)
_own = local()


def uri(value: object) -> str | None:
    """An absolute URI, percent-encoded where it must be; None if it is none."""
    text = line(value)
    if not text or not URI.match(text):
        return None
    text = PERCENT.sub("%25", text)
    host = IPV6.match(text)
    head, rest = (host[0], text[host.end() :]) if host else ("", text)
    rest, mark, fragment = rest.partition("#")
    # A second "#" is part of the fragment, as in addresses of one-page applications.
    text = head + quote(rest, safe=SAFE) + mark + quote(fragment, safe=SAFE)
    return text if URI.fullmatch(text) and is_any_uri(text) else None


@lru_cache(maxsize=4096)
def is_any_uri(text: str) -> bool:
    """Whether DataCite's XML Schema lets it stand as an address."""
    element = etree.Element("address")
    try:
        element.text = text
    except ValueError:
        # What no XML can hold.
        return False
    return bool(_schema().validate(element))


def _schema() -> etree.XMLSchema:
    """One for each thread: a schema keeps its last errors."""
    found: etree.XMLSchema | None = getattr(_own, "schema", None)
    if found is None:
        found = _own.schema = etree.XMLSchema(etree.XML(SCHEMA))
    return found

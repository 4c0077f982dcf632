# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Addresses that DataCite accepts: ``xs:anyURI``, as libxml2 implements it.

DataCite validates the XML of a DOI with libxml2 (lupo ``app/validators/xml_schema_
validator.rb``), and libxml2 is stricter than the standard: it rejects a second ``#``, a
port that is not a number, and brackets anywhere but around an IPv6 address.
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
    """Return a value as an absolute URI, percent-encoded; None if it is not a URI."""
    text = line(value)
    if not text or not URI.match(text):
        return None
    text = PERCENT.sub("%25", text)
    host = IPV6.match(text)
    head, rest = (host[0], text[host.end() :]) if host else ("", text)
    rest, mark, fragment = rest.partition("#")
    # A second "#" is part of the fragment, as in URLs of single-page applications.
    text = head + quote(rest, safe=SAFE) + mark + quote(fragment, safe=SAFE)
    return text if URI.fullmatch(text) and is_any_uri(text) else None


@lru_cache(maxsize=4096)
def is_any_uri(text: str) -> bool:
    """Return whether DataCite's XML Schema accepts a text as an address."""
    element = etree.Element("address")
    try:
        element.text = text
    except ValueError:
        # The text contains characters that are illegal in XML.
        return False
    return bool(_schema().validate(element))


def _schema() -> etree.XMLSchema:
    """Return the schema of this thread; a schema object stores its last errors."""
    found: etree.XMLSchema | None = getattr(_own, "schema", None)
    if found is None:
        found = _own.schema = etree.XMLSchema(etree.XML(SCHEMA))
    return found

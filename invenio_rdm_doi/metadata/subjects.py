# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Subjects: keywords and terms of vocabularies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .addresses import uri
from .source import Entry, Source
from .text import each_once, line, plain

FOS_SCHEME = "Fields of Science and Technology (FOS)"
"""The scheme name that DataCite looks for:
https://support.datacite.org/docs/subject-classification-and-keywords"""

CODE = re.compile(r"[A-Za-z0-9._~\-]+")


def subjects(source: Source) -> list[dict[str, str]]:
    """Return keywords, and subjects of vocabularies with scheme, address and code."""
    entries = [_subject(source, item) for item in source.entries("subjects")]
    # DataCite drops duplicates.
    return each_once(filter(None, entries))


def _subject(source: Source, item: Mapping[str, Any]) -> dict[str, str]:
    identifier = line(item.get("id"))
    entry = source.look_up("subjects", item)
    text = plain(entry.get("subject") or source.translated(entry.get("title"))[0])
    if not identifier:
        return {"subject": text} if text else {}
    name = line(entry.get("scheme"))
    scheme = source.vocabularies.subject_scheme(name) or {} if name else {}
    found = {
        "subject": text or identifier,
        "subjectScheme": FOS_SCHEME if name.upper() == "FOS" else name,
        "schemeUri": uri(scheme.get("uri")),
        "valueUri": _subject_uri(identifier, entry),
        "classificationCode": _code(identifier, entry),
    }
    return {key: value for key, value in found.items() if value}


def _subject_uri(identifier: str, entry: Entry) -> str | None:
    for value in (
        identifier,
        *(other.get("identifier") for other in entry.get("identifiers") or []),
    ):
        address = uri(value)
        if address and address.startswith(("http://", "https://", "urn:")):
            return address
    return None


def _code(identifier: str, entry: Entry) -> str | None:
    """Return the code of a subject, from its entry or from its identifier.

    The code of ``D011817`` with a scheme, ``mesh:D011817`` and ``…/mesh/D011817`` is
    ``D011817``; that of ``…pdf?1.2`` (Fields of Science) is ``1.2``.
    """
    props = entry.get("props") or {}
    for key in ("classification_code", "classificationCode", "notation", "code"):
        if isinstance(props.get(key), str) and CODE.fullmatch(props[key]):
            return props[key]
    code = re.split(r"[:/?#]", identifier)[-1]
    is_code = code != identifier or bool(line(entry.get("scheme")))
    return code if is_code and CODE.fullmatch(code) else None

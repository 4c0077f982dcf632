# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Rights: licenses, copyright, access rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invenio_i18n import lazy_gettext as _

from .addresses import uri
from .source import Source, language_tag
from .text import from_html, line, plain

RIGHTS_LENGTH = 2000
"""Characters; DataCite refuses longer texts (lupo ``app/models/doi.rb``)."""

SPDX = "https://spdx.org/licenses/"
IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"


def rights_list(source: Source) -> list[dict[str, str]]:
    """Return licenses, the copyright statement and, if configured, access rights."""
    found = [_right(source, item) for item in source.entries("rights")]
    if source.options.access_rights:
        status = _access_status(source)
        found.append({"rightsUri": f"info:eu-repo/semantics/{status}Access"})
    notice = line(from_html(source.metadata.get("copyright")))
    if notice:
        text = _cut(source, notice, "metadata.copyright")
        found.append({"rights": text, "rightsUri": IN_COPYRIGHT})
    return [entry for entry in found if entry]


def _cut(source: Source, text: str, where: str) -> str:
    if len(text) > RIGHTS_LENGTH:
        source.note(where, _("DataCite keeps only the first 2000 characters."))
    return text[:RIGHTS_LENGTH].strip()


def _right(source: Source, item: Mapping[str, Any]) -> dict[str, str]:
    entry = source.look_up("licenses", item)
    props = entry.get("props") or {}
    title, locale = source.translated(entry.get("title"))
    text = plain(title)
    if not item.get("id"):
        # A license that was entered by hand: the description is its statement.
        statement, _locale = source.translated(entry.get("description"))
        said = line(from_html(statement))
        text = ": ".join(part for part in (text, said) if part)
    found = {
        "rights": _cut(source, text, "metadata.rights"),
        "rightsUri": uri(props.get("url") or entry.get("link")),
    }
    if item.get("id"):
        scheme = line(props.get("scheme"))
        found["rightsIdentifier"] = line(item["id"])
        if scheme.lower() == "spdx":
            found |= {"rightsIdentifierScheme": "SPDX", "schemeUri": SPDX}
        elif scheme:
            found["rightsIdentifierScheme"] = scheme
    elif text and language_tag(locale):
        found["lang"] = language_tag(locale)
    return {key: value for key, value in found.items() if value}


def _access_status(source: Source) -> str:
    """Return the access status as a term of https://guidelines.openaire.eu.

    These are ``closed``, ``embargoed``, ``open`` and ``restricted``.
    """
    access = source.record.get("access") or {}
    if (access.get("embargo") or {}).get("active"):
        return "embargoed"
    if "restricted" in (access.get("record"), access.get("files")):
        return "restricted"
    return "open" if source.has_files else "closed"

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading and checking of the settings for metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.utils import import_string

from ..metadata.source import Dumper

Complain = Callable[[str], None]

PUBLISHER_SCHEMES = {
    "https://ror.org/": "ROR",
    "https://isni.org/isni/": "ISNI",
    "https://www.wikidata.org/wiki/": "Wikidata",
    "https://doi.org/10.17616/": "re3data",
}
"""Beginning of an address -> publisherIdentifierScheme."""

PUBLISHER_KEYS = {
    "identifier": "publisherIdentifier",
    "scheme": "publisherIdentifierScheme",
    "scheme_uri": "schemeUri",
}


def publishers(value: Any, complain: Complain) -> dict[str, dict[str, str]]:
    """Return publisher identifiers in DataCite's terms, by lower-case publisher."""
    if not isinstance(value, Mapping):
        complain('must be like {"Our Institute": "https://ror.org/00example"}.')
        return {}
    found = {}
    for name, identifier in value.items():
        read = _publisher(identifier)
        if read:
            found[" ".join(str(name).lower().split())] = read
        else:
            complain(
                f"the identifier of {name!r} must be an address that begins with "
                f"{', '.join(PUBLISHER_SCHEMES)}, or "
                '{"identifier": …, "scheme": …, "scheme_uri": …}.'
            )
    return found


def dumpers(value: Any, complain: Complain) -> tuple[Dumper, ...]:
    """Return the site's own functions, imported."""
    if not isinstance(value, list | tuple):
        complain('must be a list, such as ["my_site.doi:add_curator"].')
        return ()
    found = []
    for dumper in value:
        try:
            dumper = import_string(dumper) if isinstance(dumper, str) else dumper
        except ImportError as error:
            complain(f"{dumper!r} cannot be imported: {str(error).splitlines()[0]}")
            continue
        if callable(dumper):
            found.append(dumper)
        else:
            complain(f"{dumper!r} is not a function.")
    return tuple(found)


def _publisher(value: Any) -> dict[str, str] | None:
    """Return a publisher identifier in DataCite's terms (schema 4.7, property 4)."""
    if isinstance(value, str):
        for base, scheme in PUBLISHER_SCHEMES.items():
            if value.startswith(base) and value != base:
                uri = base.removesuffix("10.17616/").rstrip("/")
                uri = "https://www.re3data.org" if scheme == "re3data" else uri
                return {
                    "publisherIdentifier": value,
                    "publisherIdentifierScheme": scheme,
                    "schemeUri": uri,
                }
        return None
    if not isinstance(value, Mapping) or not {"identifier", "scheme"} <= set(value):
        return None
    if set(value) - set(PUBLISHER_KEYS) or not all(map(_is_text, value.values())):
        return None
    return {PUBLISHER_KEYS[key]: value[key] for key in value}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())

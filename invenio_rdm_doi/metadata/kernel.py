# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The JSON Schema of DataCite's REST payload, and its controlled lists."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

MAPPING = 2
"""Version of the mapping. It increases whenever the mapping's result changes:

2. citations (``types``), conferences, identifiers that were entered with another type,
   links, places across the date line, editors among the creators
"""


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of metadata schema 4.7; see its own description."""
    source = files(__package__) / "schemas" / "datacite-v4.7.json"
    return json.loads(source.read_text("utf-8"))


@cache
def allowed(name: str) -> frozenset[str]:
    """Return the values of a controlled list, such as ``relationType``.

    Source: https://schema.datacite.org/meta/kernel-4.7/include/
    """
    return frozenset(json_schema()["$defs"][name]["enum"])


@cache
def spelling(name: str) -> dict[str, str]:
    """Return a controlled list by lower-case spelling: ``swhid`` -> ``SWHID``."""
    return {value.lower(): value for value in allowed(name)}

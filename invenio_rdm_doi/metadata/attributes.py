# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The attributes of a DataCite DOI: the complete set, and the empty one."""

from __future__ import annotations

from typing import Any

Attributes = dict[str, Any]
"""``data.attributes`` of DataCite's REST API."""

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"
"""Exactly this: any other value switches DataCite's validation off."""

LISTS = (
    "creators",
    "titles",
    "subjects",
    "contributors",
    "dates",
    "identifiers",
    "relatedIdentifiers",
    "relatedItems",
    "sizes",
    "formats",
    "rightsList",
    "descriptions",
    "geoLocations",
    "fundingReferences",
    "contentUrl",
)
VALUES = ("publisher", "publicationYear", "types", "language", "version")


def complete(metadata: Attributes) -> Attributes:
    """Every attribute that DataCite stores, empty ones as ``[]`` or None.

    What DataCite does not know is not left out here: the schema tells of it.

    DataCite keeps what a PUT leaves out, so that a removed subject would stay for
    ever (lupo ``spec/requests/datacite_dois/patch_spec.rb:783-980``).
    """
    attributes: Attributes = dict(metadata)
    attributes |= {name: metadata.get(name) or [] for name in LISTS}
    attributes |= {name: metadata.get(name) for name in VALUES}
    attributes["schemaVersion"] = SCHEMA_VERSION
    return attributes

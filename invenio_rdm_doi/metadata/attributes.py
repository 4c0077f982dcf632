# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The complete set of attributes of a DataCite DOI, including the empty ones."""

from __future__ import annotations

from typing import Any

Attributes = dict[str, Any]
"""``data.attributes`` of DataCite's REST API."""

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"
"""Must be exactly this: any other value switches DataCite's validation off."""

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
    """Return every attribute that DataCite stores, with empty ones as ``[]`` or None.

    Unknown attributes are not removed here: the schema validation reports them.

    DataCite keeps the attributes that a PUT omits, so that a removed subject would
    remain forever (lupo ``spec/requests/datacite_dois/patch_spec.rb:783-980``).
    """
    attributes: Attributes = dict(metadata)
    attributes |= {name: metadata.get(name) or [] for name in LISTS}
    attributes |= {name: metadata.get(name) for name in VALUES}
    attributes["schemaVersion"] = SCHEMA_VERSION
    return attributes

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The vocabulary entries that the tests' records use."""

from __future__ import annotations

from invenio_access.permissions import system_identity
from invenio_vocabularies.proxies import current_service
from invenio_vocabularies.records.api import Vocabulary

ENTRIES = {
    "languages": ("lng", [{"id": "eng"}, {"id": "deu"}]),
    "resourcetypes": (
        "rsrct",
        [
            {
                "id": "dataset",
                "props": {"datacite_general": "Dataset", "datacite_type": ""},
                "tags": ["depositable", "linkable"],
            },
            {
                "id": "poster",
                "props": {"datacite_general": "Poster", "csl": "graphic"},
                "tags": ["depositable", "linkable"],
            },
            {
                "id": "image-photo",
                "props": {"datacite_general": "Image", "datacite_type": "Photo"},
                "tags": ["depositable", "linkable"],
            },
        ],
    ),
    "titletypes": (
        "ttyp",
        [{"id": "subtitle", "props": {"datacite": "Subtitle"}}],
    ),
    "descriptiontypes": (
        "dty",
        [{"id": "methods", "props": {"datacite": "Methods"}}],
    ),
    "creatorsroles": ("crr", [{"id": "editor", "props": {"datacite": "Editor"}}]),
    "contributorsroles": (
        "cor",
        [
            {"id": "editor", "props": {"datacite": "Editor"}},
            {"id": "translator", "props": {"datacite": "Translator"}},
            {"id": "other", "props": {"datacite": "Other"}},
        ],
    ),
    "datetypes": (
        "dat",
        [
            {"id": "collected", "props": {"datacite": "Collected"}},
            {"id": "coverage", "props": {"datacite": "Coverage"}},
        ],
    ),
    "relationtypes": (
        "rlt",
        [
            {"id": "cites", "props": {"datacite": "Cites"}},
            {"id": "issupplementto", "props": {"datacite": "IsSupplementTo"}},
        ],
    ),
    "licenses": (
        "lic",
        [
            {
                "id": "cc-by-4.0",
                "props": {
                    "url": "https://creativecommons.org/licenses/by/4.0/legalcode",
                    "scheme": "spdx",
                },
                "tags": ["recommended", "all"],
            }
        ],
    ),
    "removalreasons": ("rem", [{"id": "spam", "tags": ["deletion-request"]}]),
}
"""Vocabulary -> (PID type, entries)."""


def create_vocabularies() -> None:
    """Create all entries and make them searchable."""
    for vocabulary, (pid_type, entries) in ENTRIES.items():
        current_service.create_type(system_identity, vocabulary, pid_type)
        for entry in entries:
            title = {"en": entry["id"].title()}
            current_service.create(
                system_identity, {"title": title, **entry, "type": vocabulary}
            )
    Vocabulary.index.refresh()

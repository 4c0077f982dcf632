# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Vocabulary entries: InvenioRDM's own, and additional ones of a site."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

FIXTURES = files("invenio_rdm_records") / "fixtures" / "data" / "vocabularies"

HOST = {
    "resourcetypes": "resource_types.yaml",
    "titletypes": "title_types.yaml",
    "descriptiontypes": "description_types.yaml",
    "datetypes": "date_types.yaml",
    "relationtypes": "relation_types.yaml",
    "contributorsroles": "roles.yaml",
    "creatorsroles": "roles.yaml",
    "removalreasons": "removal_reasons.yaml",
    "code:developmentStatus": "contrib/codemeta/development_status.yaml",
}

LANGUAGES = {"eng": "en", "deu": "de", "ara": "ar", "zho": "zh", "gsw": "", "fry": "fy"}

AFFILIATIONS = [
    {
        "id": "04sk0et52",
        "name": "Royal Netherlands Institute for Sea Research",
        "identifiers": [
            {"scheme": "isni", "identifier": "0000000122275754"},
            {"scheme": "ror", "identifier": "04sk0et52"},
        ],
    },
    {
        "id": "old",
        "name": "Institute of Old Numbers",
        "identifiers": [{"scheme": "grid", "identifier": "grid.1234.5"}],
    },
    {"id": "bare", "name": "Institute without Numbers"},
]
FUNDERS = [
    {
        "id": "00k4n6c32",
        "name": "European Commission",
        "identifiers": [
            {"scheme": "doi", "identifier": "10.13039/501100000780"},
            {"scheme": "ror", "identifier": "00k4n6c32"},
        ],
    },
    {
        "id": "registry",
        "name": "Funder of the Registry",
        "identifiers": [{"scheme": "doi", "identifier": "10.13039/100000001"}],
    },
    {
        "id": "gnd",
        "name": "Stiftung",
        "identifiers": [{"scheme": "gnd", "identifier": "gnd:2007744-0"}],
    },
    {"id": "bare", "name": "Funder without Numbers"},
]
AWARDS = [
    {
        "id": "00k4n6c32::101057437",
        "number": "101057437",
        "title": {"de": "Gezeiten", "nl": "Getijden"},
        "acronym": "TIDE",
        "identifiers": [
            {"scheme": "url", "identifier": "https://cordis.europa.eu/101057437"},
            {"scheme": "doi", "identifier": "10.3030/101057437"},
        ],
    }
]
SUBJECTS = [
    {
        "id": "http://www.oecd.org/science/inno/38235147.pdf?1.5",
        "subject": "Earth and related environmental sciences",
        "scheme": "FOS",
    },
    {
        "id": "mesh:D009791",
        "subject": "Oceans and Seas",
        "scheme": "MeSH",
        "identifiers": [
            {"scheme": "url", "identifier": "https://id.nlm.nih.gov/mesh/D009791"}
        ],
    },
    {
        "id": "http://data.europa.eu/8mn/euroscivoc/oceanography",
        "subject": "oceanography",
        "scheme": "EuroSciVoc",
        "props": {"classification_code": "23.55"},
    },
    {"id": "local:9", "subject": "Wadden Sea", "scheme": "Local"},
]
SUBJECT_SCHEMES = {
    "FOS": {"uri": "http://www.oecd.org/science/inno/38235147.pdf"},
    "MeSH": {"uri": "http://id.nlm.nih.gov/mesh/"},
    "EuroSciVoc": {"uri": "https://op.europa.eu/en/web/eu-vocabularies/euroscivoc"},
}
OTHERS = {
    # Entries of a site that DataCite does not have.
    "relationtypes": [
        {"id": "issetto", "title": {"en": "Is set to music in"}, "props": {}}
    ],
    "resourcetypes": [{"id": "score", "title": {"en": "Musical score"}, "props": {}}],
    "contributorsroles": [{"id": "patron", "title": {"en": "Patron"}, "props": {}}],
    "datetypes": [{"id": "found", "title": {"en": "Found"}, "props": {}}],
    "titletypes": [{"id": "running", "title": {"en": "Running title"}}],
    "descriptiontypes": [{"id": "provenance", "title": {"en": "Provenance"}}],
    "licenses": [
        {
            "id": "house",
            "title": {"de": "Hauslizenz"},
            "props": {"url": "https://example.org/license", "scheme": "House list"},
        }
    ],
    "code:programmingLanguages": [
        {"id": "python", "title": {"en": "Python"}},
        {"id": "fortran", "title": {"en": "Fortran"}},
    ],
    "affiliations": AFFILIATIONS,
    "funders": FUNDERS,
    "awards": AWARDS,
    "subjects": SUBJECTS,
}


@cache
def entries(vocabulary: str) -> dict[str, dict[str, Any]]:
    """Return all entries of a vocabulary by their identifiers."""
    found = [*_host(vocabulary), *OTHERS.get(vocabulary, [])]
    return {entry["id"]: entry for entry in found}


def _host(vocabulary: str) -> Iterable[dict[str, Any]]:
    if vocabulary in HOST:
        text = (FIXTURES / HOST[vocabulary]).read_text("utf-8")
        return yaml.load(text, yaml.CSafeLoader)
    if vocabulary == "languages":
        return [
            {"id": code, "props": {"alpha_2": short}, "title": {"en": code}}
            for code, short in LANGUAGES.items()
        ]
    return _licenses() if vocabulary == "licenses" else []


def _licenses() -> Iterable[dict[str, Any]]:
    lines = (FIXTURES / "licenses.csv").read_text("utf-8").splitlines()
    for row in csv.DictReader(lines):
        yield {
            "id": row["id"],
            "title": {"en": row["title__en"]},
            "props": {"url": row["props__url"], "scheme": row["props__scheme"]},
        }


class FixedVocabularies:
    """Entries without a database; requests for entries not loaded are recorded."""

    def __init__(self) -> None:
        self.loaded: set[tuple[str, str]] = set()
        self.missed: set[tuple[str, str]] = set()

    def load(self, references) -> None:
        self.loaded |= set(references)

    def get(self, vocabulary: str, identifier: str):
        if (vocabulary, identifier) not in self.loaded:
            self.missed.add((vocabulary, identifier))
        return entries(vocabulary).get(identifier)

    def subject_scheme(self, scheme: str):
        return SUBJECT_SCHEMES.get(scheme)

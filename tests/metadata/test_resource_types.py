# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Mapping of InvenioRDM's resource types to DataCite's, also in citations."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from datacite_sandbox.tables import other_types
from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.metadata.comparison import differences
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.resource_types import CSL_TYPES, citation
from tests.metadata.entries import FIXTURES, HOST

from .records import record, source
from .test_round_trip import AUTH

TABLE = Path(__file__).parents[2] / "docs" / "resource-types.csv"
"""The source of a table in ``docs/metadata.rst``."""

KEYS = {
    "DataCite": "resourceTypeGeneral",
    "schema.org": "schemaOrg",
    "CSL": "citeproc",
    "BibTeX": "bibtex",
    "RIS": "ris",
}

with TABLE.open(encoding="utf-8", newline="") as rows:
    EXPECTED = {
        row["InvenioRDM"]: {KEYS[name]: row[name] for name in KEYS}
        for row in csv.DictReader(rows)
    }


def payload_of_type(identifier: str) -> dict[str, Any]:
    """Return the payload for a record of a type."""
    described = describe_record(source(record(identifier)))
    url = "https://repository.example.org/doi/10.1234/types"
    return {**complete(described.attributes), "doi": "10.1234/types", "url": url}


def vocabulary():
    text = (FIXTURES / HOST["resourcetypes"]).read_text("utf-8")
    return {entry["id"]: entry for entry in yaml.safe_load(text)}


def test_all_types_of_the_host_are_here():
    assert set(EXPECTED) == set(vocabulary())


@pytest.mark.parametrize("identifier", EXPECTED)
def test_datacite_cites_it_as_what_it_is(identifier, sandbox):
    """DataCite creates citations from the stored types: the sent ones, not a guess."""
    attributes = payload_of_type(identifier)
    sent = attributes["types"]
    assert sent["citeproc"] in CSL_TYPES
    url = f"{sandbox.url}/dois/10.1234/types"
    data = {"type": "dois", "attributes": attributes | {"event": "publish"}}
    answer = requests.put(url, json={"data": data}, auth=AUTH, timeout=10)
    assert answer.ok, answer.text
    kept = answer.json()["data"]["attributes"]["types"]
    assert kept.items() >= EXPECTED[identifier].items()
    assert {key: kept[key] for key in sent} == sent


def test_datacites_guess_is_wrong_for_most():
    """Without the sent types, a book or software would be cited as an article."""
    wrong = []
    for identifier, expected in EXPECTED.items():
        special = payload_of_type(identifier)["types"].get("resourceType")
        guess = other_types(expected["resourceTypeGeneral"], special)
        if guess["citeproc"] != expected["citeproc"]:
            wrong.append(identifier)
    assert len(wrong) >= 30
    assert {"publication-book", "software", "poster"} <= set(wrong)


@pytest.mark.parametrize(
    "special, bibtex",
    [
        ("PhD thesis", "phdthesis"),
        ("Master's thesis", "mastersthesis"),
        ("Magisterarbeit", "mastersthesis"),
        ("Bachelor thesis", "misc"),
        ("M.Sc. thesis", "mastersthesis"),
        ("Doctorate in Remastering", "phdthesis"),
        ("Mémoire", "misc"),
        ("", "phdthesis"),
    ],
)
def test_theses(special, bibtex):
    assert citation({}, "Dissertation", special).bibtex == bibtex


@pytest.mark.parametrize(
    "props, csl, schema_org",
    [
        ({"csl": "map", "schema.org": "https://schema.org/Map"}, "map", "Map"),
        ({"csl": "journal", "schema.org": "schema:other"}, "dataset", "Dataset"),
        ({"csl": 7, "schema.org": ["Map"]}, "dataset", "Dataset"),
        ({}, "dataset", "Dataset"),
    ],
)
def test_what_a_site_says_of_its_own_types(props, csl, schema_org):
    found = citation({"props": props}, "Dataset")
    assert (found.csl, found.schema_org) == (csl, schema_org)


def test_what_an_older_mapping_did_not_send_is_no_difference():
    """DataCite derived these types itself; a change in Fabrica is a difference."""
    sent = payload_of_type("publication-book")
    guess = other_types("Book", None)
    served = {**sent, "types": {**sent["types"], **guess}}
    assert differences(sent, served) == ["types"]
    assert differences(sent, served, mapping=1) == []
    moved = {**served, "types": {**guess, "resourceTypeGeneral": "Report"}}
    assert differences(sent, moved, mapping=1) == ["types"]

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Real records of public repositories, if available in ``../shared/records``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.validation import validate
from tests.metadata.entries import entries

from .judge import judge
from .records import source
from .test_xml import complaints

TYPES = set(entries("resourcetypes"))

FOUND = sorted((Path(__file__).parents[3] / "shared" / "records").glob("*.json"))


def read(path: Path):
    data = json.loads(path.read_text("utf-8"))["record"]
    # One of them is a draft without a publication date.
    data["metadata"]["publication_date"] = (
        data["metadata"].get("publication_date") or "2026-05-04"
    )
    if data["metadata"]["resource_type"]["id"] not in TYPES:
        # The repository has resource types of its own, which need entries.
        data["metadata"]["resource_type"] = {"id": "other"}
    return source(data)


def payload(path: Path):
    return {
        "doi": "10.1234/abc",
        **complete(describe_record(read(path)).attributes),
        "url": "https://repository.example.org/doi/10.1234/abc",
    }


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_datacite_takes_it(path):
    assert validate(payload(path), "findable") == []
    assert judge(payload(path)) == []
    assert complaints(payload(path)) == []

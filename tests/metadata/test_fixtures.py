# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Every record has the payload that was reviewed and approved.

``python -m tests.metadata.test_fixtures`` rewrites the payloads; review the differences
before you commit them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.validation import validate

from .judge import judge
from .records import all_records

EXPECTED = Path(__file__).parent / "expected"
RECORDS = all_records()


def described(name: str) -> dict:
    """Return the data that is stored for a record: payload and warnings."""
    description = describe_record(RECORDS[name])
    return {
        "payload": description.attributes,
        "warnings": [note.to_dict() for note in description.notes],
    }


def payload(name: str) -> dict:
    """Return the payload that would be sent."""
    return {
        "doi": "10.1234/abc",
        **complete(describe_record(RECORDS[name]).attributes),
        "url": "https://repository.example.org/doi/10.1234/abc",
    }


def test_there_are_enough_and_none_too_many():
    assert len(RECORDS) >= 30
    assert {path.stem for path in EXPECTED.glob("*.json")} == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_payload(name):
    expected = json.loads((EXPECTED / f"{name}.json").read_text("utf-8"))
    assert described(name) == expected


@pytest.mark.parametrize("name", RECORDS)
def test_payload_is_valid(name):
    assert validate(payload(name), "findable") == []
    assert judge(payload(name)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_nothing_is_changed_and_nothing_is_left_to_chance(name):
    source = RECORDS[name]
    before = deepcopy(source.record)
    first = json.dumps(describe_record(source).attributes)
    assert source.record == before
    assert json.dumps(describe_record(source).attributes) == first


@pytest.mark.parametrize("name", RECORDS)
def test_all_entries_are_fetched_at_once(name):
    describe_record(RECORDS[name])
    assert RECORDS[name].vocabularies.missed == set()


def write() -> None:
    """Rewrite all expected payloads."""
    EXPECTED.mkdir(exist_ok=True)
    for name in RECORDS:
        text = json.dumps(described(name), indent=1, ensure_ascii=False)
        (EXPECTED / f"{name}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    write()

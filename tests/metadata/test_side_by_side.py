# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Comparison with InvenioRDM's own mapping: this package's payloads have no less.

``docs/metadata.rst`` contains the table, which includes commonmeta-py. The latter needs
another environment, so its values were counted once.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from invenio_rdm_records.resources.serializers.datacite import (
    DataCite45JSONSerializer,
    schema,
)

from invenio_rdm_doi.metadata.attributes import LISTS, VALUES
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.references import fields

from .entries import entries
from .test_fixtures import RECORDS

DOCS = Path(__file__).parents[2] / "docs" / "metadata.rst"

CRASHED: set[str] = set()
"""Records that InvenioRDM's serializer cannot describe."""

IN_ITEMS = "the journal is a related item, with title, volume, issue and pages"
UNTIDY = "what is blank, or there twice, is left out"
POORER = {
    ("article-in-journal", "relatedIdentifiers"): IN_ITEMS,
    ("article-with-number", "relatedIdentifiers"): IN_ITEMS,
    ("untidy-text", "sizes"): UNTIDY,
    ("untidy-text", "subjects"): UNTIDY,
    ("untidy-text", "titles"): UNTIDY,
}
"""Record and property -> why this package's payload has fewer values."""


@pytest.fixture()
def builtin(app, monkeypatch):
    """Return InvenioRDM's serializer with the same vocabularies and no database."""

    def props(vocabulary, _fields, id_):
        return entries(vocabulary).get(id_, {}).get("props", {})

    monkeypatch.setattr(schema, "get_vocabulary_props", props)
    serializer = DataCite45JSONSerializer()

    def describe(record):
        with app.test_request_context():
            return serializer.dump_obj(dereferenced(record))

    return describe


def dereferenced(record):
    """Return a record as InvenioRDM's services show it, with dereferenced entries."""
    shown = deepcopy(dict(record))
    for _field, vocabulary, item in fields(shown):
        item.update(deepcopy(entries(vocabulary).get(item["id"], {})) | dict(item))
    return {"id": "abc", "parent": {"id": "def", "pids": {}}, "links": {}, **shown}


def values(found: Any) -> int:
    """Count the values, at any depth."""
    if isinstance(found, dict):
        return sum(values(value) for value in found.values())
    if isinstance(found, list | tuple):
        return sum(values(value) for value in found)
    return int(found not in (None, ""))


def counted(attributes: dict[str, Any]) -> Counter[str]:
    names = (*LISTS, *VALUES)
    return Counter({name: values(attributes.get(name)) for name in names})


@pytest.mark.parametrize("name", RECORDS)
def test_nowhere_poorer(name, builtin):
    try:
        theirs = counted(builtin(RECORDS[name].record))
    except Exception:
        # InvenioRDM's serializer cannot describe this record at all.
        theirs = Counter()
    ours = counted(describe_record(RECORDS[name]).attributes)
    poorer = {
        key for key in theirs if ours[key] < theirs[key] and (name, key) not in POORER
    }
    assert poorer == set(), {key: (theirs[key], ours[key]) for key in poorer}


def test_it_describes_what_the_host_cannot(builtin):
    """This package describes all of them: see ``test_fixtures``."""
    crashed = set()
    for name in RECORDS:
        try:
            builtin(RECORDS[name].record)
        except Exception:
            crashed.add(name)
    assert crashed == CRASHED


def test_the_table_of_the_documentation(builtin):
    theirs: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for item in RECORDS.values():
        theirs += counted(builtin(item.record))
        ours += counted(describe_record(item).attributes)
    table = re.findall(r"^(\w+) +(\d+) +(\d+) +\d+$", DOCS.read_text("utf-8"), re.M)
    assert {name: (int(one), int(two)) for name, one, two in table} == {
        name: (theirs[name], ours[name]) for name in ours
    }

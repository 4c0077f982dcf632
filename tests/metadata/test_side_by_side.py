# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The host's own description beside this package's: nowhere is ours poorer.

``docs/metadata.rst`` has the table, with commonmeta-py, too; that one needs another
environment, and was counted once.
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
"""Records that the host's serializer cannot describe."""

IN_ITEMS = "the journal is a related item, with title, volume, issue and pages"
UNTIDY = "what is blank, or there twice, is left out"
POORER = {
    ("article-in-journal", "relatedIdentifiers"): IN_ITEMS,
    ("article-with-number", "relatedIdentifiers"): IN_ITEMS,
    ("untidy-text", "sizes"): UNTIDY,
    ("untidy-text", "subjects"): UNTIDY,
    ("untidy-text", "titles"): UNTIDY,
}
"""Record and property: why ours has fewer values."""


@pytest.fixture()
def builtin(app, monkeypatch):
    """The host's serializer, with the same vocabularies and without a database."""

    def props(vocabulary, _fields, id_):
        return entries(vocabulary).get(id_, {}).get("props", {})

    monkeypatch.setattr(schema, "get_vocabulary_props", props)
    serializer = DataCite45JSONSerializer()

    def describe(record):
        with app.test_request_context():
            return serializer.dump_obj(dereferenced(record))

    return describe


def dereferenced(record):
    """A record as the host's services show it: with the entries behind identifiers."""
    shown = deepcopy(dict(record))
    for _field, vocabulary, item in fields(shown):
        item.update(deepcopy(entries(vocabulary).get(item["id"], {})) | dict(item))
    return {"id": "abc", "parent": {"id": "def", "pids": {}}, "links": {}, **shown}


def values(found: Any) -> int:
    """How many values there are, at any depth."""
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
        # It cannot describe this one at all.
        theirs = Counter()
    ours = counted(describe_record(RECORDS[name]).attributes)
    poorer = {
        key for key in theirs if ours[key] < theirs[key] and (name, key) not in POORER
    }
    assert poorer == set(), {key: (theirs[key], ours[key]) for key in poorer}


def test_it_describes_what_the_host_cannot(builtin):
    """Ours describes all: see ``test_fixtures``."""
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

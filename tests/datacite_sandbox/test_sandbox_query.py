# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The query parameter of the list: the part of Lucene's syntax that is understood."""

from __future__ import annotations

import pytest

from .helpers import KERNEL_4, metadata


@pytest.fixture()
def three(owner, clock):
    """DOIs written on 1 January, 2 January and 2 March 2026."""
    owner.put(
        "10.14454/one",
        **metadata(
            event="publish",
            url="https://example.org/one",
            titles=[{"title": "Red dogs and cats"}],
            creators=[{"name": "Fenner, Martin"}],
            subjects=[{"subject": "veterinary medicine"}],
            version="1.0",
        ),
    )
    clock.tick(86400)
    owner.put(
        "10.14454/two",
        **metadata(
            event="register",
            titles=[{"title": "Blue dogs"}],
            publisher="Zenodo",
            publicationYear=2020,
        ),
    )
    clock.tick(59 * 86400)
    owner.put(
        "10.14454/Three-3",
        **metadata(
            titles=[{"title": "Green birds"}],
            types={"resourceTypeGeneral": "Dataset"},
            fundingReferences=[{"funderName": "EU", "awardNumber": "42"}],
            schemaVersion=f"{KERNEL_4}.5",
            source="test",
        ),
    )
    return owner


def found(client, query):
    answer = client.get("/dois", query=query, sort="created")
    assert answer.status_code == 200, answer.text
    names = {"one": "1", "two": "2", "three-3": "3"}
    return "".join(names[item["id"][9:]] for item in answer.json()["data"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "123"),
        ("*", "123"),
        ("*:*", "123"),
        # dates
        ("updated:[2026-01-02 TO *]", "23"),
        ("updated:[2026-01-02T00:00:00Z TO *]", "23"),
        ("updated:[2026-01-02T00:00:00.000Z TO *]", "23"),
        ("updated:{2026-01-02T00:00:00Z TO *]", "3"),
        ("updated:{2026-01-02 TO *]", "3"),
        ("updated:[* TO 2026-01-02]", "12"),
        ("updated:[* TO 2026-01-02}", "1"),
        ("updated:[2026-01 TO 2026-02]", "12"),
        ("updated:[2026 TO 2026]", "123"),
        ("updated:2026-01-01", "1"),
        ("updated:>=2026-01-02", "23"),
        ("updated:>2026-01-02", "3"),
        ("updated:<2026-01-02", "1"),
        ("created:[2026-03-01 TO 2026-03-31]", "3"),
        ("registered:*", "12"),
        ("updated:[now TO *]", ""),
        # keywords
        ("doi:10.14454/one", "1"),
        ("doi:10.14454/THREE-3", "3"),
        ('doi:"10.14454/one"', "1"),
        ("doi:10.14454\\/one", "1"),
        ("doi:10.14454/t*", "23"),
        ("doi:*/tw?", "2"),
        ("uid:10.14454/two", "2"),
        ("doi:(10.14454/one OR 10.14454/two)", "12"),
        ("aasm_state:findable", "1"),
        ("aasm_state:(findable OR draft)", "13"),
        ("state:findable", ""),  # not a field of the index
        ("prefix:10.14454", "123"),
        ("client_id:test.repo", "123"),
        ("publicationYear:2020", "2"),
        ("publication_year:[2017 TO 2021]", "2"),
        ("source:test", "3"),
        ('schemaVersion:"http://datacite.org/schema/kernel-4.5"', "3"),
        ("version:1.0", "1"),  # dois_spec:230
        ('url:"https://example.org/one"', "1"),
        # metadata
        ("titles.title:dogs", "12"),
        ("titles.title:DOGS", "12"),
        ('titles.title:"Blue dogs"', "2"),
        ("titles.title:bl*", "2"),
        ("creators.name:fenner", "123"),
        ("creators.name:nobody", ""),
        ("publisher:Zenodo", "2"),
        ("publisher.name:Zenodo", "2"),
        ("types.resourceTypeGeneral:Dataset", "3"),
        ("fundingReferences.awardNumber:42", "3"),
        ("_exists_:fundingReferences.funderName", "3"),
        ("_exists_:version", "1"),
        ("_exists_:doi", "123"),
        ("updated:[now-1d TO *]", ""),
        ("titles.title:[a TO b]", ""),  # ranges of text are left out
        ("nonsense:x", ""),
        # words and operators
        ("dogs", "12"),
        ("dogs blue", "2"),
        ("dogs AND blue", "2"),
        ("blue OR birds", "23"),
        ("dogs -blue", "1"),
        ("dogs NOT blue", "1"),
        ("NOT dogs", "3"),
        ("+dogs +red", "1"),
        ("(red OR green) AND dogs", "1"),
        ('"veterinary medicine"', "1"),
        ("titles.title:dogs AND updated:[2026-01-02 TO *]", "2"),
    ],
)
def test_queries(three, query, expected):
    assert found(three, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "titles:(",
        "doi:",
        "a:b:c",
        "url:https://example.org",
        'titles.title:"open',
        "updated:[2026 TO",
        "updated:[2026]",
        "updated:>",
        "doi:(10.14454/one",
        "doi:OR",
        "(dogs",
        "updated:[yesterday TO *]",
        "updated:2026-13-01",
        "a AND",
        "OR a",
        "a AND OR b",
        ")",
        "NOT",
    ],
)
def test_a_bad_query_is_a_400_in_the_shape_of_the_index(three, query):
    """DC:440-450: ``errors`` is an object."""
    answer = three.get("/dois", query=query)
    assert answer.status_code == 400
    assert answer.json().keys() == {"errors"}
    assert answer.json()["errors"].keys() == {"title"}


def test_a_query_works_with_filters_and_cursor(three):
    answer = three.get("/dois", query="dogs", state="registered", **{"page[cursor]": 1})
    assert [item["id"] for item in answer.json()["data"]] == ["10.14454/two"]
    assert answer.json()["meta"]["total"] == 1

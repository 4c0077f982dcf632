# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The table in ``docs/metadata.rst`` agrees with the code."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from invenio_rdm_records.services.schemas.metadata import MetadataSchema

from invenio_rdm_doi.metadata.attributes import LISTS, VALUES
from invenio_rdm_doi.metadata.describe import describe_record

from .records import JOURNAL, MEETING, OPTIONS, RELATED, person, point, record, source
from .test_any_record import FIELDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "metadata.rst"
ROW = re.compile(
    r"^   \* - ``(?P<field>[\w.:]+)``\n     - (?P<properties>[\w, ]+)$", re.M
)
ROWS = {
    match["field"]: set(match["properties"].split(", "))
    for match in ROW.finditer(DOCUMENT.read_text("utf-8"))
}

THESIS = {
    "university": "Groningen",
    "type": "PhD",
    "date_submitted": "2025",
    "date_defended": "2026",
}
EVERYTHING = record(
    "publication-dissertation",
    {
        "journal:journal": JOURNAL,
        "imprint:imprint": {"title": "Proceedings", "isbn": "978-3-16-148410-0"},
        "meeting:meeting": MEETING,
        "thesis:thesis": THESIS,
        "code:codeRepository": "https://github.com/example/tides",
        "code:programmingLanguage": [{"id": "python"}],
        "code:developmentStatus": {"id": "active"},
    },
    access={
        "record": "public",
        "files": "restricted",
        "embargo": {"active": False, "until": "2031-01-31"},
    },
    pids={"oai": {"identifier": "oai:example.org:abc"}},
    additional_titles=[{"title": "Ebb", "type": {"id": "subtitle"}}],
    creators=[person("Petersen", "Frauke", role={"id": "translator"})],
    contributors=[person("Haan", "Tineke", role={"id": "editor"})],
    dates=[{"date": "2019", "type": {"id": "collected"}}],
    languages=[{"id": "eng"}],
    description="<p>Text</p>",
    additional_descriptions=[{"description": "Nets", "type": {"id": "methods"}}],
    subjects=[{"subject": "tides"}],
    identifiers=[
        {"scheme": "ark", "identifier": "ark:/12345/x54xz321"},
        {"scheme": "doi", "identifier": "10.5678/same"},
    ],
    related_identifiers=[
        {
            "scheme": RELATED[5][0],
            "identifier": RELATED[5][1],
            "relation_type": {"id": "cites"},
        }
    ],
    references=[
        {"reference": "Petersen 1999"},
        {"reference": "x", "scheme": "doi", "identifier": "10.1234/ref"},
    ],
    sizes=["3 MB"],
    formats=["text/csv"],
    version="1",
    rights=[{"id": "mit"}],
    copyright="© Petersen",
    locations={"features": [{"geometry": point(4, 53)}]},
    funding=[{"funder": {"id": "bare"}}],
)


def described(data):
    options = replace(OPTIONS, access_rights=True)
    return describe_record(source(data, options=options)).attributes


def without(field):
    """Return the record that has every field, without one of them."""
    data = deepcopy(EVERYTHING)
    *path, last = field.split(".")
    holder = data
    for key in path:
        holder = holder[key]
    del holder[last]
    return data


def test_every_field_of_the_host_has_a_row():
    fields = {f"metadata.{name}" for name in MetadataSchema().fields}
    fields |= {f"custom_fields.{field.name}" for field in FIELDS}
    assert fields - set(ROWS) == set()


def test_every_property_of_datacite_has_a_row():
    assert set(LISTS) | set(VALUES) == set.union(*ROWS.values()) | {"contentUrl"}


@pytest.mark.parametrize("field", ROWS)
def test_a_field_changes_its_properties_and_no_others(field):
    before, after = described(EVERYTHING), described(without(field))
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    if field == "custom_fields.imprint:imprint":
        # The imprint has a title if the record is part of a book, and none if it is the
        # book. This one has a title.
        book = without("metadata.version")
        book["custom_fields"][field.partition(".")[2]] = {
            "isbn": "978-3-16-148410-0",
            "pages": "158",
            "edition": "2",
        }
        after = described(book)
        changed |= {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == ROWS[field]


def test_the_example_works():
    text = DOCUMENT.read_text("utf-8")
    code = re.search(r"# my_site/doi.py\n(.*?)\n\n\.\. code-block", text, re.S)[1]
    scope: dict = {}
    exec("\n".join(line[4:] for line in code.splitlines()), scope)  # noqa: S102
    data = record(custom_fields={"site:curator": "Haan, Tineke"})
    options = replace(OPTIONS, dumpers=(scope["add_curator"],))
    (contributor,) = describe_record(source(data, options=options)).attributes[
        "contributors"
    ]
    assert contributor["name"] == "Haan, Tineke"
    assert contributor["contributorType"] == "DataCurator"

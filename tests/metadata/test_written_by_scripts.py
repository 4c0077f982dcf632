# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Values that InvenioRDM accepts from scripts, and that no user types into the form."""

from __future__ import annotations

import sys

import pytest

from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.metadata.describe import describe_parent, describe_record
from invenio_rdm_doi.metadata.recognized import recognized
from invenio_rdm_doi.metadata.text import from_html
from invenio_rdm_doi.metadata.validation import validate

from .records import record, source


def described(custom_fields=None, **metadata):
    kind = metadata.pop("kind", "dataset")
    return describe_record(
        source(record(kind, custom_fields=custom_fields or {}, **metadata))
    )


def sent(name, custom_fields=None, **metadata):
    return described(custom_fields, **metadata).attributes.get(name, [])


def calls(function, *args):
    """Count calls of Python and C functions, a measure of work without a clock."""
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "text",
    [
        "swh:1:cnt:" + "a" * 40 + ";a=b" * 5000 + " x",
        "https://archive.softwareheritage.org/swh:1:cnt:"
        + "a" * 40
        + ";a=b" * 5000
        + "%20x",
    ],
)
def test_an_identifier_that_nearly_is_one_ends(text):
    """Each further qualifier doubled the time; this text would never have finished."""
    assert recognized(text) is None


@pytest.mark.parametrize(
    "html",
    ["<a x=1" + " " * 200_000 + ">y</a>", "<a></b " * 50_000, "<a x=1></b " * 50_000],
    ids=["blanks", "no attribute", "no end"],
)
def test_a_license_that_nearly_is_a_link_ends(html):
    right = {"title": {"en": "T"}, "description": {"en": html}}
    assert sent("rightsList", rights=[right])[0]["rights"].startswith("T")


@pytest.mark.parametrize(
    "name, item",
    [
        ("dates", lambda i: {"date": f"{1000 + i}", "type": {"id": "other"}}),
        ("subjects", lambda i: {"subject": f"word {i}"}),
        ("identifiers", lambda i: {"identifier": f"shelf {i}", "scheme": "other"}),
    ],
)
def test_twice_as_many_take_twice_as_long(name, item):
    few, many = (
        source(record("dataset", **{name: [item(i) for i in range(count)]}))
        for count in (1000, 2000)
    )
    describe_record(few)
    assert calls(describe_record, many) < 2.2 * calls(describe_record, few)


@pytest.mark.parametrize(
    "html",
    [
        '<?xml\nversion="1.0"\nencoding="utf-8"?><p>x</p>',
        '<?xml version="1.0" encoding="utf-8"><p>x</p>',
    ],
)
def test_an_xml_declaration_is_no_text(html):
    assert from_html(html) == "x"


@pytest.mark.parametrize(
    "text", ["DOI: https://doi.org/10.1234/abc", "doi.org/10.1234/abc"]
)
def test_a_doi_as_people_cite_it(text):
    (entry,) = sent(
        "relatedIdentifiers",
        related_identifiers=[
            {"scheme": "other", "identifier": text, "relation_type": {"id": "cites"}}
        ],
    )
    assert (entry["relatedIdentifier"], entry["relatedIdentifierType"]) == (
        "10.1234/abc",
        "DOI",
    )


def test_what_is_no_address_is_no_url():
    several = "10.5281/zenodo.1, 10.5281/zenodo.2"
    found = described(
        related_identifiers=[
            {"scheme": "url", "identifier": several, "relation_type": {"id": "cites"}}
        ]
    )
    assert "relatedIdentifiers" not in found.attributes
    assert [note.field for note in found.notes] == ["metadata.related_identifiers.0"]


@pytest.mark.parametrize("title", ["  ", "<b></b>"])
def test_a_license_without_words_is_none(title):
    assert sent("rightsList", rights=[{"title": {"en": title}}]) == []


def test_a_book_whose_title_has_markup_is_not_published_in_itself():
    imprint = {"title": "The genus Homo", "isbn": "978-3-16-148410-0"}
    found = described(
        {"imprint:imprint": imprint},
        kind="publication-book",
        title="The genus <i>Homo</i>",
    ).attributes
    assert "relatedItems" not in found
    assert {"identifier": "978-3-16-148410-0", "identifierType": "ISBN"} in found[
        "identifiers"
    ]


def test_titles_around_a_record_have_no_tags():
    found = sent("relatedItems", {"meeting:meeting": {"title": "<b>T</b> & A"}})
    assert found[0]["titles"] == [{"title": "T & A"}]


def test_all_versions_together_name_each_version_once_and_not_themselves():
    data = record(
        related_identifiers=[
            {
                "scheme": "doi",
                "identifier": identifier,
                "relation_type": {"id": relation},
            }
            for identifier, relation in (
                ("10.1234/V1", "hasversion"),
                ("10.1234/concept", "isversionof"),
            )
        ]
    )
    dois = ["10.1234/v1", "10.1234/v2"]
    found = describe_parent(source(data), dois, "10.1234/CONCEPT").attributes
    assert [
        (item["relationType"], item["relatedIdentifier"])
        for item in found["relatedIdentifiers"]
    ] == [("HasVersion", "10.1234/V1"), ("HasVersion", "10.1234/v2")]


@pytest.mark.parametrize(
    "one, other",
    [
        (("isbn", "978-3-16-148410-0"), ("other", "ISBN 9783161484100")),
        (("issn", "1234-5679"), ("other", "issn 12345679")),
        (("handle", "10013/EPIC.1"), ("url", "https://hdl.handle.net/10013/epic.1")),
        (("ark", "ark:/12345/x"), ("url", "https://n2t.net/ark:12345/x")),
    ],
)
def test_two_spellings_are_one_relation(one, other):
    found = sent(
        "relatedIdentifiers",
        related_identifiers=[
            {
                "scheme": scheme,
                "identifier": identifier,
                "relation_type": {"id": "cites"},
            }
            for scheme, identifier in (one, other)
        ],
    )
    assert [item["relatedIdentifier"] for item in found] == [one[1]]


def test_only_ascii_letters_of_a_doi_are_folded():
    """As everywhere: other letters would become two characters, or another letter."""
    dois = ["10.4321/İx", "10.4321/i̇x", "10.4321/İX"]
    cites = {"scheme": "doi", "relation_type": {"id": "cites"}}
    found = sent(
        "relatedIdentifiers",
        related_identifiers=[{**cites, "identifier": doi} for doi in dois],
    )
    assert [item["relatedIdentifier"] for item in found] == dois[:2]


def test_two_spellings_of_an_isbn_are_one_identifier():
    found = sent(
        "identifiers",
        {"imprint:imprint": {"isbn": "9783161484100"}},
        kind="publication-book",
        identifiers=[{"scheme": "isbn", "identifier": "978-3-16-148410-0"}],
    )
    isbns = [item for item in found if item["identifierType"].upper() == "ISBN"]
    assert len(isbns) == 1


@pytest.mark.parametrize(
    "scheme, identifier, expected",
    [
        ("ror", "https://ror.org/", None),
        ("doi", "501100000780", "https://doi.org/10.13039/501100000780"),
        ("", "https://ror.org/00k4n6c32", "https://ror.org/00k4n6c32"),
    ],
)
def test_identifiers_of_funders(scheme, identifier, expected):
    funder = {
        "name": "Funder",
        "identifiers": [{"scheme": scheme, "identifier": identifier}],
    }
    (found,) = sent("fundingReferences", funding=[{"funder": funder}])
    assert found.get("funderIdentifier") == expected


def test_a_blank_title_is_none():
    award = {"number": "7", "title": {"en": " ", "fr": "Titre"}}
    (found,) = sent(
        "fundingReferences", funding=[{"funder": {"name": "F"}, "award": award}]
    )
    assert found["awardTitle"] == "Titre"


@pytest.mark.parametrize(
    "html, expected",
    [
        (
            '<a href="https://example.org/data">example.org/dataset</a>',
            "example.org/dataset (https://example.org/data)",
        ),
        ('<a href="https://example.org/">see example.org.</a>', "see example.org."),
    ],
)
def test_a_link_says_where_it_leads(html, expected):
    assert from_html(html) == expected


GONE = {"id": "was-deleted"}


@pytest.mark.parametrize(
    "metadata, field",
    [
        ({"rights": [{"id": "cc-by-7.0"}]}, "metadata.rights.0"),
        ({"languages": [{"id": "xyz"}]}, "metadata.languages.0"),
        (
            {"funding": [{"funder": {"id": "00k4n6c32x"}}]},
            "metadata.funding.0.funder",
        ),
        ({"dates": [{"date": "2020", "type": GONE}]}, "metadata.dates.0.type"),
    ],
)
def test_an_entry_that_is_gone_is_noted(metadata, field):
    assert field in [note.field for note in described(**metadata).notes]


def test_the_identifier_of_what_is_gone_says_what_it_can():
    found = described(
        dates=[{"date": "2020", "type": {"id": "collected"}}],
        funding=[{"funder": {"name": "EC"}, "award": {"id": "00k4n6c32::101057437"}}],
    )
    assert found.attributes["fundingReferences"][0]["awardNumber"] == "101057437"
    # As if the vocabularies were empty.
    data = record(
        "image-photograph",
        dates=[{"date": "2020", "type": {"id": "collected"}}],
        related_identifiers=[
            {
                "scheme": "doi",
                "identifier": "10.1234/x",
                "relation_type": {"id": "iscitedby"},
            }
        ],
    )
    empty = source(data)
    empty.vocabularies.get = lambda *_args: None
    attributes = describe_record(empty).attributes
    assert attributes["types"]["resourceTypeGeneral"] == "Image"
    assert attributes["dates"][1]["dateType"] == "Collected"
    assert attributes["relatedIdentifiers"][0]["relationType"] == "IsCitedBy"


def test_a_resource_type_that_is_gone_is_not_sent_as_something_else():
    """DataCite keeps its metadata, and the curator reads the reason."""
    found = described(kind="was-deleted")
    payload = {
        "doi": "10.1234/abc",
        **complete(found.attributes),
        "url": "https://example.org/doi/10.1234/abc",
    }
    assert [item.attribute for item in validate(payload, "findable")] == ["types"]
    assert "metadata.resource_type" in [note.field for note in found.notes]

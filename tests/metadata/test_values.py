# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Single values: dates, text, pages, places, languages, licenses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invenio_rdm_doi.metadata.addresses import is_any_uri, uri
from invenio_rdm_doi.metadata.comparison import differences
from invenio_rdm_doi.metadata.dates import rkms, year
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.source import language_tag
from invenio_rdm_doi.metadata.text import from_html, plain

from .records import record, source


@pytest.mark.parametrize(
    "edtf, expected",
    [
        ("2026", "2026"),
        ("2026-05", "2026-05"),
        ("2026-05-04", "2026-05-04"),
        ("2026-05-04T10:10:10Z", "2026-05-04T10:10:10Z"),
        ("2020-05/2021", "2020-05/2021"),
        ("2004/..", "2004/"),
        ("../2004", "/2004"),
        ("unknown/2006", "/2006"),
        ("1984?", "1984"),
        ("1984-06~/2004-08?", "1984-06/2004-08"),
        ("19XX", "1900/1999"),
        ("2001-21", "2001-03-01/2001-05-31"),
        ("1985-04-XX", "1985-04-01/1985-04-30"),
        ("2026-02-30", None),
        ("2026-05-04/2020-01-01", None),
        ("XXXX", None),
        ("-0044", "-0044"),
        # DataCite's own example: from 25 BC to 23 BC.
        ("-0024/-0022", "-0024/-0022"),
        ("-0022/-0024", None),
        ("-0500/0500", "-0500/0500"),
        ("0500/-0500", None),
        ("-0500-03/-0500-01", None),
        ("-05XX", "-0599/-0500"),
        ("-0500-03", "-0500-03"),
        ("-0500-03-44", None),
        ("-0004-02-29", "-0004-02-29"),
        ("-0003-02-29", None),
        ("/-0022", "/-0022"),
        ("-0044~/0014?", "-0044/0014"),
        ("Y17E8", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(edtf, expected):
    assert rkms(edtf) == expected


@pytest.mark.parametrize(
    "edtf, expected",
    [("2020-05/2021", 2020), ("19XX", 1900), ("0800", None), ("-0044", None)],
)
def test_years(edtf, expected):
    assert year(edtf) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<i>E. coli</i> in H<sub>2</sub>O", "E. coli in H2O"),
        ("First<br>Second", "First Second"),
        ("<p class='x'>A</p><p>B</p>", "A B"),
        ("p < 0.05 & q > 3", "p < 0.05 & q > 3"),
        ("where a <b and c> d", "where a <b and c> d"),
        ('<a href="https://x.org?a=1&b=2">x</a>', "x"),
    ],
)
def test_titles_lose_tags_and_nothing_else(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    "html, expected",
    [
        ("<p>One <b>two</b></p><p>three</p>", "One two\n\nthree"),
        ("H<sub>2</sub>O &lt; 4 &amp; more", "H2O < 4 & more"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "  * a\n  * b".strip()),
        ("x &#x1; y", "x  y"),
        ("", ""),
        (None, ""),
    ],
)
def test_html_becomes_text(html, expected):
    assert from_html(html) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("https://x.org/a b?c=[d]", "https://x.org/a%20b?c=%5Bd%5D"),
        ("https://x.org/ö%C3%B6%", "https://x.org/%C3%B6%C3%B6%25"),
        ("no address", None),
        (None, None),
    ],
)
def test_addresses(value, expected):
    assert uri(value) == expected


@pytest.mark.parametrize(
    "pages, expected",
    [
        ("15-23", ("15", "23", None)),
        ("pp. 15–23", ("15", "23", None)),
        ("15-23, 30", ("15", "23", None)),
        ("S1-12–S1-20", ("S1-12", "S1-20", None)),
        ("1.5-1.9", ("1.5", "1.9", None)),
        ("7", ("7", None, None)),
        ("A29", (None, None, "A29")),
        ("104567", (None, None, "104567")),
    ],
)
def test_pages(pages, expected):
    data = record(
        "publication-article", {"journal:journal": {"title": "Tides", "pages": pages}}
    )
    (item,) = describe_record(source(data)).attributes["relatedItems"]
    assert (item.get("firstPage"), item.get("lastPage"), item.get("number")) == expected


@pytest.mark.parametrize(
    "code, expected",
    [("en", "en"), ("pt_BR", "pt-BR"), ("my lang", None), ("", None), (None, None)],
)
def test_languages(code, expected):
    assert language_tag(code) == expected


BOW_TIE = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
OPEN = [[0, 0], [4, 1], [5, 5], [1, 4]]


@pytest.mark.parametrize(
    "outline, kind, points",
    [(BOW_TIE, "geoLocationPolygon", 5), (OPEN, "geoLocationPolygon", 5)],
)
def test_outlines(outline, kind, points):
    geometry = {"type": "Polygon", "coordinates": [outline]}
    data = record(locations={"features": [{"geometry": geometry}]})
    (place,) = describe_record(source(data)).attributes["geoLocations"]
    assert len(place[kind]) == points


@pytest.mark.parametrize(
    "geometry, expected_note",
    [
        ({"type": "Point", "coordinates": None}, "the longitude must be"),
        ({"type": "Point", "coordinates": ["4", "53"]}, "the longitude must be"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "too few"),
        (
            {
                "type": "Polygon",
                "coordinates": [[[170, 0], [170, 5], [-170, 5], [-170, 0], [170, 0]]],
            },
            "date line",
        ),
    ],
)
def test_odd_places_are_noted(geometry, expected_note):
    data = record(locations={"features": [{"place": "X", "geometry": geometry}]})
    notes = describe_record(source(data)).notes
    assert any(expected_note in str(note.message) for note in notes)


def test_the_own_doi_is_not_identical_to_itself():
    data = record(identifiers=[{"scheme": "doi", "identifier": "10.1234/ABC"}])
    assert "relatedIdentifiers" not in describe_record(source(data)).attributes


@pytest.mark.parametrize(
    "field, value",
    [
        ("journal:journal", {"volume": "7"}),
        ("meeting:meeting", {"place": "Texel"}),
    ],
)
def test_what_has_no_title_is_told(field, value):
    description = describe_record(source(record(custom_fields={field: value})))
    assert "relatedItems" not in description.attributes
    assert [note.field for note in description.notes] == [f"custom_fields.{field}"]


SPDX = {"rightsIdentifierScheme": "SPDX"}


@pytest.mark.parametrize(
    "sent, served",
    [
        (
            {"rights": "MIT License", "rightsIdentifier": "mit", **SPDX},
            {"rights": "Apache", "rightsIdentifier": "apache-2.0", **SPDX},
        ),
        (
            {"rightsUri": "https://x.org/mit", "rightsIdentifier": "mit", **SPDX},
            {"rightsUri": "https://x.org/gpl", "rightsIdentifier": "gpl", **SPDX},
        ),
        (
            {"rights": "My own license"},
            {"rights": "Apache", "rightsIdentifier": "apache-2.0", **SPDX},
        ),
    ],
)
def test_other_licenses_are_other_licenses(sent, served):
    assert differences({"rightsList": [sent]}, {"rightsList": [served]}) == [
        "rightsList"
    ]


@pytest.mark.parametrize(
    "value, expected",
    [
        ("https://x.org/#/license#cc", "https://x.org/#/license%23cc"),
        ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
        ("http://user@[::1]:80/a?b=[c]", "http://user@[::1]:80/a?b=%5Bc%5D"),
        ("http://x.org:port/", None),
        ("http://x.org/[a]", "http://x.org/%5Ba%5D"),
        ("http://x.org/100%", "http://x.org/100%25"),
        ("http://x.org/ü", "http://x.org/%C3%BC"),
        ("mailto:a@x.org", "mailto:a@x.org"),
        ("no address", None),
    ],
)
def test_addresses_as_libxml2_takes_them(value, expected):
    assert uri(value) == expected


SCHEMES = st.sampled_from(["http://", "https://", "mailto:", "urn:", "x:"])


@given(SCHEMES, st.text(max_size=30))
def test_what_is_sent_as_an_address_is_one_for_libxml2(scheme, rest):
    address = uri(scheme + rest)
    assert address is None or is_any_uri(address)
    assert address is None or uri(address) == address, "once is enough"


def attributes(data):
    return describe_record(source(data)).attributes


def test_a_version_has_no_emoji():
    described = describe_record(source(record(version="v1 \U0001f389")))
    assert described.attributes["version"] == "v1 \ufffd"
    assert [note.field for note in described.notes] == ["metadata.version"]


def test_a_book_is_not_published_in_itself():
    imprint = {
        "title": "Tides of the Wadden sea",
        "isbn": "978-3-16-148410-0",
        "pages": "250",
        "edition": "2nd",
    }
    found = attributes(record("publication-book", {"imprint:imprint": imprint}))
    assert not found.get("relatedItems")
    assert found["sizes"] == ["250 pages"]
    assert found["version"] == "2nd"
    assert "978-3-16-148410-0" in str(found["identifiers"])


def test_a_license_typed_by_hand_says_its_statement():
    rights = {
        "title": {"en": "Other"},
        "description": {"en": "<p>Ask the <b>museum</b> first.</p>"},
        "link": "https://x.org/#/license#cc",
    }
    (found,) = attributes(record(rights=[rights]))["rightsList"]
    assert found["rights"] == "Other: Ask the museum first."
    assert found["rightsUri"] == "https://x.org/#/license%23cc"
    rights["description"] = {"en": "x" * 3000}
    (found,) = attributes(record(rights=[rights]))["rightsList"]
    assert len(found["rights"]) == 2000


@pytest.mark.parametrize(
    "served",
    [
        {"types": "x"},
        {"subjects": [None]},
        {"subjects": ["x"]},
        {"rightsList": [None]},
        {"identifiers": ["x"]},
    ],
)
def test_an_answer_of_another_shape_is_a_difference(served):
    (name,) = served
    sent = {
        "types": {"resourceTypeGeneral": "Dataset"},
        "subjects": [{"subject": "a"}],
        "rightsList": [{"rights": "a"}],
        "identifiers": [{"identifier": "a", "identifierType": "b"}],
    }
    assert differences({name: sent[name]}, served) == [name]

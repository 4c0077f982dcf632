# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Small errors that experts notice at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invenio_rdm_doi.metadata.dates import rkms
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.source import Options
from invenio_rdm_doi.metadata.subjects import _code
from invenio_rdm_doi.metadata.text import LINE_BYTES, from_html, line, plain

from .records import person, point, record, source


def sent(name, custom_fields=None, resource_type="dataset", access=None, **metadata):
    """Return a property of the payload for a record."""
    made = record(resource_type, custom_fields, access, **metadata)
    return describe_record(source(made)).attributes.get(name)


# Text


@pytest.mark.parametrize(
    "title, expected",
    [
        ("A <i>new</i> species", "A new species"),
        ("H<sub>2</sub>O", "H2O"),
        ("The <table> element of HTML", "The <table> element of HTML"),
        ("Use of <b> and <i>", "Use of <b> and <i>"),
        ("One<br>Two", "One Two"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("p < 0.05 and q > 1", "p < 0.05 and q > 1"),
    ],
)
def test_only_markup_is_taken_for_markup(title, expected):
    assert plain(title) == expected


@pytest.mark.parametrize(
    "html, expected",
    [
        (
            '<p>See <a href="https://example.org/x">the page</a>.</p>',
            "See the page (https://example.org/x).",
        ),
        (
            '<a href="https://example.org/x/">https://example.org/x</a>',
            "https://example.org/x",
        ),
        ("<a href='mailto:a@example.org'>a@example.org</a>", "a@example.org"),
        ('<a href="/records/1">another one</a>', "another one"),
        ('<a href="javascript:x">click</a>', "click"),
        (
            '<a class="l" href="https://example.org/?a=1&amp;b=2"><b>data</b></a>',
            "data (https://example.org/?a=1&b=2)",
        ),
    ],
)
def test_a_link_keeps_its_target(html, expected):
    assert from_html(html) == expected


def test_references_are_read_as_people_read_them():
    reference = "Miller, <i>Tides &amp; Sands</i>, 2020. p &lt; 0.05"
    (item,) = sent("relatedItems", references=[{"reference": reference}])
    title = item["titles"][0]["title"]
    assert title == "Miller, Tides & Sands, 2020. p < 0.05"


def test_what_datacites_index_cannot_take_is_cut():
    text = line("ä" * 40_000)
    assert text.endswith("…")
    assert LINE_BYTES - 3 <= len(text.encode()) <= LINE_BYTES
    assert line("a" * LINE_BYTES) == "a" * LINE_BYTES
    (subject,) = sent("subjects", subjects=[{"subject": "long " * 10_000}])
    assert len(subject["subject"].encode()) <= LINE_BYTES


# Dates


def issued(*dates):
    found = sent(
        "dates", publication_date="2026-05-04", dates=[entry(*item) for item in dates]
    )
    return [item for item in found if item["dateType"] == "Issued"]


def entry(date, description=None):
    said = {"description": description} if description else {}
    return {"date": date, "type": {"id": "issued"}, **said}


def test_one_day_is_one_date():
    day = {"date": "2026-05-04", "dateType": "Issued"}
    assert issued(("2026-05-04",)) == [day]
    said = day | {"dateInformation": "in print"}
    assert issued(("2026-05-04", "in print")) == [said]
    assert issued(("2026-05-04", "in print"), ("2026-05-04",)) == [said]
    online = day | {"dateInformation": "online"}
    assert issued(("2026-05-04", "in print"), ("2026-05-04", "online")) == [
        said,
        online,
    ]
    assert len(issued(("2026-05-05",))) == 2


@pytest.mark.parametrize("at_the_end, year", [(True, 2028), (False, 2026)])
def test_the_year_of_an_embargo_is_the_sites_choice(at_the_end, year):
    access = {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": "2028-01-01"},
    }
    made = source(record(access=access))
    chosen = replace(made, options=replace(made.options, embargo_year=at_the_end))
    assert describe_record(chosen).attributes["publicationYear"] == year
    assert Options().embargo_year is True


# Places


def places(*geometries):
    features = {"features": [{"geometry": geometry} for geometry in geometries]}
    return sent("geoLocations", locations=features)


def box(west, south, east, north):
    return {
        "geoLocationBox": {
            "westBoundLongitude": west,
            "eastBoundLongitude": east,
            "southBoundLatitude": south,
            "northBoundLatitude": north,
        }
    }


def rectangle(*corners):
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def test_a_box_over_the_date_line_is_small():
    across = rectangle([170, -10], [-170, -10], [-170, 10], [170, 10])
    assert places(across) == [box(170, -10, -170, 10)]
    counted_on = rectangle([170, -10], [190, -10], [190, 10], [170, 10])
    assert places(counted_on) == [box(170, -10, -170, 10)]


def test_a_box_around_most_of_the_globe_is_large():
    most = rectangle([-170, -10], [170, -10], [170, 10], [-170, 10])
    assert places(most) == [box(-170, -10, 170, 10)]
    all_of_it = rectangle([-180, -90], [180, -90], [180, 90], [-180, 90])
    assert places(all_of_it) == [box(-180, -90, 180, 90)]


def test_a_line_goes_the_short_way():
    track = {"type": "LineString", "coordinates": [[175, 0], [179, 1], [-178, 2]]}
    assert places(track) == [box(175, 0, -178, 2)]
    usual = {"type": "LineString", "coordinates": [[4, 52], [8, 54], [6, 53]]}
    assert places(usual) == [box(4, 52, 8, 54)]


def outlines(*corners):
    """Return the outlines of a polygon, each as its corners."""
    shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    return [
        [tuple(item["polygonPoint"].values()) for item in place["geoLocationPolygon"]]
        for place in places(shape)
    ]


@pytest.mark.parametrize("turn", [0, -360])
def test_a_polygon_with_182_is_cut_at_the_date_line(turn):
    corners = [(178, 0), (182, 2), (181, 4)]
    assert outlines(*[(x + turn, y) for x, y in corners]) == [
        [(178, 0), (180, 1), (180, pytest.approx(8 / 3)), (178, 0)],
        [(-180, 1), (-178, 2), (-179, 4), (-180, pytest.approx(8 / 3)), (-180, 1)],
    ]


def test_a_polygon_that_runs_clockwise_around_the_globe_crosses_the_date_line():
    """From 170 to -170: of the two sides of the globe, the polygon is the left one."""
    assert outlines((170, 0), (-170, 0), (-170, 8), (175, 4)) == [
        [(170, 0), (180, 0), (180, pytest.approx(16 / 3)), (175, 4), (170, 0)],
        [(-180, 0), (-170, 0), (-170, 8), (-180, pytest.approx(16 / 3)), (-180, 0)],
    ]


def test_a_polygon_beyond_the_date_line_is_whole():
    corners = [(182, 0), (184, 2), (183, 4)]
    expected = [(-178, 0), (-176, 2), (-177, 4), (-178, 0)]
    assert outlines(*corners) == [expected]
    assert outlines((170, 0), (180, 2), (175, 4))[0][1] == (180, 2)


def test_a_point_with_182_is_kept():
    assert places(point(182, 1))[0]["geoLocationPoint"] == {
        "pointLongitude": -178,
        "pointLatitude": 1,
    }


# People and subjects


def test_an_editor_among_the_creators_is_a_contributor_too():
    editor = person("Petersen", "Frauke") | {"role": {"id": "editor"}}
    creators = [editor, person("Miller", "Max")]
    assert [item["name"] for item in sent("creators", creators=creators)] == [
        "Petersen, Frauke",
        "Miller, Max",
    ]
    (found,) = sent("contributors", creators=creators)
    assert (found["contributorType"], found["name"]) == ("Editor", "Petersen, Frauke")
    again = sent("contributors", creators=creators, contributors=[editor])
    assert len(again) == 1, "once is enough"


def test_an_affiliation_that_is_gone_keeps_its_ror():
    gone = person("Petersen", "Frauke") | {
        "affiliations": [{"id": "05a28rw58", "name": "ETH Zurich"}, {"id": "typed"}]
    }
    (creator,) = sent("creators", creators=[gone])
    first, second = creator["affiliation"]
    assert first["affiliationIdentifier"] == "https://ror.org/05a28rw58"
    assert first["name"] == "ETH Zurich"
    assert second == {"name": "typed"}


def test_the_university_of_before():
    found = sent("contributors", {"thesis:university": "Universität Bremen"})
    assert found[0]["contributorType"] == "HostingInstitution"
    assert found[0]["name"] == "Universität Bremen"


@pytest.mark.parametrize(
    "identifier, scheme, code",
    [
        ("A-D000007", "MeSH", "A-D000007"),
        ("mesh:D000007", "MeSH", "D000007"),
        ("http://id.nlm.nih.gov/mesh/A-D000007", "MeSH", "A-D000007"),
        ("typed-by-somebody", "", None),
        ("two words", "MeSH", None),
    ],
)
def test_a_bare_code_is_a_code_if_its_scheme_is_known(identifier, scheme, code):
    assert _code(identifier, {"id": identifier, "scheme": scheme}) == code


# Findings of attacks


def test_wide_boxes_stay_wide_whatever_their_direction():
    globe = rectangle([-180, -90], [-180, 90], [180, 90], [180, -90])
    assert places(globe) == [box(-180, -90, 180, 90)]
    wide = rectangle([-125, 20], [-125, 70], [60, 70], [60, 20])
    assert places(wide) == [box(-125, 20, 60, 70)]
    track = {"type": "LineString", "coordinates": [[0, 0], [180, 0]]}
    assert places(track) == [box(0, 0, 180, 0)]


def test_longitudes_are_as_they_were_typed():
    line_ = {"type": "LineString", "coordinates": [[4.7, 52.9], [5.4, 53.2], [6.3, 53]]}
    assert places(line_) == [box(4.7, 52.9, 6.3, 53.2)]
    assert places(point(190.1, 1))[0]["geoLocationPoint"]["pointLongitude"] == -169.9


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Polygon", "coordinates": [1, 2]},
        {"type": "MultiPolygon", "coordinates": [5]},
        {"type": ["x"], "coordinates": []},
    ],
)
def test_what_is_no_geometry_is_left_out(geometry):
    described = describe_record(
        source(record(locations={"features": [{"geometry": geometry}]}))
    )
    assert "geoLocations" not in described.attributes
    assert described.notes


@pytest.mark.parametrize(
    "html, expected",
    [
        ("<p>10<sup>6</sup> cells</p>", "10^6 cells"),
        ("5×10<sup>-3</sup> M", "5×10^-3 M"),
        ("H<sub>2</sub>O, the 2<sup>nd</sup>", "H2O, the 2nd"),
        (
            '<a title="href=http://evil.example" href="https://good.example">x</a>',
            "x (https://good.example)",
        ),
    ],
)
def test_numbers_and_targets_stay_what_they_are(html, expected):
    assert from_html(html) == expected
    if "<a" not in html:
        assert plain(html) == expected


@pytest.mark.parametrize(
    "pages, expected",
    [
        ("P08012", {"number": "P08012", "numberType": "Article"}),
        ("pp. 15-23", {"firstPage": "15", "lastPage": "23"}),
        ("p12", {"firstPage": "12"}),
        ("15−23", {"firstPage": "15", "lastPage": "23"}),
        ("n/a", {}),
        ("-", {}),
    ],
)
def test_pages(pages, expected):
    (item,) = sent("relatedItems", {"journal:journal": {"title": "J", "pages": pages}})
    keys = ("firstPage", "lastPage", "number", "numberType")
    assert {key: item[key] for key in keys if key in item} == expected


def test_a_chapter_does_not_have_the_isbn_of_its_book():
    imprint = {"isbn": "978-3-16-148410-0", "pages": "15-23", "edition": "2"}
    made = record("publication-section", {"imprint:imprint": imprint})
    found = describe_record(source(made)).attributes
    assert not {"identifiers", "sizes", "version"} & set(found)
    (item,) = found["relatedItems"]
    assert item["relatedItemIdentifier"]["relatedItemIdentifier"] == imprint["isbn"]
    assert (item["firstPage"], item["edition"]) == ("15", "2")


def test_the_thesis_type_is_of_theses():
    thesis = {"thesis:thesis": {"type": "PhD thesis"}}
    assert "resourceType" not in sent("types", thesis)
    assert sent("types", thesis, "publication-dissertation")["resourceType"] == (
        "PhD thesis"
    )


def test_an_embargo_until_a_day_that_there_is_not():
    access = {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": "2031-02-31"},
    }
    assert sent("publicationYear", access=access) == 2026


@pytest.mark.parametrize(
    "date",
    ["Y1E30000000", "{" + "2020," * 400 + "2021}", "２０２６", "2020-01-01T99:99Z"],
)
def test_dates_that_are_none(date):
    assert rkms(date) is None


def test_namesakes_are_different_people():
    """One is an editor with an ORCID, the other one has none."""
    orcid = [{"scheme": "orcid", "identifier": "0000-0001-5109-3700"}]
    one = person("Smith", "J", identifiers=orcid) | {"role": {"id": "editor"}}
    other = person("Smith", "J") | {"role": {"id": "editor"}}
    found = sent("contributors", creators=[one, other], contributors=[other])
    assert [len(entry["nameIdentifiers"]) for entry in found] == [1, 0]


def test_an_alternate_identifier_that_is_a_doi_is_a_relation():
    """DataCite drops DOIs in this property. The scheme does not matter."""
    identifiers = [
        {"scheme": "url", "identifier": "https://doi.org/10.1234/ABC"},
        {"scheme": "other", "identifier": "doi:10.5678/x"},
        {"scheme": "other", "identifier": "shelf 7"},
    ]
    found = describe_record(source(record(identifiers=identifiers))).attributes
    assert [item["identifier"] for item in found["identifiers"]] == ["shelf 7"]
    (entry,) = found["relatedIdentifiers"]
    assert (entry["relatedIdentifier"], entry["relationType"]) == (
        "10.5678/x",
        "IsIdenticalTo",
    )


def test_nothing_is_lost_however_deep_it_is():
    html = "<p>before</p>" + "<b>" * 300 + "x" + "</b>" * 300 + "<p>after</p>"
    assert from_html(html).split() == ["before", "x", "after"]
    assert from_html("a<br>" * 300).count("\n") == 299

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Metadata in the form in which it is served after a write (facts 4)."""

from __future__ import annotations

import pytest

from .helpers import DOI, URL, metadata, read

SPDX = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
CC0 = {
    "rights": "Creative Commons Zero v1.0 Universal",
    "rightsUri": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
    "rightsIdentifier": "cc0-1.0",
    **SPDX,
}
CC_BY = {
    "rights": "Creative Commons Attribution 4.0 International",
    "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode",
    "rightsIdentifier": "cc-by-4.0",
    **SPDX,
}
ROR = {
    "name": "DataCite",
    "publisherIdentifier": "https://ror.org/04wxnsj81",
    "publisherIdentifierScheme": "ROR",
    "schemeUri": "https://ror.org/",
    "lang": "en",
}


@pytest.mark.parametrize(
    ("sent", "text", "whole"),
    [
        ("DataCite", "DataCite", {"name": "DataCite"}),
        (ROR, "DataCite", ROR),
        (
            {**ROR, "lang": None},
            "DataCite",
            {key: part for key, part in ROR.items() if key != "lang"},
        ),
        ({"name": None}, None, None),
        (None, None, None),
        (7, None, None),
    ],
)
def test_publisher(owner, sent, text, whole):
    """dois_spec:1473-1640, post_spec.rb:1173, 1240; doi.rb:2679-2867."""
    assert read(owner.put(**metadata(publisher=sent)))["publisher"] == text
    assert owner.read(publisher="true")["publisher"] == whole


@pytest.mark.parametrize("value", ["1", "True", "yes", "false"])
def test_publisher_and_affiliation_need_the_literal_true(owner, value):
    affiliation = [{"name": "DataCite"}]
    owner.put(**metadata(creators=[{"name": "x", "affiliation": affiliation}]))
    stored = owner.read(publisher=value, affiliation=value)
    assert stored["publisher"] == "DataCite"
    assert stored["creators"][0]["affiliation"] == ["DataCite"]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "list"])
def test_publisher_and_affiliation_everywhere(owner, method):
    """post_spec.rb:498, facts 2: on GET, POST, PUT and the list."""
    affiliation = [{"name": "DataCite", "affiliationIdentifier": "https://ror.org/x"}]
    sent = metadata(creators=[{"name": "x", "affiliation": affiliation}])
    query = "?affiliation=true&publisher=true"
    if method == "POST":
        answer = owner.send("POST", f"/dois{query}", {"doi": DOI, **sent})
    else:
        answer = owner.send("PUT", f"/dois/{DOI}{query}", sent)
    if method == "GET":
        answer = owner.get(f"/dois/{DOI}{query}")
    if method == "list":
        (data,) = owner.get(f"/dois{query}").json()["data"]
    else:
        data = answer.json()["data"]
    assert data["attributes"]["publisher"] == {"name": "DataCite"}
    assert data["attributes"]["creators"][0]["affiliation"] == affiliation


@pytest.mark.parametrize("name", ["creators", "contributors"])
def test_people_always_have_both_lists_and_nothing_is_guessed(owner, name):
    """dois_spec:1155, lupo c001cbd0."""
    person = {"name": "Fenner, Martin", "contributorType": "Editor"}
    if name == "creators":
        del person["contributorType"]
    expected = {**person, "affiliation": [], "nameIdentifiers": []}
    assert read(owner.put(**metadata(**{name: [person]})))[name] == [expected]


def test_one_creator_as_object_becomes_a_list(owner):
    """dois_spec:1158."""
    stored = read(owner.put(**metadata(creators={"name": "x"})))
    assert [person["name"] for person in stored["creators"]] == ["x"]


def test_alternate_identifiers_are_copied_to_identifiers(owner):
    """DC:853-875, patch_spec.rb:895-950."""
    sent = [{"alternateIdentifier": "a", "alternateIdentifierType": "Local"}]
    stored = read(owner.put(**metadata(alternateIdentifiers=sent)))
    assert stored["identifiers"] == [{"identifier": "a", "identifierType": "Local"}]
    assert stored["alternateIdentifiers"] == sent


def test_identifiers_win_over_alternate_identifiers(owner):
    """DC:853-875: copied only if there are none."""
    stored = read(
        owner.put(
            identifiers=[{"identifier": "a", "identifierType": "Local"}],
            alternateIdentifiers=[
                {"alternateIdentifier": "b", "alternateIdentifierType": "Local"}
            ],
        )
    )
    assert [item["identifier"] for item in stored["identifiers"]] == ["a"]
    expected = {"alternateIdentifier": "a", "alternateIdentifierType": "Local"}
    assert stored["alternateIdentifiers"] == [expected]


def test_identifiers_that_are_the_doi_or_the_url_are_not_served(owner):
    """SER:202-221, doi.rb:2636."""
    sent = [
        {"identifier": "10.1/x", "identifierType": "DOI"},
        {"identifier": URL, "identifierType": "URL"},
        {"identifier": DOI.upper(), "identifierType": "Local"},
        {"identifier": "a", "identifierType": "Local"},
    ]
    stored = read(owner.put(**metadata(identifiers=sent)))
    assert stored["identifiers"] == sent[-1:]


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        (
            {"resourceTypeGeneral": "Dataset"},
            {
                "schemaOrg": "Dataset",
                "citeproc": "dataset",
                "bibtex": "misc",
                "ris": "DATA",
            },
        ),
        (  # doi_spec.rb:545
            {"resourceTypeGeneral": "Dataset", "resourceType": "EEG data"},
            {
                "schemaOrg": "Dataset",
                "citeproc": "dataset",
                "bibtex": "misc",
                "ris": "DATA",
            },
        ),
        (  # patch_spec.rb:754
            {"resourceTypeGeneral": "DataPaper", "resourceType": "BlogPosting"},
            {
                "schemaOrg": "Article",
                "citeproc": "",
                "bibtex": "article",
                "ris": "GEN",
            },
        ),
        (
            {"resourceTypeGeneral": "Text", "resourceType": "Dissertation"},
            {
                "schemaOrg": "Thesis",
                "citeproc": "thesis",
                "bibtex": "phdthesis",
                "ris": "THES",
            },
        ),
        (
            {"resourceTypeGeneral": "Poster"},
            {
                "schemaOrg": "CreativeWork",
                "citeproc": "article",
                "bibtex": "misc",
                "ris": "GEN",
            },
        ),
        (  # doi_spec.rb:552: sent values are kept
            {"resourceTypeGeneral": "Dataset", "schemaOrg": "JournalArticle"},
            {"citeproc": "dataset", "bibtex": "misc", "ris": "DATA"},
        ),
    ],
)
def test_types_get_the_words_of_other_formats(owner, sent, added):
    """doi.rb:2640-2653."""
    assert read(owner.put(types=sent))["types"] == {**sent, **added}


def test_a_doi_that_never_had_types_has_none(owner):
    assert read(owner.put())["types"] == {}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"rightsIdentifier": "CC0-1.0"}, CC0),  # post_spec.rb:1967
        ({"rightsIdentifier": "cc-by-4.0", "rights": "Mine"}, CC_BY),
        ({"rightsIdentifier": "cc-by-4.0", "lang": "en"}, {**CC_BY, "lang": "en"}),
        ({"rightsIdentifier": "CC0-1.0", "schemeUri": "https://a.org"}, CC0),
        ({"rights": CC0["rights"]}, CC0),
        ({"rights": "http://creativecommons.org/licenses/by/4.0/"}, CC_BY),
        (
            {"rights": "Creative Commons Attribution 4.0 International license"},
            {"rights": "Creative Commons Attribution 4.0 International license"},
        ),  # doi_spec.rb "hash rights"
        (  # post_spec.rb:2001: a rightsUri alone does not match
            {"rightsUri": "https://creativecommons.org/publicdomain/zero/1.0/"},
            {"rightsUri": "https://creativecommons.org/publicdomain/zero/1.0/"},
        ),
        (
            {"rightsIdentifier": "Own-1.0", "rightsIdentifierScheme": "Own"},
            {"rightsIdentifier": "own-1.0", "rightsIdentifierScheme": "Own"},
        ),
    ],
)
def test_rights_are_matched_to_spdx(owner, sent, stored):
    assert read(owner.put(rightsList=[sent]))["rightsList"] == [stored]


def test_rights_as_text_are_their_name(owner):
    """doi_spec.rb "string"."""
    assert read(owner.put(rightsList=CC0["rights"]))["rightsList"] == [CC0]


@pytest.mark.parametrize("name", ["MIT", "Apache-2.0", "GPL-3.0-or-later"])
def test_software_licenses_are_known_too(owner, name):
    (right,) = read(owner.put(rightsList=[{"rightsIdentifier": name}]))["rightsList"]
    assert right["rightsIdentifier"] == name.lower()
    assert right["rightsUri"].startswith("http")
    assert right["rightsIdentifierScheme"] == "SPDX"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("one", [{"subject": "one"}]),
        ([{"subject": "  a \n  b\t"}], [{"subject": "a b"}]),
        ([{"subject": "<script>x</script><b>y</b>"}], [{"subject": "x<b>y</b>"}]),
        ([{"subject": "R&D"}], [{"subject": "R&amp;D"}]),
        ([{"subject": "a", "lang": None}], [{"subject": "a"}]),
        ([{"subject": "a"}, {"subject": "a"}], [{"subject": "a"}]),
        (
            [{"subject": "a"}, {"subject": "a", "lang": "en"}],
            [{"subject": "a"}, {"subject": "a", "lang": "en"}],
        ),
        (  # post_spec.rb:2035: Fields of Science are not added anymore
            [{"subject": "80505 Web Technologies", "subjectScheme": "FOR"}],
            [{"subject": "80505 Web Technologies", "subjectScheme": "FOR"}],
        ),
    ],
)
def test_subjects_are_tidied(owner, sent, stored):
    assert read(owner.put(subjects=sent))["subjects"] == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("fr", "fr"),
        ("fra", "fr"),
        ("fre", "fr"),
        ("french", "fr"),
        ("Indonesian", "id"),
        ("en-US", "en"),
        ("hhh", "hhh"),
        ("prq-PE", "prq-PE"),
        ("Borgesian", None),
        ("x_y", None),
        (None, None),
    ],
)
def test_language_becomes_two_letters(owner, sent, stored):
    """doi_spec.rb:344-400."""
    assert read(owner.put(language=sent))["language"] == stored


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dates", [{"date": "2016/2017", "dateType": "Other"}]),
        ("dates", [{"date": ":tba", "dateType": "Issued"}]),  # patch_spec.rb:330
        ("titles", [{"title": " a  <b> & c ", "lang": None}]),
        ("descriptions", [{"description": "a\n\nb <p>&", "descriptionType": "Other"}]),
        ("fundingReferences", [{"funderName": "EU", "awardNumber": None}]),
        ("sizes", ["1 MB", "1 MB"]),
        ("formats", ["text/csv"]),
    ],
)
def test_these_are_stored_as_sent_also_nulls(owner, name, value):
    assert read(owner.put(**{name: value}))[name] == value


def test_one_object_becomes_a_list(owner):
    """patch_spec.rb:327."""
    date = {"date": ":tba", "dateType": "Issued"}
    assert read(owner.put(dates=date))["dates"] == [date]


def test_coordinates_become_numbers(owner):
    """post_geo_spec.rb."""
    point = {"pointLatitude": "49.08", "pointLongitude": "-123"}
    sent = [{"geoLocationPlace": "12", "geoLocationPoint": point}]
    (place,) = read(owner.put(geoLocations=sent))["geoLocations"]
    number = {"pointLatitude": 49.08, "pointLongitude": -123}
    assert place == {"geoLocationPlace": "12", "geoLocationPoint": number}
    assert isinstance(place["geoLocationPoint"]["pointLongitude"], int)


def test_the_publication_year_is_a_number_and_published_its_text(owner):
    stored = read(owner.put(**metadata(publicationYear="2016")))
    assert (stored["publicationYear"], stored["published"]) == (2016, "2016")


@pytest.mark.parametrize(
    ("sent", "container"),
    [
        ({}, {}),
        ({"container": {"title": "Mine"}}, {"title": "Mine"}),
        (
            {
                "types": {"resourceTypeGeneral": "Dataset"},
                "relatedItems": [
                    {
                        "relationType": "IsPublishedIn",
                        "titles": [{"title": "Journal"}],
                        "volume": "1",
                        "firstPage": "3",
                    }
                ],
            },
            {
                "type": "DataRepository",
                "title": "Journal",
                "volume": "1",
                "firstPage": "3",
            },
        ),
        (
            {
                "descriptions": [
                    {
                        "description": "Series, 4(2), 7-9",
                        "descriptionType": "SeriesInformation",
                    }
                ]
            },
            {
                "type": "Series",
                "title": "Series",
                "volume": "4",
                "issue": "2",
                "firstPage": "7",
                "lastPage": "9",
            },
        ),
    ],
)
def test_the_container_is_computed(owner, sent, container):
    """bolognese utils.rb:1438."""
    assert read(owner.put(**sent))["container"] == container

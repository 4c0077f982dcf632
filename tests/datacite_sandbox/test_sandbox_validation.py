# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Validation rules, and DataCite's error messages (facts 3)."""

from __future__ import annotations

import pytest

from .helpers import DOI, FULL, KERNEL_4, METADATA, URL, metadata, read


def errors_of(answer, status=422):
    assert answer.status_code == status, answer.text
    return answer.json()["errors"]


def sources(answer):
    return {error["source"] for error in errors_of(answer)}


# All states, including drafts


@pytest.mark.parametrize("suffix", ["107+03", "a@b", "a&b", "a b", "ä", "a%23b"])
def test_characters_that_a_new_doi_must_not_have(owner, suffix):
    """post_spec.rb:1429, doi.rb:128."""
    doi = f"10.14454/{suffix.replace('%23', '#')}"
    error = {"source": "doi", "title": "Is invalid", "uid": doi}
    assert errors_of(owner.post(doi=doi, **METADATA)) == [error]


def test_a_prefix_needs_four_or_five_digits(owner):
    """doi.rb:128; such a prefix belongs to no repository anyway."""
    assert owner.post(doi="10.123/abc").status_code == 403


@pytest.mark.parametrize("url", ["www.example.org", "mailto:a@b.org", "http:// x"])
def test_a_url_has_to_look_like_one(owner, url):
    """doi.rb:129."""
    error = {"source": "url", "title": "URL is not valid", "uid": DOI}
    assert errors_of(owner.put(url=url)) == [error]


@pytest.mark.parametrize("url", ["ftp://a.org/x", "http://a.org", "https://a.org/?q=1"])
def test_these_are_urls(owner, url):
    assert read(owner.put(url=url))["url"] == url


@pytest.mark.parametrize(
    ("name", "source", "title"),
    [
        ("dates", "dates", "Date x"),
        ("titles", "titles", "Title 'x'"),  # patch_spec.rb:399
        ("descriptions", "descriptions", "Description 'x'"),
        ("creators", "creators", "Creator 'x'"),
        ("contributors", "contributors", "Contributor 'x'"),
        ("identifiers", "identifiers", "Identifier 'x'"),
        ("relatedIdentifiers", "related_identifiers", "Related identifier 'x'"),
        ("relatedItems", "related_items", "Related item 'x'"),
        ("fundingReferences", "funding_references", "Funding reference 'x'"),
        ("geoLocations", "geo_locations", "Geolocation 'x'"),
        ("types", "types", "Types 'x'"),
        ("container", "container", "Container 'x'"),
    ],
)
def test_text_instead_of_objects_is_refused(owner, name, source, title):
    """doi.rb:2211-2324."""
    title = f"{title} should be an object instead of a string."
    error = {"source": source, "title": title, "uid": DOI}
    assert errors_of(owner.put(**{name: "x"})) == [error]


def test_rights_have_at_most_2000_characters(owner):
    """doi_spec.rb "hash rights too long"."""
    assert owner.put(rightsList=[{"rights": "x" * 2000}]).ok
    title = "Rights should not have a length of more than 2000 characters."
    error = {"source": "rights_list", "title": title, "uid": DOI}
    assert errors_of(owner.put(rightsList=[{"rights": "x" * 2001}])) == [error]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Funder", "has a contributor type that is not supported in schema 4"),
        ("", "is missing a required element: contributor type."),
        (None, "is missing a required element: contributor type."),
        (..., "is missing a required element: contributor type."),
    ],
)
def test_contributor_types_with_exactly_kernel_4(owner, kind, text):
    """post_spec.rb:1884-1960, doi.rb:2253; also for a draft."""
    person = {"name": "Wellcome Trust", "contributorType": kind}
    person = {key: part for key, part in person.items() if part is not ...}
    owner.put(**metadata())
    (error,) = errors_of(owner.put(contributors=[person]))
    assert error["source"] == "contributors"
    assert error["title"].startswith("Contributor '{")
    assert text in error["title"]


@pytest.mark.parametrize("version", [None, "http://datacite.org/schema/kernel-4.3"])
def test_contributor_types_without_exactly_kernel_4(owner, version):
    """doi.rb:2253: any other value disables the check."""
    people = [{"name": "x", "contributorType": "Funder"}]
    assert owner.put(schemaVersion=version, contributors=people).status_code == 201


def test_a_translator_is_a_contributor(owner):
    """Since kernel 4.6; doi_spec.rb:2105."""
    people = [{"name": "x", "contributorType": "Translator"}]
    assert owner.put(**metadata(event="publish", contributors=people)).ok


def test_the_parts_of_a_publisher_are_text(owner):
    """schemas/doi/publisher.json; only for registered and findable DOIs."""
    publisher = {"name": "P", "publisherIdentifier": 7}
    assert owner.put(**metadata(publisher=publisher)).ok
    answer = owner.put(**metadata(publisher=publisher, event="publish"))
    assert sources(answer) == {"publisher_obj"}


# Registered and findable


@pytest.mark.parametrize("event", ["register", "publish"])
def test_a_url_is_needed(owner, event):
    """dois_spec:1374, 1420."""
    error = {"source": "url", "title": "Can't be blank", "uid": DOI}
    assert errors_of(owner.put(**metadata(url=..., event=event))) == [error]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://www.example.org/1", True),
        ("https://a.b.example.org/1", True),
        ("https://exact.org/1", True),
        ("https://example.org/1", False),
        ("https://www.exact.org/1", False),
        ("https://example.org.evil.net/1", False),
    ],
)
@pytest.mark.parametrize("event", ["register", "publish"])
def test_the_domains_of_the_repository(limited, url, allowed, event):
    """post_spec.rb:86, helpable.rb:155-171, helpable_spec."""
    doi = "10.8888/a"
    answer = limited.put(doi, **metadata(url=url, event=event))
    if allowed:
        assert answer.status_code == 201
    else:
        title = f"URL {url} is not allowed by repository test.limited domain settings."
        assert errors_of(answer) == [{"source": "url", "title": title, "uid": doi}]


def test_domains_do_not_matter_for_a_draft(limited):
    assert limited.put("10.8888/a", **metadata(url="https://evil.net")).ok


@pytest.mark.parametrize("event", ["register", "publish"])
@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({"creators": []}, "creators"),  # patch_spec.rb:151
        ({"titles": []}, "titles"),
        ({"publisher": ...}, "publisher"),
        ({"publisher": {"name": ""}}, "publisher"),
        ({"publicationYear": ...}, "publication_year"),
        ({"publicationYear": "16"}, "publication_year"),
        ({"publicationYear": "abc"}, "publication_year"),
        ({"types": ...}, "xml"),
        (
            {"dates": [{"date": "2016", "dateType": "Never"}]},
            "date', attribute 'dateType",
        ),
        (
            {"types": {"resourceTypeGeneral": "Nonsense"}},
            "resourceType', attribute 'resourceTypeGeneral",
        ),
        ({"titles": [{"title": "x", "titleType": ""}]}, "title', attribute 'titleType"),
        (
            {
                "relatedIdentifiers": [
                    {
                        "relatedIdentifier": "x",
                        "relatedIdentifierType": "Nonsense",
                        "relationType": "References",
                    }
                ]
            },
            "relatedIdentifier', attribute 'relatedIdentifierType",
        ),
        ({"relatedItems": [{"titles": [{"title": "x"}]}]}, "relatedItem"),
        ({"fundingReferences": [{"funderIdentifier": "x"}]}, "funderName"),
        ({"geoLocations": [{"geoLocationBox": {}}]}, "westBoundLongitude"),
        (
            {
                "geoLocations": [
                    {"geoLocationPoint": {"pointLatitude": 91, "pointLongitude": 0}}
                ]
            },
            "pointLatitude",
        ),
    ],
)
def test_the_xml_schema_is_applied(owner, event, changes, source):
    answer = owner.put(**metadata(event=event, **changes))
    assert source in sources(answer)
    assert all(error["title"].startswith(f"DOI {DOI}: ") for error in errors_of(answer))
    assert {error["uid"] for error in errors_of(answer)} == {DOI}
    assert owner.get(f"/dois/{DOI}").status_code == 404


def test_the_xml_schema_is_not_applied_to_a_draft(owner):
    """post_spec.rb:1526."""
    assert owner.put(**metadata(creators=[], types=...)).status_code == 201


def test_a_missing_creator_in_the_exact_words(owner):
    """post_spec.rb:1570: element, text and line are those of libxml2."""
    title = (
        f"DOI {DOI}: Missing child element(s). Expected is "
        "( {http://datacite.org/schema/kernel-4}creator ). at line 4, column 0"
    )
    error = {"source": "creators", "title": title, "uid": DOI}
    assert errors_of(owner.put(**metadata(creators=[], event="publish"))) == [error]


def test_a_wrong_attribute_in_the_exact_words(owner):
    """post_spec.rb:1706: the odd source is cut out of the message."""
    creators = [{"name": "x", "nameType": "personal"}]
    answer = owner.put(**metadata(creators=creators, event="publish"))
    title = (
        f"DOI {DOI}: [facet 'enumeration'] The value 'personal' is not an element of "
        "the set {'Organizational', 'Personal'}. at line 6, column 0"
    )
    source = "creatorName', attribute 'nameType"
    assert errors_of(answer)[0] == {"source": source, "title": title, "uid": DOI}


def test_one_error_of_each_source(owner):
    """error_serializable.rb: libxml2 reports two for a bad value; the first appears."""
    answer = owner.put(**metadata(publicationYear=16, titles=[], event="publish"))
    found = [error["source"] for error in errors_of(answer)]
    assert sorted(found) == ["publication_year", "titles"]


def test_a_refused_update_changes_nothing(owner):
    owner.put(**metadata(event="publish"))
    before = owner.read()
    assert owner.put(url="https://a.org", creators=[]).status_code == 422
    assert owner.read() == before


def test_a_url_alone_is_checked_with_the_stored_metadata(owner):
    """An invalid draft does not become findable by an event alone."""
    owner.put(**metadata(creators=[]))
    assert sources(owner.put(event="publish")) == {"creators"}


def test_a_draft_without_metadata_has_no_xml_to_publish(owner):
    """doi.rb:134: the XML must be present."""
    owner.put()
    error = {"source": "xml", "title": "Can't be blank", "uid": DOI}
    assert errors_of(owner.put(url=URL, event="publish")) == [error]


@pytest.mark.parametrize("name", FULL)
def test_all_properties_are_valid_together_and_alone(owner, name):
    """post_spec.rb:179, 225, 313."""
    assert owner.put(**metadata(event="publish", **{name: FULL[name]})).ok


@pytest.mark.parametrize(
    "general", ["Award", "Project", "Poster", "Presentation", "Instrument"]
)
def test_resource_types_of_4_5_to_4_7(owner, general):
    """doi_spec.rb:2105, post_spec.rb:2424-2616."""
    types = {"resourceTypeGeneral": general}
    assert owner.put(**metadata(event="publish", types=types)).status_code == 201


def test_related_identifiers_of_4_7(owner):
    """post_spec.rb:2471."""
    related = [
        {
            "relatedIdentifier": "https://raid.org/10.1/x",
            "relatedIdentifierType": "RAiD",
            "relationType": "Other",
            "relationTypeInformation": "in some way",
        },
        {
            "relatedIdentifier": "swh:1:rev:1",
            "relatedIdentifierType": "SWHID",
            "relationType": "HasTranslation",
        },
    ]
    stored = read(owner.put(**metadata(event="publish", relatedIdentifiers=related)))
    assert stored["relatedIdentifiers"] == related


# schemaVersion


def test_json_without_schema_version_stores_null(owner):
    """datacite/lupo#1179."""
    stored = read(owner.put(**metadata(schemaVersion=..., event="publish")))
    assert stored["schemaVersion"] is None


@pytest.mark.parametrize("method", ["post", "put"])
def test_without_schema_version_only_metadata_is_invalid(owner, method):
    """post_spec.rb:1454."""
    sent = metadata(schemaVersion=..., creators=[], event="publish")
    answer = owner.post(doi=DOI, **sent) if method == "post" else owner.put(**sent)
    error = {"source": "metadata", "title": "Is invalid", "uid": DOI}
    assert errors_of(answer) == [error]


def test_an_update_without_schema_version_becomes_kernel_4(owner):
    """DC:618-623."""
    owner.put(**metadata(schemaVersion=...))
    assert read(owner.put(url="https://a.org"))["schemaVersion"] == KERNEL_4
    assert sources(owner.put(creators=[], event="publish")) == {"creators"}


@pytest.mark.parametrize("minor", ["", ".0", ".1", ".2", ".3"])
def test_these_schema_versions_are_checked(owner, minor):
    """xml_schema_validator.rb:30."""
    sent = metadata(schemaVersion=KERNEL_4 + minor, creators=[], event="publish")
    assert sources(owner.put(**sent)) == {"creators"}


@pytest.mark.parametrize("version", [f"{KERNEL_4}.5", f"{KERNEL_4}.7", "nonsense"])
def test_other_schema_versions_switch_the_check_off(owner, version):
    """datacite/datacite#1893, #1894, #2185."""
    stored = read(
        owner.put(**metadata(schemaVersion=version, creators=[], event="publish"))
    )
    assert stored["state"] == "findable"
    assert stored["schemaVersion"] == version


@pytest.mark.parametrize("version", ["2.1", "2.2", "3", "3.0", "3.1"])
def test_old_schema_versions_are_refused(owner, version):
    """post_spec.rb:981-1045."""
    version = f"http://datacite.org/schema/kernel-{version}"
    answer = owner.put(**metadata(schemaVersion=version, event="publish"))
    title = f"DOI {DOI}: Schema {version} is no longer supported"
    assert errors_of(answer) == [{"source": "xml", "title": title, "uid": DOI}]

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite XML in the ``xml`` attribute."""

from __future__ import annotations

import pytest

from .helpers import DOI, FULL, KERNEL_4, URL, XML, decoded, encoded, metadata, read


def without_creators(xml: str) -> str:
    start, end = xml.index("<creators>"), xml.index("</creators>")
    return xml[:start] + "<creators>" + xml[end:]


def test_a_findable_doi_from_xml(owner):
    """post_spec.rb:38."""
    stored = read(owner.post(doi=DOI, url=URL, xml=encoded(XML), event="publish"))
    assert stored["state"] == "findable"
    assert stored["schemaVersion"] == KERNEL_4
    assert stored["titles"] == [{"title": "Eating your own Dog Food"}]
    assert stored["creators"] == [
        {
            "name": "Fenner, Martin",
            "givenName": "Martin",
            "familyName": "Fenner",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0003-1419-2405",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [],
        }
    ]
    assert stored["types"] == {
        "bibtex": "article",
        "citeproc": "article-journal",
        "resourceType": "BlogPosting",
        "resourceTypeGeneral": "Text",
        "ris": "RPRT",
        "schemaOrg": "ScholarlyArticle",
    }
    assert stored["dates"] == [
        {"date": "2016-12-20", "dateType": "Created"},
        {"date": "2016", "dateType": "Issued"},
    ]


def test_the_doi_in_the_xml_is_replaced(owner):
    """post_spec.rb:55."""
    answer = owner.post(doi=DOI, xml=encoded(XML))
    assert f">{DOI.upper()}</identifier>" in decoded(answer)


def test_xml_alone_is_kept_as_it_is(owner):
    """params_sanitizer.rb:349-374: the XML is not rewritten."""
    assert 'schemeURI="http://orcid.org/"' in decoded(owner.put(xml=encoded(XML)))


def test_json_wins_over_xml_in_the_same_payload(owner):
    """patch_spec.rb:345."""
    titles = [{"title": "Another"}]
    answer = owner.put(xml=encoded(XML), titles=titles, url=URL, event="publish")
    assert read(answer)["titles"] == titles
    assert read(answer)["publisher"] == "DataCite"
    assert "Another" in decoded(answer)


def test_null_falls_back_to_the_xml(owner):
    """post_spec.rb:1344."""
    stored = read(owner.put(xml=encoded(XML), titles=None))
    assert stored["titles"] == [{"title": "Eating your own Dog Food"}]


def test_an_empty_list_does_not_fall_back(owner):
    """patch_spec.rb:424."""
    assert read(owner.put(xml=encoded(XML), dates=[]))["dates"] == []


def test_invalid_xml_is_fine_for_a_draft(owner):
    """post_spec.rb:1526."""
    assert owner.put(xml=encoded(without_creators(XML))).status_code == 201


@pytest.mark.parametrize("changes", [{}, {"creators": None}])
def test_invalid_xml_is_refused_for_a_findable_doi(owner, changes):
    """patch_spec.rb:261, 286; post_spec.rb:1552."""
    xml = encoded(without_creators(XML))
    answer = owner.put(xml=xml, url=URL, event="publish", **changes)
    assert answer.status_code == 422
    title = (
        f"DOI {DOI}: Missing child element(s). Expected is "
        "( {http://datacite.org/schema/kernel-4}creator ). at line 4, column 0"
    )
    error = {"source": "creators", "title": title, "uid": DOI}
    assert answer.json() == {"errors": [error]}


def test_creators_in_a_heap_are_refused(owner):
    """post_spec.rb:1676."""
    xml = XML.replace("</creator>", "<creatorName>Second</creatorName></creator>")
    answer = owner.put(xml=encoded(xml), url=URL, event="publish")
    (error,) = answer.json()["errors"]
    assert error["source"] == "creatorName"
    assert "This element is not expected." in error["title"]


@pytest.mark.parametrize("kernel", ["kernel-2.2", "kernel-3", "kernel-3.0"])
def test_old_schemas_are_refused(owner, kernel):
    """post_spec.rb:963-1045, patch_spec.rb:186."""
    xml = encoded(XML.replace("kernel-4", kernel))
    answer = owner.put(xml=xml, url=URL, event="publish")
    schema = f"http://datacite.org/schema/{kernel}"
    title = f"DOI {DOI}: Schema {schema} is no longer supported"
    error = {"source": "xml", "title": title, "uid": DOI}
    assert answer.json() == {"errors": [error]}


@pytest.mark.parametrize("xml", ["<resource", "no xml", "@article{a, title={b}}"])
def test_what_is_not_datacite_xml_is_passed_over(owner, xml):
    """Other formats, which the service can read, are not supported."""
    stored = read(owner.put(xml=encoded(xml), **metadata(event="publish")))
    assert stored["titles"] == metadata()["titles"]


def test_entities_are_not_expanded(owner, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    entity = f'<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]>\n<resource'
    xml = XML.replace("<resource", entity).replace("<title>Eating", "<title>&e; Eating")
    answer = owner.put(xml=encoded(xml))
    assert answer.status_code == 201
    assert "top secret" not in answer.text + decoded(answer)


def test_characters_that_xml_cannot_hold_do_not_break_anything(owner):
    titles = [{"title": "a\u0001b\ud800c"}]
    assert owner.put(**metadata(titles=titles, event="publish")).status_code == 201


def test_a_name_is_written_from_its_parts(owner):
    """bolognese datacite_utils.rb: family and given name precede ``name``."""
    person = {"name": "M. Fenner", "givenName": "Martin", "familyName": "Fenner"}
    answer = owner.put(**metadata(creators=[person]))
    assert "<creatorName>Fenner, Martin</creatorName>" in decoded(answer)
    assert read(answer)["creators"][0]["name"] == "M. Fenner"


def test_xml_can_be_asked_for(owner):
    """content_negotiation_spec."""
    owner.put(**metadata(event="publish"))
    accept = {"Accept": "application/vnd.datacite.datacite+xml"}
    answer = owner.get(f"/dois/{DOI}", headers=accept)
    assert answer.headers["Content-Type"] == accept["Accept"]
    assert answer.text == decoded(owner.get(f"/dois/{DOI}"))


@pytest.mark.parametrize("name", [name for name in FULL if name != "contentUrl"])
def test_every_property_survives_the_way_through_xml(owner, name):
    """Write JSON, send the resulting XML, and read the same."""
    first = owner.put(**metadata(event="publish", **{name: FULL[name]}))
    xml = first.json()["data"]["attributes"]["xml"]
    owner.put("10.14454/copy", xml=xml, url=URL, event="publish")
    original = owner.read(affiliation="true")[name]
    if name == "relatedItems":
        original = [{"creators": [], "contributors": [], **item} for item in original]
    assert owner.read("10.14454/copy", affiliation="true")[name] == original

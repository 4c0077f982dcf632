# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The attributes of one DOI in an answer (facts 4)."""

from __future__ import annotations

from .helpers import DOI, URL, metadata, read


def test_a_draft_that_is_empty_reads_as(owner):
    """SER: lists are never null, counts are 0."""
    stored = read(owner.put())
    lists = (
        "creators titles contributors subjects dates relatedIdentifiers relatedItems "
        "sizes formats rightsList descriptions geoLocations fundingReferences "
        "identifiers alternateIdentifiers viewsOverTime downloadsOverTime "
        "citationsOverTime"
    )
    assert {stored[name] == [] for name in lists.split()} == {True}
    nulls = "url contentUrl publisher publicationYear language version reason xml"
    assert {stored[name] for name in nulls.split()} == {None}
    assert (stored["prefix"], stored["suffix"]) == tuple(DOI.split("/"))
    assert stored["viewCount"] == stored["versionOfCount"] == 0


def test_relationships_of_one_doi(owner):
    """SER:93-135."""
    relationships = owner.put().json()["data"]["relationships"]
    assert relationships["client"] == {"data": {"id": "test.repo", "type": "clients"}}
    assert relationships["provider"] == {"data": {"id": "test", "type": "providers"}}
    names = [
        "media",
        "references",
        "citations",
        "parts",
        "partOf",
        "versions",
        "versionOf",
    ]
    assert {str(relationships[name]) for name in names} == {"{'data': []}"}


def test_one_doi_has_no_meta(owner):
    owner.put()
    assert owner.get(f"/dois/{DOI}").json().keys() == {"data"}


def test_only_the_owner_sees_the_landing_page(owner, other, anonymous):
    """dois_spec:1684-1770."""
    page = {"status": 200, "url": URL}
    owner.put(**metadata(event="publish", landingPage=page))
    assert owner.read()["landingPage"] == page
    for client in (other, anonymous):
        assert "landingPage" not in client.read()

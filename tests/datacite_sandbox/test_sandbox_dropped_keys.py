# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Keys that are dropped without an error, and their names in the log (PS:30-274)."""

from __future__ import annotations

import pytest

from .helpers import DOI, FULL, metadata, read


def dropped(server):
    return server.log()[-1]["dropped"]


def test_nothing_of_a_complete_payload_is_dropped(server, owner):
    owner.put(**metadata(event="publish", **FULL))
    assert dropped(server) == []


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"publicationyear": 2016}, "publicationyear"),
        ({"titles": [{"title": "x", "type": "y"}]}, "titles[0].type"),
        ({"publisher": {"name": "P", "ror": "x"}}, "publisher.ror"),
        (
            {"creators": [{"name": "x", "affiliation": ["DataCite"]}]},
            "creators[0].affiliation[0]",
        ),
        ({"creators": [{"name": "x", "affiliation": "D"}]}, "creators[0].affiliation"),
        (
            {"creators": [{"nameIdentifiers": [{"schemeURI": "x"}]}]},
            "creators[0].nameIdentifiers[0].schemeURI",
        ),
        ({"subjects": ["a"]}, "subjects[0]"),
        ({"titles": [{"title": {"en": "x"}}]}, "titles[0].title"),
        ({"language": ["en"]}, "language"),
        ({"sizes": ["1", {"size": 2}]}, "sizes"),
        (
            {"relatedItems": [{"titles": [{"title": "x", "lang": "en"}]}]},
            "relatedItems[0].titles[0].lang",
        ),
        (
            {"relatedItems": [{"relatedItemIdentifier": {"schemeUri": "x"}}]},
            "relatedItems[0].relatedItemIdentifier.schemeUri",
        ),
        (
            {"geoLocations": [{"geoLocationPolygon": [[{"polygonPoint": {}}]]}]},
            "geoLocations[0].geoLocationPolygon[0]",
        ),
    ],
)
def test_an_unknown_key_is_accepted_dropped_and_logged(server, owner, sent, path):
    answer = owner.put(**sent)
    assert answer.status_code == 201
    assert dropped(server) == [path]


def test_affiliations_as_text_disappear(owner):
    """Strong parameters keep only objects [code reading]."""
    creators = [{"name": "x", "affiliation": ["DataCite", {"name": "EMBL"}]}]
    stored = read(owner.put(creators=creators))
    assert stored["creators"][0]["affiliation"] == ["EMBL"]


def test_a_null_inside_an_object_is_not_counted_as_dropped(server, owner):
    owner.put(creators=[{"name": "x", "affiliation": None, "givenName": None}])
    assert dropped(server) == []


def test_unknown_members_of_data_are_logged_too(server, owner):
    owner.send("PUT", f"/dois/{DOI}", {}, links={"self": "x"})
    assert dropped(server) == ["data.links"]


def test_a_refused_payload_is_logged_with_what_was_dropped(server, owner):
    assert owner.put(event="publish", nonsense=1).status_code == 422
    assert dropped(server) == ["nonsense"]

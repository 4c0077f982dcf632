# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite serves the metadata that were sent, by this package's comparison."""

from __future__ import annotations

from copy import deepcopy

import pytest
import requests

from invenio_rdm_doi.metadata.comparison import differences

from .test_fixtures import RECORDS, payload

AUTH = ("TEST.REPO", "sandbox-password")


def put(sandbox, attributes):
    """Send the attributes, and read them again without credentials."""
    url = f"{sandbox.url}/dois/{attributes['doi']}"
    data = {"type": "dois", "attributes": {**attributes, "event": "publish"}}
    answer = requests.put(url, json={"data": data}, auth=AUTH)
    assert answer.status_code in (200, 201), answer.text
    assert answer.json()["data"]["attributes"]["state"] == "findable"
    served = requests.get(url, params={"publisher": "true", "affiliation": "true"})
    return served.json()["data"]["attributes"]


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_served_is_what_was_sent(name, sandbox):
    attributes = payload(name)
    assert differences(attributes, put(sandbox, attributes)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_nothing_is_dropped(name, sandbox):
    put(sandbox, payload(name))
    (entry,) = sandbox.writes()
    assert not entry["dropped"]


CHANGES = {
    "titles": [{"title": "Another"}],
    "creators": [{"name": "Nobody", "nameIdentifiers": [], "affiliation": []}],
    "publisher": {"name": "Another"},
    "publicationYear": 1999,
    "types": {"resourceTypeGeneral": "Book"},
    "subjects": [{"subject": "another"}],
    "dates": [{"date": "1999", "dateType": "Issued"}],
    "language": "fr",
    "identifiers": [{"identifier": "x", "identifierType": "y"}],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.1234/x",
            "relatedIdentifierType": "DOI",
            "relationType": "Cites",
        }
    ],
    "sizes": ["1 page"],
    "formats": ["text/plain"],
    "version": "77",
    "rightsList": [{"rights": "Another", "rightsUri": "https://example.org/x"}],
    "descriptions": [{"description": "Another", "descriptionType": "Abstract"}],
    "geoLocations": [{"geoLocationPlace": "Elsewhere"}],
    "fundingReferences": [{"funderName": "Another"}],
    "contributors": [
        {
            "name": "Nobody",
            "contributorType": "Editor",
            "nameIdentifiers": [],
            "affiliation": [],
        }
    ],
    "relatedItems": [
        {
            "relatedItemType": "Book",
            "relationType": "IsPublishedIn",
            "titles": [{"title": "Another"}],
        }
    ],
    "url": "https://repository.example.org/doi/10.1234/other",
}


@pytest.mark.parametrize("attribute", CHANGES)
@pytest.mark.parametrize("name", ["software", "rights", "subjects", "places"])
def test_every_difference_is_seen(name, attribute, sandbox):
    """The comparison above would pass if it found no differences at all."""
    attributes = payload(name)
    served = put(sandbox, attributes)
    changed = deepcopy(served) | {attribute: CHANGES[attribute]}
    assert differences(attributes, changed) == [attribute]


def test_a_license_that_was_changed_is_seen(sandbox):
    attributes = payload("rights")
    served = put(sandbox, attributes)
    other = payload("software")["rightsList"]
    assert differences(attributes | {"rightsList": other}, served) == ["rightsList"]


@pytest.mark.parametrize("license", ["GPL-2.0", "GPL-3.0", "LGPL-2.1", "LGPL-3.0"])
def test_a_license_with_two_identifiers_is_no_difference(license, sandbox):
    """DataCite finds it by its name, and stores the other identifier."""
    kind, version = license.split("-")
    lesser = "Lesser " if kind == "LGPL" else ""
    right = {
        "rights": f"GNU {lesser}General Public License v{version} only",
        "rightsUri": "https://www.gnu.org/licenses/",
        "rightsIdentifier": f"{license.lower()}-only",
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }
    attributes = payload("software") | {"rightsList": [right]}
    served = put(sandbox, attributes)
    assert served["rightsList"][0]["rightsIdentifier"] == license.lower()
    assert differences(attributes, served) == []
    later = {**right, "rightsIdentifier": f"{license.lower()}-or-later"}
    assert differences(attributes | {"rightsList": [later]}, served) == ["rightsList"]

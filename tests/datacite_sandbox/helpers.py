# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A small client, and metadata to send with it."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from datacite_sandbox import Account, SandboxServer

KERNEL_4 = "http://datacite.org/schema/kernel-4"
OWNER = Account("TEST.REPO", "secret", ("10.14454", "10.5555"))
OTHER = Account("OTHER.REPO", "secret", ("10.5072",))
INACTIVE = Account("TEST.OLD", "secret", ("10.7777",), is_active=False)
LIMITED = Account("TEST.LIMITED", "secret", ("10.8888",), "*.example.org,exact.org")
MEMBER = Account("TEST", "secret", role="provider")
ACCOUNTS = (OWNER, OTHER, INACTIVE, LIMITED, MEMBER)

DOI = "10.14454/4k3m-nyvg"
URL = "https://www.example.org/landing"
METADATA: dict[str, Any] = {
    "url": URL,
    "schemaVersion": KERNEL_4,
    "creators": [{"name": "Fenner, Martin", "nameType": "Personal"}],
    "titles": [{"title": "Eating your own Dog Food"}],
    "publisher": {"name": "DataCite"},
    "publicationYear": 2016,
    "types": {"resourceTypeGeneral": "Text", "resourceType": "BlogPosting"},
}
#: At least one value for every attribute that is a list.
FULL: dict[str, Any] = {
    "contributors": [
        {
            "name": "EMBL",
            "nameType": "Organizational",
            "contributorType": "HostingInstitution",
        }
    ],
    "creators": [
        {
            "name": "Ollomo, Benjamin",
            "nameType": "Personal",
            "givenName": "Benjamin",
            "familyName": "Ollomo",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0003-1419-2405",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [
                {
                    "name": "DataCite",
                    "affiliationIdentifier": "https://ror.org/04wxnsj81",
                    "affiliationIdentifierScheme": "ROR",
                    "schemeUri": "https://ror.org",
                }
            ],
        }
    ],
    "titles": [{"title": "One"}, {"title": "Two", "titleType": "Subtitle"}],
    "dates": [{"date": "2016", "dateType": "Issued", "dateInformation": "x"}],
    "subjects": [{"subject": "a", "subjectScheme": "s", "lang": "en"}],
    "descriptions": [{"description": "d", "descriptionType": "Abstract"}],
    "rightsList": [{"rights": "Mine", "rightsUri": "https://a.org/license"}],
    "sizes": ["1 MB"],
    "formats": ["text/plain"],
    "identifiers": [{"identifier": "pk-1234", "identifierType": "publisher ID"}],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.1/x",
            "relatedIdentifierType": "DOI",
            "relationType": "References",
            "resourceTypeGeneral": "Text",
        }
    ],
    "relatedItems": [
        {
            "relatedItemType": "Journal",
            "relationType": "IsPublishedIn",
            "titles": [{"title": "Journal"}],
            "volume": "1",
            "number": "5",
            "numberType": "Article",
            "relatedItemIdentifier": {
                "relatedItemIdentifier": "1234-5678",
                "relatedItemIdentifierType": "ISSN",
            },
        }
    ],
    "fundingReferences": [
        {
            "funderName": "EU",
            "funderIdentifier": "https://ror.org/00k4n6c32",
            "funderIdentifierType": "ROR",
            "awardNumber": "1",
            "awardUri": "https://a.org/1",
            "awardTitle": "Award",
        }
    ],
    "geoLocations": [
        {
            "geoLocationPlace": "Berlin",
            "geoLocationPoint": {"pointLatitude": 52.5, "pointLongitude": 13},
            "geoLocationBox": {
                "westBoundLongitude": 13,
                "eastBoundLongitude": 14,
                "southBoundLatitude": 52,
                "northBoundLatitude": 53,
            },
            "geoLocationPolygon": [
                {"polygonPoint": {"pointLatitude": 1, "pointLongitude": 1}},
                {"polygonPoint": {"pointLatitude": 2, "pointLongitude": 1}},
                {"polygonPoint": {"pointLatitude": 2, "pointLongitude": 2}},
                {"polygonPoint": {"pointLatitude": 1, "pointLongitude": 1}},
                {"inPolygonPoint": {"pointLatitude": 1.5, "pointLongitude": 1.5}},
            ],
        }
    ],
    "contentUrl": ["s3://bucket/object"],
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<resource xmlns="http://datacite.org/schema/kernel-4">
  <identifier identifierType="DOI">10.9999/OTHER</identifier>
  <creators>
    <creator>
      <creatorName>Fenner, Martin</creatorName>
      <givenName>Martin</givenName>
      <familyName>Fenner</familyName>
      <nameIdentifier schemeURI="http://orcid.org/"
        nameIdentifierScheme="ORCID">0000-0003-1419-2405</nameIdentifier>
    </creator>
  </creators>
  <titles><title>Eating your own Dog Food</title></titles>
  <publisher>DataCite</publisher>
  <publicationYear>2016</publicationYear>
  <resourceType resourceTypeGeneral="Text">BlogPosting</resourceType>
  <dates><date dateType="Created">2016-12-20</date></dates>
</resource>
"""


def metadata(**changes: Any) -> dict[str, Any]:
    """Return valid attributes with changes; ``...`` removes an attribute."""
    merged = {**METADATA, **changes}
    return {key: value for key, value in merged.items() if value is not ...}


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def decoded(answer: requests.Response) -> str:
    """Return the XML of the DOI in an answer."""
    return base64.b64decode(answer.json()["data"]["attributes"]["xml"]).decode()


def read(answer: requests.Response) -> dict[str, Any]:
    """Return the attributes of the DOI in a successful answer."""
    assert answer.status_code in (200, 201), answer.text
    attributes: dict[str, Any] = answer.json()["data"]["attributes"]
    return attributes


class Client:
    """A client for one sandbox and one account."""

    def __init__(self, url: str, auth: Any = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = auth

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 10)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.url + path, **options)

    def get(self, path: str, **params: Any) -> requests.Response:
        headers = params.pop("headers", None)
        return self.request("GET", path, params=params, headers=headers)

    def send(
        self, method: str, path: str, attributes: Any, **more: Any
    ) -> requests.Response:
        data = {"type": "dois", "attributes": attributes, **more}
        headers = {"Content-Type": "application/vnd.api+json"}
        return self.request(method, path, json={"data": data}, headers=headers)

    def post(self, path: str = "/dois", /, **attributes: Any) -> requests.Response:
        return self.send("POST", path, attributes)

    def put(self, doi: str = DOI, /, **attributes: Any) -> requests.Response:
        return self.send("PUT", f"/dois/{doi}", attributes)

    def patch(self, doi: str = DOI, /, **attributes: Any) -> requests.Response:
        return self.send("PATCH", f"/dois/{doi}", attributes)

    def delete(self, doi: str = DOI) -> requests.Response:
        return self.request("DELETE", f"/dois/{doi}")

    def read(self, doi: str = DOI, **params: Any) -> dict[str, Any]:
        return read(self.get(f"/dois/{doi}", **params))


def connections(client: Client) -> int:
    """Count the connections that a client has opened so far."""
    pools = client.session.get_adapter("http://").poolmanager.pools
    urls = pools.keys()
    return sum(pools[url].num_connections for url in urls)


def environment() -> dict[str, str]:
    """Return the environment of a process that can import this package."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}


def stored(server: SandboxServer, doi: str = DOI) -> Any:
    """Return the DOI as stored in the sandbox, or None."""
    return server.sandbox.store.get(doi)


def last(server: SandboxServer) -> tuple[Any, Any, Any]:
    """Return status, fault and processed of the last request in the log."""
    entry = server.log()[-1]
    return entry["status"], entry["fault"], entry["processed"]


def eventually(condition: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)

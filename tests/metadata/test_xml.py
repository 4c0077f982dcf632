# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite XML is valid by the XSD, and DataCite reads the payload's values in it."""

from __future__ import annotations

import base64
from importlib.resources import files

import pytest
import requests
from lxml import etree

from datacite_sandbox.auth import Caller
from datacite_sandbox.dois import Doi
from datacite_sandbox.revisions import revise
from datacite_sandbox.serialize import View, attributes_of
from invenio_rdm_doi.metadata.comparison import differences
from invenio_rdm_doi.metadata.xml import to_text, to_xml

from .test_fixtures import RECORDS, payload
from .test_round_trip import AUTH

XSD = etree.XMLSchema(
    etree.parse(str(files("datacite_sandbox") / "kernel-4" / "metadata.xsd"))
)


def complaints(attributes):
    """Return the XSD's complaints about the XML of a payload."""
    document = etree.fromstring(to_text(attributes).encode())
    return [] if XSD.validate(document) else [str(error) for error in XSD.error_log]


@pytest.mark.parametrize("name", RECORDS)
def test_it_is_valid(name):
    assert complaints(payload(name)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_datacite_reads_in_it_what_the_payload_says(name, sandbox):
    """Register the DOI from XML alone, and compare the result with the payload."""
    attributes = payload(name)
    encoded = base64.b64encode(to_text(attributes).encode()).decode()
    url = f"{sandbox.url}/dois/{attributes['doi']}"
    sent = {"xml": encoded, "url": attributes["url"], "event": "publish"}
    answer = requests.put(
        url, json={"data": {"type": "dois", "attributes": sent}}, auth=AUTH, timeout=10
    )
    assert answer.ok, answer.text
    read = requests.get(
        url, params={"publisher": "true", "affiliation": "true"}, timeout=10
    )
    served = read.json()["data"]["attributes"]
    assert differences(as_read(attributes), as_read(served), mapping=0) == []


def kept(sent):
    """Return the attributes that DataCite stores, by the sandbox's rules."""
    view = View(Caller(), affiliation=True, publisher=True)
    doi = revise(Doi("10.1234/abc", "X"), sent, is_new=True)
    return attributes_of(doi, view)


def lost_in_xml(attributes):
    """Return attributes that DataCite stores from a payload but not from its XML."""
    encoded = base64.b64encode(to_text(attributes).encode()).decode()
    from_xml = kept({"xml": encoded, "url": attributes["url"]})
    return differences(as_read(attributes), as_read(from_xml), mapping=0)


def one_case(item):
    """DataCite converts DOIs to lower case when it reads them from XML."""
    name = item["relatedIdentifier"]
    return name.lower() if item["relatedIdentifierType"] == "DOI" else name


def as_read(attributes):
    """Remove what XML cannot express: line breaks, empty lists, rights without text."""
    return attributes | {
        "descriptions": [
            {**item, "description": " ".join(item["description"].split())}
            for item in attributes["descriptions"]
        ],
        "relatedIdentifiers": [
            {**item, "relatedIdentifier": one_case(item)}
            for item in attributes["relatedIdentifiers"]
        ],
        "relatedItems": [
            {key: value for key, value in item.items() if value}
            for item in attributes["relatedItems"]
        ],
        "rightsList": [item for item in attributes["rightsList"] if "rights" in item],
    }


def test_a_whole_document():
    text = to_text(payload("poster"))
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n<resource xmlns=")
    assert "https://schema.datacite.org/meta/kernel-4.7/metadata.xsd" in text
    assert '<identifier identifierType="DOI">10.1234/abc</identifier>' in text


def test_a_draft_without_a_doi_and_nulls():
    """Such a draft appears in the preview; XML has no null."""
    element = to_xml(payload("poster") | {"doi": None, "language": None, "dates": []})
    assert element.find("{*}identifier") is None
    assert element.find("{*}language") is None
    assert element.find("{*}dates") is None


def test_what_a_sites_dumper_adds_is_cleaned():
    attributes = payload("poster") | {"version": "1\x002", "subjects": [{"subject": 7}]}
    element = etree.fromstring(to_text(attributes).encode())
    assert element.findtext("{*}version") == "12"
    assert element.findtext("{*}subjects/{*}subject") == "7"

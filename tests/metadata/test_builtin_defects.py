# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Correct results where InvenioRDM's own DataCite support loses or alters data.

The numbers refer to the list of defects with which the development of this package
began.
"""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.kernel import allowed
from invenio_rdm_doi.metadata.source import Chain

from .records import BOX, RELATED, record, related, source


def described(**metadata):
    return describe_record(source(record(**metadata))).attributes


def test_25_award_and_subject_addresses_have_names_that_datacite_reads():
    attributes = described(
        funding=[{"funder": {"id": "bare"}, "award": {"id": "00k4n6c32::101057437"}}],
        subjects=[{"id": "mesh:D009791"}],
    )
    (funding,) = attributes["fundingReferences"]
    assert funding["awardUri"] == "https://doi.org/10.3030/101057437"
    (subject,) = attributes["subjects"]
    assert subject["valueUri"] == "https://id.nlm.nih.gov/mesh/D009791"
    assert "URI" not in json.dumps(attributes)


def test_26_date_of_update_and_communities_are_registered():
    attributes = describe_record(
        source(
            record(), communities=("https://repository.example.org/communities/sea",)
        )
    ).attributes
    assert {"date": "2026-05-06", "dateType": "Updated"} in attributes["dates"]
    assert attributes["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "https://repository.example.org/communities/sea",
            "relatedIdentifierType": "URL",
            "relationType": "IsPartOf",
            "resourceTypeGeneral": "Collection",
        }
    ]


@pytest.mark.parametrize("scheme, identifier", RELATED[:-2], ids=lambda value: value)
def test_27_no_related_identifier_is_dropped_silently(scheme, identifier):
    description = describe_record(
        source(record(related_identifiers=[related(scheme, identifier)]))
    )
    (entry,) = description.attributes["relatedIdentifiers"]
    assert entry["relatedIdentifierType"] in allowed("relatedIdentifierType")
    assert description.notes == ()


def test_27_what_has_no_lawful_form_is_told():
    description = describe_record(
        source(record(related_identifiers=[related("other", "shelf mark 7")]))
    )
    assert "relatedIdentifiers" not in description.attributes
    (note,) = description.notes
    assert note.field == "metadata.related_identifiers.0"


def test_28_values_of_schema_4_6_and_4_7_and_related_items():
    attributes = describe_record(
        source(
            record(
                "poster",
                {
                    "journal:journal": {"title": "Tides"},
                    "meeting:meeting": {"title": "Conference"},
                },
                contributors=[
                    {
                        "person_or_org": {"type": "personal", "family_name": "Haan"},
                        "role": {"id": "translator"},
                    }
                ],
                dates=[{"date": "2020", "type": {"id": "coverage"}}],
                related_identifiers=[
                    related("doi", "10.1234/song", "issetto"),
                    related("doi", "10.1234/de", "istranslationof"),
                ],
            )
        )
    ).attributes
    assert attributes["types"]["resourceTypeGeneral"] == "Poster"
    assert attributes["contributors"][0]["contributorType"] == "Translator"
    assert {"date": "2020", "dateType": "Coverage"} in attributes["dates"]
    reported, translated = attributes["relatedIdentifiers"]
    assert (reported["relationType"], reported["relationTypeInformation"]) == (
        "Other",
        "Is set to music in",
    )
    assert translated["relationType"] == "IsTranslationOf"
    assert [item["relatedItemType"] for item in attributes["relatedItems"]] == [
        "Journal",
        "Event",
    ]


def test_29_inputs_are_not_changed():
    data = record(
        funding=[{"funder": {"id": "00k4n6c32", "identifiers": []}}],
        creators=[
            {
                "person_or_org": {"type": "organizational", "name": "Crew"},
                "affiliations": [{"id": "old", "identifiers": []}],
            }
        ],
    )
    before = deepcopy(data)
    described_twice = [describe_record(source(data)).attributes for _ in range(2)]
    assert data == before
    assert described_twice[0] == described_twice[1]


def test_30_nothing_is_lost_that_is_in_another_language():
    attributes = described(
        rights=[{"title": {"nl": "Vrij voor scholen"}}, {"id": "house"}],
        funding=[{"funder": {"id": "bare"}, "award": {"title": {"fr": "Marées"}}}],
    )
    assert [entry["rights"] for entry in attributes["rightsList"]] == [
        "Vrij voor scholen",
        "Hauslizenz",
    ]
    assert attributes["fundingReferences"][0]["awardTitle"] == "Marées"


def test_30_no_place_is_empty():
    parts = [{"type": "MultiPolygon", "coordinates": [[BOX]]}, {"type": "Cube"}]
    features = [{"geometry": part} for part in parts]
    attributes = described(locations={"features": features})
    (place,) = attributes["geoLocations"]
    assert set(place) == {"geoLocationBox"}


def test_31_subjects_have_scheme_address_and_code():
    (subject,) = described(
        subjects=[{"id": "http://www.oecd.org/science/inno/38235147.pdf?1.5"}]
    )["subjects"]
    assert subject == {
        "subject": "Earth and related environmental sciences",
        "subjectScheme": "Fields of Science and Technology (FOS)",
        "schemeUri": "http://www.oecd.org/science/inno/38235147.pdf",
        "valueUri": "http://www.oecd.org/science/inno/38235147.pdf?1.5",
        "classificationCode": "1.5",
    }


def test_32_a_version_names_those_around_it():
    # Their changes are sent, too: test_changes_around_a_record_are_sent.py.
    chain = Chain("10.1234/all", previous="10.1234/1", following="10.1234/3")
    attributes = describe_record(source(record(), chain=chain)).attributes
    assert {
        entry["relationType"]: entry["relatedIdentifier"]
        for entry in attributes["relatedIdentifiers"]
    } == {
        "IsVersionOf": "10.1234/all",
        "IsNewVersionOf": "10.1234/1",
        "IsPreviousVersionOf": "10.1234/3",
    }

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Vocabularies with tables of their own, from the database to DataCite."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_records_resources.proxies import current_service_registry
from invenio_vocabularies.records.models import VocabularyScheme

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.vocabularies import DatabaseVocabularies
from tests.support.repository import doi_of

ENTRIES = {
    "affiliations": {
        "id": "04sk0et52",
        "name": "Royal Netherlands Institute for Sea Research",
        "identifiers": [{"scheme": "ror", "identifier": "04sk0et52"}],
    },
    "funders": {
        "id": "00k4n6c32",
        "name": "European Commission",
        "identifiers": [{"scheme": "ror", "identifier": "00k4n6c32"}],
    },
    "awards": {
        "id": "00k4n6c32::101057437",
        "number": "101057437",
        "title": {"en": "Tides"},
        "funder": {"id": "00k4n6c32"},
        "identifiers": [{"scheme": "url", "identifier": "https://x.org/101057437"}],
    },
    "subjects": {"id": "mesh:D009791", "subject": "Oceans", "scheme": "MeSH"},
}


@pytest.fixture(scope="module")
def special(running_app, database):
    """Create an entry in each of them, and the scheme of the subject."""
    for name, entry in ENTRIES.items():
        service = current_service_registry.get(name)
        service.create(system_identity, entry)
        service.record_cls.index.refresh()
    VocabularyScheme.create(
        id="MeSH", parent_id="subjects", name="MeSH", uri="http://id.nlm.nih.gov/mesh/"
    )
    database.session.commit()


def test_they_reach_datacite(repository, sandbox, record_data, special):
    metadata = record_data["metadata"]
    metadata["creators"][0]["affiliations"] = [{"id": "04sk0et52"}]
    metadata["subjects"] = [{"id": "mesh:D009791"}]
    metadata["funding"] = [
        {"funder": {"id": "00k4n6c32"}, "award": {"id": "00k4n6c32::101057437"}}
    ]
    record = repository.publish(record_data)
    repository.deliver()
    there = sandbox.doi(doi_of(record))
    assert there["creators"][0]["affiliation"] == [
        {
            "name": "Royal Netherlands Institute for Sea Research",
            "affiliationIdentifier": "https://ror.org/04sk0et52",
            "affiliationIdentifierScheme": "ROR",
            "schemeUri": "https://ror.org",
        }
    ]
    assert there["subjects"] == [
        {
            "subject": "Oceans",
            "subjectScheme": "MeSH",
            "schemeUri": "http://id.nlm.nih.gov/mesh/",
            "classificationCode": "D009791",
        }
    ]
    assert there["fundingReferences"] == [
        {
            "funderName": "European Commission",
            "funderIdentifier": "https://ror.org/00k4n6c32",
            "funderIdentifierType": "ROR",
            "schemeUri": "https://ror.org",
            "awardNumber": "101057437",
            "awardTitle": "Tides",
            "awardUri": "https://x.org/101057437",
        }
    ]


def test_one_statement_for_each_table_and_none_twice(special, database):
    wanted = [(name, entry["id"]) for name, entry in ENTRIES.items()]
    wanted += [("resourcetypes", "dataset"), ("languages", "eng"), ("licenses", "no")]
    statements = []
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a))
    vocabularies = DatabaseVocabularies()
    sa.event.listen(*listen)
    try:
        vocabularies.load(wanted)
        vocabularies.load(wanted)
        found = {name: vocabularies.get(name, id_) for name, id_ in wanted}
    finally:
        sa.event.remove(*listen)
    assert len([s for s in statements if s[2].startswith("SELECT")]) == 5
    assert {name for name, entry in found.items() if entry is None} == {"licenses"}


def test_the_publishers_identifier_of_the_settings(repository, sandbox, record_data):
    identifier = {
        "publisherIdentifier": "https://ror.org/04sk0et52",
        "publisherIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
    }
    settings = current_doi.metadata_settings
    object.__setattr__(settings, "publishers", {"tidal archive": identifier})
    try:
        record = repository.publish(record_data)
        repository.deliver()
    finally:
        object.__setattr__(settings, "publishers", {})
    assert sandbox.doi(doi_of(record))["publisher"] == {
        "name": "Tidal Archive",
        **identifier,
    }

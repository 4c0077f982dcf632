# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The choice of DOIs to register: none, external and reserved ones, other prefixes."""

from __future__ import annotations

from invenio_access.permissions import system_identity
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.registration.models import Status
from tests.support.repository import Repository, concept_doi_of, doi_of

# Other DOIs, and none


def test_an_external_doi_is_never_sent(repository, sandbox, record_data):
    record_data["pids"] = {
        "doi": {"identifier": "10.9999/elsewhere.1", "provider": "external"}
    }
    record = repository.publish(record_data)
    assert doi_of(record) == "10.9999/elsewhere.1"
    assert repository.registrations() == []
    repository.deliver()
    assert sandbox.log() == []


def test_no_doi_is_registered_where_none_is_needed(
    repository, sandbox, record_data, doi_optional
):
    record = repository.publish(record_data)
    assert doi_of(record) is None
    assert repository.registrations() == []
    repository.deliver()
    assert sandbox.log() == []


def test_reserving_and_discarding_sends_nothing(repository, sandbox, record_data):
    draft = repository.draft(record_data)
    reserved = service.pids.create(repository.identity, draft.id, "doi")
    doi = doi_of(reserved)
    assert repository.registration(doi).status is Status.RESERVED
    repository.deliver()

    service.pids.discard(repository.identity, draft.id, "doi")
    assert repository.registration(doi) is None
    repository.deliver()
    assert sandbox.log() == []


def test_a_reserved_doi_is_the_one_that_is_registered(repository, sandbox, record_data):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    record = service.publish(repository.identity, draft.id)
    assert doi_of(record) == doi
    repository.deliver()
    assert sandbox.state(doi) == "findable"


def test_deleting_a_draft_forgets_its_reserved_doi(repository, sandbox, record_data):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    service.delete_draft(repository.identity, draft.id)
    assert repository.registration(doi) is None


# Registered DOIs


def test_a_doi_of_an_additional_prefix_is_registered(repository, sandbox, record_data):
    record_data["pids"] = {
        "doi": {
            "identifier": "10.5678/migrated.7",
            "provider": "datacite",
            "client": "datacite",
        }
    }
    record = Repository(system_identity).publish(record_data)
    repository.deliver()
    assert doi_of(record) == "10.5678/migrated.7"
    assert sandbox.state("10.5678/migrated.7") == "findable"
    assert concept_doi_of(record).startswith("10.5678/")
    assert sandbox.state(concept_doi_of(record)) == "findable"


def test_a_doi_of_a_foreign_prefix_is_refused_with_advice(repository, record_data):
    record_data["pids"] = {
        "doi": {
            "identifier": "10.9999/not-ours",
            "provider": "datacite",
            "client": "datacite",
        }
    }
    draft = repository.draft(record_data)
    (error,) = [e for e in draft.errors if e["field"] == "pids.doi"]
    assert "cannot be entered. Choose “Get a new DOI”" in str(error["messages"][0])


def test_a_missing_publisher_is_an_error_of_the_publisher(repository, record_data):
    del record_data["metadata"]["publisher"]
    draft = repository.draft(record_data)
    assert "metadata.publisher" in [error["field"] for error in draft.errors]

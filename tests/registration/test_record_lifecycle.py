# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The lifecycle of a record, with DataCite's data after each event."""

from __future__ import annotations

import pytest
from invenio_access.permissions import system_identity
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_records_resources.services.uow import UnitOfWork

from invenio_rdm_doi.registration.models import Kind, Outcome, Status
from tests.support.repository import concept_doi_of, doi_of, embargoed, expire


def test_publishing_registers_the_doi_and_the_concept_doi(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    doi, concept = doi_of(record), concept_doi_of(record)

    assert repository.deliver() == {"done": 2}

    version = sandbox.doi(doi)
    assert version["state"] == "findable"
    assert version["url"] == f"https://repository.example.org/doi/{doi}"
    assert version["titles"] == [{"title": "Tides of the Wadden Sea"}]
    assert version["publisher"] == {"name": "Tidal Archive"}
    assert version["publicationYear"] == 2026
    parent = sandbox.doi(concept)
    assert parent["state"] == "findable"
    assert parent["url"] == f"https://repository.example.org/doi/{concept}"


def test_record_and_concept_doi_refer_to_each_other(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    assert sandbox.doi(doi_of(record))["relatedIdentifiers"] == [
        {
            "relatedIdentifier": concept_doi_of(record),
            "relatedIdentifierType": "DOI",
            "relationType": "IsVersionOf",
        }
    ]
    assert sandbox.doi(concept_doi_of(record))["relatedIdentifiers"] == [
        {
            "relatedIdentifier": doi_of(record),
            "relatedIdentifierType": "DOI",
            "relationType": "HasVersion",
        }
    ]


def test_a_registration_is_committed_with_the_publish(repository, record_data):
    record = repository.publish(record_data)
    rows = {row.doi: row for row in repository.registrations()}
    assert set(rows) == {doi_of(record), concept_doi_of(record)}
    assert rows[doi_of(record)].kind is Kind.RECORD
    assert rows[concept_doi_of(record)].kind is Kind.CONCEPT
    for row in rows.values():
        assert row.status is Status.PENDING
        assert (row.revision, row.confirmed_revision) == (1, 0)
        assert row.due_at is not None


def test_a_publish_that_is_rolled_back_leaves_no_registration(
    repository, sandbox, record_data
):
    draft = repository.draft(record_data)
    with pytest.raises(ZeroDivisionError), UnitOfWork() as uow:
        service.publish(repository.identity, draft.id, uow=uow)
        raise ZeroDivisionError
    assert repository.registrations() == []
    assert repository.deliver() == {}
    assert sandbox.log() == []


def test_pidstore_says_registered_only_after_datacite_confirmed(
    repository, record_data
):
    record = repository.publish(record_data)
    for doi in (doi_of(record), concept_doi_of(record)):
        assert repository.pid_status(doi) == "K"
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        assert repository.pid_status(doi) == "R"
        assert repository.registration(doi).status is Status.FINDABLE


def test_an_attempt_is_kept_as_history(repository, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    (attempt,) = repository.attempts(doi_of(record))
    assert attempt.outcome is Outcome.DONE
    assert (attempt.revision, attempt.http_status) == (1, 201)
    assert attempt.state == "findable"
    assert attempt.digest == repository.registration(doi_of(record)).confirmed_digest
    assert attempt.error is None


def test_an_edit_reaches_datacite(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record, title="Tides, corrected")
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        assert sandbox.doi(doi)["titles"] == [{"title": "Tides, corrected"}]
        assert repository.registration(doi).status is Status.FINDABLE


def test_what_was_removed_is_removed_at_datacite(repository, sandbox, record_data):
    record_data["metadata"]["subjects"] = [{"subject": "tides"}]
    record = repository.publish(record_data)
    repository.deliver()
    assert sandbox.doi(doi_of(record))["subjects"] == [{"subject": "tides"}]
    repository.edit(record, subjects=[])
    repository.deliver()
    assert sandbox.doi(doi_of(record))["subjects"] == []


def test_five_edits_before_a_delivery_cost_one_request(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    for number in range(5):
        repository.edit(record, title=f"Title {number}")
    repository.deliver()
    assert len(sandbox.writes(doi_of(record))) == 1
    assert sandbox.doi(doi_of(record))["titles"] == [{"title": "Title 4"}]
    row = repository.registration(doi_of(record))
    assert (row.revision, row.confirmed_revision) == (6, 6)


def test_publishing_again_without_a_change_sends_nothing(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record)
    assert repository.deliver() == {"unchanged": 2}
    assert len(sandbox.writes()) == 2
    assert len(repository.attempts(doi_of(record))) == 1


def test_the_hosts_own_task_sends_nothing(repository, sandbox, record_data):
    from invenio_rdm_records.services.pids.tasks import register_or_update_pid

    record = repository.publish(record_data)
    for parent in (False, True):
        register_or_update_pid(record.id, "doi", parent=parent)
    assert sandbox.log() == []
    assert repository.pid_status(doi_of(record)) == "K"
    repository.deliver()
    for parent in (False, True):
        register_or_update_pid(record.id, "doi", parent=parent)
    assert len(sandbox.writes()) == 2


def test_a_new_version_has_its_own_doi_and_the_same_concept_doi(
    repository, sandbox, record_data
):
    first = repository.publish(record_data)
    repository.deliver()
    second = repository.new_version(first, title="Second edition")
    repository.deliver()

    assert doi_of(second) != doi_of(first)
    assert concept_doi_of(second) == concept_doi_of(first)
    assert sandbox.doi(doi_of(first))["titles"] == record_titles(record_data)
    assert sandbox.doi(doi_of(second))["titles"] == [{"title": "Second edition"}]
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["titles"] == [{"title": "Second edition"}]
    assert [
        item["relatedIdentifier"]
        for item in concept["relatedIdentifiers"]
        if item["relationType"] == "HasVersion"
    ] == [doi_of(first), doi_of(second)]


def record_titles(data):
    return [{"title": data["metadata"]["title"]}]


# Restricted


@pytest.fixture()
def restricted_data(record_data):
    record_data["access"] = {"record": "restricted", "files": "restricted"}
    return record_data


def test_a_restricted_record_without_a_doi_gets_none(
    repository, sandbox, restricted_data
):
    record = repository.publish(restricted_data)
    assert doi_of(record) is None
    assert repository.registrations() == []
    repository.deliver()
    assert sandbox.log() == []


def test_nothing_of_a_restricted_record_reaches_datacite(
    repository, sandbox, restricted_data
):
    draft = repository.draft(restricted_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.deliver()

    assert sandbox.log() == []
    for doi in (doi_of(record), concept_doi_of(record)):
        assert repository.registration(doi).status is Status.WITHHELD
        assert repository.pid_status(doi) == "K"
        assert repository.registration(doi).due_at is None


def test_a_held_doi_is_registered_when_the_record_becomes_public(
    repository, sandbox, restricted_data
):
    draft = repository.draft(restricted_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.deliver()
    repository.change_access(record, record="public", files="public")
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        assert sandbox.state(doi) == "findable"
        assert repository.registration(doi).status is Status.FINDABLE


def test_a_public_record_that_is_restricted_is_overwritten_and_hidden(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.change_access(record, record="restricted", files="restricted")
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        held = sandbox.doi(doi)
        assert held["state"] == "registered"
        assert "Wadden" not in str(held) and "Petersen" not in str(held)
        assert "Tidal" not in str(held)
        assert held["titles"] == [{"title": "(:unal)"}]
        assert repository.registration(doi).status is Status.WITHHELD


# Embargo


def test_a_record_under_embargo_is_registered_when_it_becomes_public(
    repository, sandbox, record_data
):
    data = embargoed(record_data, record="restricted", files="restricted")
    record = repository.publish(data)
    repository.deliver()
    assert sandbox.log() == []

    expire(record)
    service.lift_embargo(system_identity, record.id)
    repository.deliver()
    record = service.read(system_identity, record.id)
    assert sandbox.state(doi_of(record)) == "findable"
    assert sandbox.state(concept_doi_of(record)) == "findable"


def test_a_reserved_doi_waits_for_the_end_of_the_embargo(
    repository, sandbox, record_data
):
    draft = repository.draft(
        embargoed(record_data, record="restricted", files="restricted")
    )
    reserved = service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.deliver()
    assert sandbox.log() == []

    expire(record)
    service.lift_embargo(system_identity, record.id)
    repository.deliver()
    assert sandbox.state(doi_of(reserved)) == "findable"
    assert sandbox.state(concept_doi_of(record)) == "findable"


def test_files_under_embargo_do_not_hide_a_public_record(
    repository, sandbox, record_data
):
    data = embargoed(record_data, record="public", files="restricted")
    record = repository.publish(data)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"
    expire(record)
    service.lift_embargo(system_identity, record.id)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"


# Deletion


def test_a_deleted_record_is_hidden_and_a_restored_one_is_findable_again(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    dois = (doi_of(record), concept_doi_of(record))

    repository.delete(record)
    repository.deliver()
    for doi in dois:
        assert sandbox.state(doi) == "registered"
        assert repository.registration(doi).status is Status.HIDDEN

    repository.restore(record)
    repository.deliver()
    for doi in dois:
        assert sandbox.state(doi) == "findable"
        assert repository.registration(doi).status is Status.FINDABLE
        assert sandbox.doi(doi)["titles"] == record_titles(record_data)


def test_a_record_deleted_before_its_first_delivery_is_never_sent(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.delete(record)
    repository.deliver()
    assert sandbox.log() == []
    assert repository.registration(doi_of(record)).status is Status.HIDDEN

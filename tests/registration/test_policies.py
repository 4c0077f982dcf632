# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes to another DOI or none, changes of the whole site, and policies."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from marshmallow import ValidationError

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import queue
from invenio_rdm_doi.registration.models import Status
from tests.support.repository import ask_for_all, concept_doi_of, doi_of

UNALLOWED = [{"title": "(:unal)"}]


# Another DOI, or none


def test_a_managed_doi_cannot_be_exchanged_for_an_external_one(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    draft = service.edit(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["pids"]["doi"] = {"identifier": "10.9999/other", "provider": "external"}
    service.update_draft(repository.identity, record.id, data)
    with pytest.raises((ValidationError, ValidationErrorWithMessageAsList)):
        service.publish(repository.identity, record.id)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"


def test_an_external_doi_is_exchanged_for_a_managed_one(
    repository, sandbox, record_data
):
    record_data["pids"] = {
        "doi": {"identifier": "10.9999/elsewhere.3", "provider": "external"}
    }
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["pids"].pop("doi")
    # This requires the permission to manage identifiers.
    service.update_draft(system_identity, record.id, data)
    service.pids.create(repository.identity, record.id, "doi")
    record = service.publish(repository.identity, record.id)
    repository.deliver()
    assert doi_of(record).startswith("10.1234/")
    assert sandbox.state(doi_of(record)) == "findable"
    assert sandbox.writes("10.9999/elsewhere.3") == []


def test_a_doi_that_is_taken_off_a_record_is_hidden(
    repository, sandbox, record_data, doi_optional
):
    """Only an explicit act removes it, and it is remembered until the next publish."""
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    doi = doi_of(record)
    repository.deliver()
    assert sandbox.state(doi) == "findable"

    data = deepcopy(service.edit(repository.identity, record.id).data)
    data["pids"].pop("doi")
    service.update_draft(system_identity, record.id, data)
    edited = service.publish(system_identity, record.id)
    assert doi_of(edited) == doi, "leaving it out takes nothing away"

    current_doi.service.remove(system_identity, record.id)
    service.edit(repository.identity, record.id)
    edited = service.publish(system_identity, record.id)
    repository.deliver()
    assert doi_of(edited) is None
    assert sandbox.state(doi) == "registered"
    assert repository.registration(doi).status is Status.HIDDEN


# The whole site


def test_another_host_name_reaches_datacite_with_a_synchronization(
    repository, sandbox, record_data, monkeypatch
):
    records = [repository.publish(record_data) for _ in range(2)]
    repository.deliver()
    monkeypatch.setattr(
        "invenio_rdm_doi.registration.subject.landing_page",
        lambda doi: f"https://new.example.org/doi/{doi}",
    )
    ask_for_all()
    assert repository.registration(doi_of(records[0])).status is Status.FINDABLE
    assert repository.deliver() == {"done": 4}
    url = sandbox.doi(doi_of(records[0]))["url"]
    assert url == f"https://new.example.org/doi/{doi_of(records[0])}"


def test_a_synchronization_of_what_did_not_change_sends_nothing(
    repository, sandbox, record_data
):
    repository.publish(record_data)
    repository.deliver()
    ask_for_all()
    assert repository.deliver() == {"unchanged": 2}
    assert len(sandbox.writes()) == 2


def test_a_publish_overtakes_a_synchronization(repository, sandbox, record_data):
    old = [repository.publish(record_data) for _ in range(3)]
    repository.deliver()
    for record in old:
        repository.edit(record, title="Changed before the synchronization")
    db.session.execute(
        db.text("UPDATE rdm_doi_registration SET due_at = NULL, priority = 10")
    )
    ask_for_all()
    fresh = repository.publish(record_data)
    prefixes = ("10.1234",)
    first = {claim.doi for claim in queue.claim(2, 0, prefixes)}
    assert first == {doi_of(fresh), concept_doi_of(fresh)}
    assert len(queue.claim(20, 0, prefixes)) == 8


# Policies


@pytest.fixture()
def policy(running_app, monkeypatch):
    """Return a function that changes settings of the running application."""
    extension = running_app.extensions["invenio-rdm-doi"]

    def change(**settings):
        account = replace(extension.settings.account, **settings)
        changed = replace(extension.settings, account=account)
        monkeypatch.setattr(extension, "configured", changed)
        for name in (
            "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
        ):
            for provider in running_app.config[name]:
                if provider.name == "datacite":
                    monkeypatch.setattr(provider, "settings", changed)

    return change


def test_placeholders_for_restricted_records(repository, sandbox, record_data, policy):
    policy(restricted="placeholder")
    record_data["access"] = {"record": "restricted", "files": "restricted"}
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        held = sandbox.doi(doi)
        assert (held["state"], held["titles"]) == ("registered", UNALLOWED)
        assert held["url"] == f"https://repository.example.org/doi/{doi}"
        assert repository.registration(doi).status is Status.WITHHELD
    assert "Wadden" not in str(sandbox.log())
    assert "Petersen" not in str(sandbox.log())
    assert "Tidal" not in str(sandbox.log())


@pytest.fixture()
def remote_draft(repository, record_data, policy):
    """Return a function that reserves a DOI for a draft, also at DataCite.

    It returns the draft and the DOI.
    """

    def make():
        policy(reserve_remotely=True)
        draft = repository.draft(record_data)
        doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
        repository.deliver()
        return draft, doi

    return make


def test_reserving_makes_a_draft_at_datacite_and_discarding_deletes_it(
    repository, sandbox, record_data, remote_draft
):
    draft, doi = remote_draft()
    assert sandbox.state(doi) == "draft"
    assert sandbox.doi(doi)["titles"] == [{"title": "(:tba)"}]
    assert "Wadden" not in str(sandbox.log())
    assert repository.registration(doi).status is Status.RESERVED
    assert repository.pid_status(doi) == "N"

    service.pids.discard(repository.identity, draft.id, "doi")
    repository.deliver()
    assert sandbox.doi(doi) is None
    assert repository.registration(doi) is None


def test_a_remote_draft_becomes_findable_with_the_publish(
    repository, sandbox, record_data, remote_draft
):
    draft, doi = remote_draft()
    service.publish(repository.identity, draft.id)
    repository.deliver()
    assert sandbox.state(doi) == "findable"
    assert repository.pid_status(doi) == "R"


def test_deleting_the_draft_deletes_the_remote_draft(
    repository, sandbox, record_data, remote_draft
):
    draft, doi = remote_draft()
    service.delete_draft(repository.identity, draft.id)
    repository.deliver()
    assert sandbox.doi(doi) is None
    assert repository.registration(doi) is None


def test_a_remote_draft_of_a_record_that_is_published_restricted_stays_a_draft(
    repository, sandbox, record_data, remote_draft
):
    record_data["access"] = {"record": "restricted", "files": "restricted"}
    draft, doi = remote_draft()
    service.publish(repository.identity, draft.id)
    repository.deliver()
    assert sandbox.state(doi) == "draft"
    assert repository.registration(doi).status is Status.WITHHELD
    assert current_doi.settings.account.reserve_remotely

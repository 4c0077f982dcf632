# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Discarded drafts, regardless of their DOIs and choices."""

from __future__ import annotations

from copy import deepcopy

import pytest
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.proxies import current_rdm_records_service as service

from tests.support.draft_choices import NEW, external, messages_of, save
from tests.support.repository import doi_of


def status_of(doi):
    pids = PersistentIdentifier.query.filter_by(pid_type="doi", pid_value=doi).all()
    return [pid.status for pid in pids]


@pytest.mark.parametrize("provider", ["external", "datacite"])
@pytest.mark.parametrize("whose", ["record", "concept", "external"])
def test_discarding_a_draft_deletes_nobody_elses_doi(
    repository, record_data, make_user, provider, whose
):
    pids = external() if whose == "external" else {}
    victim = repository.publish({**record_data, "pids": pids})
    owner = victim._record.parent if whose == "concept" else victim._record
    doi = owner.pids["doi"]["identifier"]
    repository.deliver()
    before = status_of(doi)
    thief = make_user(f"thief-{provider}-{whose}").identity
    data = {**deepcopy(record_data)}
    data["pids"] = {"doi": {"identifier": doi, "provider": provider}}
    draft = service.create(thief, data)
    assert draft.errors
    service.delete_draft(thief, draft.id)
    assert status_of(doi) == before
    assert len(before) == 1


def test_discarding_an_edit_deletes_nobody_elses_doi(repository, record_data):
    victim = repository.publish({**record_data, "pids": external()})
    doi = doi_of(victim)
    mine = repository.publish({**record_data, "pids": external()})
    draft = service.edit(repository.identity, mine.id)
    save(repository, draft, deepcopy(victim.data["pids"]))
    service.delete_draft(repository.identity, mine.id)
    assert len(status_of(doi)) == 1
    assert len(status_of(doi_of(mine))) == 1


def test_discarding_a_draft_gives_back_all_that_was_reserved_for_it(
    repository, record_data
):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    refused = {"doi": {"identifier": "10.nonsense", "provider": "external"}}
    assert messages_of(save(repository, draft, refused).errors)
    # A typing error does not release the DOI yet.
    assert status_of(doi) == [PIDStatus.NEW]
    service.delete_draft(repository.identity, draft.id)
    assert status_of(doi) == []
    assert repository.registrations() == []


def test_discarding_an_edit_keeps_the_published_doi(repository, record_data):
    for access in ("public", "restricted"):
        data = {**record_data, "access": {"record": access, "files": "public"}}
        record = repository.publish({**data, "pids": NEW})
        service.edit(repository.identity, record.id)
        before = status_of(doi_of(record))
        service.delete_draft(repository.identity, record.id)
        assert status_of(doi_of(record)) == before
        assert len(before) == 1


# Removing the package


def test_choices_are_taken_back_out_of_drafts(repository, record_data, run):
    undecided = repository.draft({**record_data, "pids": NEW})
    reserved = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, reserved.id, "doi"))
    other = repository.draft({**record_data, "pids": external()})
    status, output = run("forget-choices")
    assert status == 0
    # Drafts of other tests may be among them.
    assert int(output.split()[-3]) >= 1

    def pids(draft):
        return service.read_draft(repository.identity, draft.id).data["pids"]

    assert pids(undecided) == {}
    assert pids(reserved)["doi"]["identifier"] == doi
    assert pids(other)["doi"] == other.data["pids"]["doi"]
    assert "0 drafts changed." in run("forget-choices")[1]

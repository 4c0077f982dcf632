# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes of a DOI's owner: ``take-over`` and ``remove``, on the CLI and over REST."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from invenio_access.permissions import system_identity
from invenio_rdm_records.proxies import current_rdm_records_service as service

from datacite_sandbox import Account, SandboxServer
from invenio_rdm_doi.proxies import current_doi
from tests.support.repository import doi_of
from tests.support.sandbox_client import OF_ANOTHER_SYSTEM


@pytest.fixture(scope="module")
def sandbox_server():
    """Run a DataCite whose account has one prefix more than ``invenio.cfg``."""
    prefixes = ("10.1234", "10.5678", "10.4321")
    account = Account("TEST.REPO", "sandbox-password", prefixes, "*")
    with SandboxServer(accounts=[account]) as server:
        yield server


@pytest.fixture()
def chosen(record_data, doi_optional):
    """Return a record with an explicitly chosen new DOI, where DOIs are optional."""
    return record_data | {"pids": {"doi": {"identifier": "", "provider": "datacite"}}}


@pytest.fixture()
def act(running_app, people):
    """Return a function that sends a request as a named user or anonymously."""

    def act(method, path, who=None):
        with running_app.test_client() as client:
            if who:
                people[who].login(client)
            return client.open(path, method=method)

    return act


def external(data, doi):
    return data | {"pids": {"doi": {"identifier": doi, "provider": "external"}}}


def test_an_external_doi_of_a_prefix_that_was_added_can_be_taken_over(
    repository, sandbox, run, record_data, monkeypatch
):
    doi = "10.4321/Theirs"
    record = repository.publish(external(record_data, doi))
    status, output = run("take-over", "--yes", doi)
    assert status == 1 and "no account has its prefix" in output
    settings = current_doi.settings
    prefixes = (*settings.account.prefixes, "10.4321")
    added = replace(settings, account=replace(settings.account, prefixes=prefixes))
    monkeypatch.setattr(current_doi, "configured", added)
    sandbox.make(doi)
    # The prefix belongs to the account now, so the record can be edited as before.
    record = repository.edit(record, title="Edited")
    repository.deliver()
    assert sandbox.doi(doi)["url"] == OF_ANOTHER_SYSTEM["url"]

    status, output = run("take-over", "--yes", doi.upper())
    assert status == 0 and doi in output
    repository.deliver()
    there = sandbox.doi(doi)
    assert there["titles"][0]["title"] == "Edited"
    assert there["url"].endswith("/doi/10.4321/Theirs")
    kept = service.read(repository.identity, record.id).data["pids"]["doi"]
    assert (kept["identifier"], kept["provider"]) == (doi, "datacite")
    edited = repository.edit(record, title="Edited again")
    assert doi_of(edited) == doi
    repository.deliver()
    assert sandbox.doi(doi)["titles"][0]["title"] == "Edited again"


def test_take_over_says_what_datacite_has_and_asks(
    repository, sandbox, run, record_data
):
    record = repository.publish(record_data)
    doi = doi_of(record)
    sandbox.make(doi)
    status, output = run("take-over", doi)
    assert status == 1 and "Continue?" in output
    assert f"belongs to TEST.REPO and leads to {OF_ANOTHER_SYSTEM['url']}" in output
    repository.deliver()
    assert sandbox.doi(doi)["url"] == OF_ANOTHER_SYSTEM["url"]


def test_take_over_of_what_is_not_known(repository, run):
    status, output = run("take-over", "10.1234/unknown")
    assert (status, output) == (
        1,
        "Error: No record or draft of this repository has 10.1234/unknown.\n",
    )


def test_take_over_of_a_drafts_external_doi(repository, run, record_data):
    draft = repository.draft(external(record_data, "10.4321/drafted"))
    service.publish(repository.identity, draft.id)
    status, output = run("take-over", "10.4321/drafted")
    assert status == 1 and "ADDITIONAL_PREFIXES" in output


def test_a_doi_goes_by_an_act_of_its_own(repository, sandbox, run, chosen):
    record = repository.publish(chosen)
    repository.deliver()
    doi = doi_of(record)
    draft = service.edit(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["pids"] = {}
    service.update_draft(system_identity, record.id, data)
    assert doi_of(service.publish(system_identity, record.id)) == doi

    status, output = run("remove", "--yes", doi.upper())
    assert status == 0 and record.id in output
    assert doi_of(service.read(repository.identity, record.id)) == doi
    assert doi_of(repository.edit(record, title="Without")) is None
    repository.deliver()
    there = sandbox.doi(doi)
    assert there["state"] == "registered"
    assert there["titles"] == [{"title": "(:unal)"}]


def test_remove_asks_first(repository, run, chosen):
    record = repository.publish(chosen)
    status, output = run("remove", doi_of(record))
    assert status == 1 and "Continue?" in output
    assert doi_of(repository.edit(record, title="Still there")) == doi_of(record)


def test_where_every_record_has_a_doi_none_is_removed(repository, run, record_data):
    record = repository.publish(record_data)
    status, output = run("remove", "--yes", doi_of(record))
    assert status == 1 and "cannot be removed" in output


@pytest.mark.parametrize(
    "who, status", [(None, 403), ("stranger", 403), ("owner", 403), ("curator", 403)]
)
def test_who_may_not_manage_identifiers_may_not_remove_one(
    repository, act, chosen, who, status
):
    record = repository.publish(chosen)
    assert act("DELETE", f"/records/{record.id}/doi", who).status_code == status
    assert doi_of(repository.edit(record, title="Still there")) == doi_of(record)


def test_who_may_manage_identifiers_may(repository, act, chosen, monkeypatch):
    record = repository.publish(chosen)
    allowed = service.require_permission

    def allow(identity, action, **kwargs):
        if action != "pid_manage":
            allowed(identity, action, **kwargs)

    monkeypatch.setattr(service, "require_permission", allow)
    answer = act("DELETE", f"/records/{record.id}/doi", "curator")
    assert (answer.status_code, answer.json["doi"]) == (202, doi_of(record))
    assert doi_of(repository.edit(record, title="Without")) is None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Confirmations belong to an account at an API address; prefixes change."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from invenio_rdm_records.proxies import current_rdm_records_service as service

from datacite_sandbox.accounts import Account as SandboxAccount
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.breaker import Breaker
from invenio_rdm_doi.registration.delivery import Delivery
from invenio_rdm_doi.registration.models import Status
from invenio_rdm_doi.registration.run import Run
from invenio_rdm_doi.settings.secret import Secret
from tests.support.accounts import account
from tests.support.repository import concept_doi_of, doi_of


@contextmanager
def configured(app, monkeypatch, changed):
    """Replace the settings in all places that hold them."""
    extension = app.extensions["invenio-rdm-doi"]
    with monkeypatch.context() as patch:
        patch.setattr(extension, "configured", changed)
        patch.setattr(extension, "_clients", None)
        for name in (
            "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
        ):
            for provider in app.config[name]:
                if provider.name == "datacite":
                    patch.setattr(provider, "settings", changed)
                    patch.setattr(provider.client, "settings", changed)
        yield


@pytest.fixture()
def production(running_app, monkeypatch):
    """Configure another DataCite, with the same account and prefixes."""
    owner = SandboxAccount("TEST.REPO", "production", ("10.1234", "10.5678"), "*")
    with SandboxServer([owner]) as server:
        other = account(
            server.url, password="production", prefixes=("10.1234", "10.5678")
        )
        changed = replace(current_doi.settings, account=other)
        with configured(running_app, monkeypatch, changed):
            yield server


def state(server, doi):
    found = server.sandbox.store.get(doi.lower())
    return found and found.state


def test_going_from_test_to_production(
    repository, sandbox, record_data, run, request, running_app, get
):
    record = repository.publish(record_data)
    dois = (doi_of(record), concept_doi_of(record))
    repository.deliver()
    server = request.getfixturevalue("production")

    assert "unknown            2" in run("status")[1]
    output = run("check")[1]
    assert "FAIL  elsewhere: 2 DOIs were confirmed by another account" in output
    assert "invenio doi adopt" in output
    found = current_doi.service.read(repository.identity, record.id).data
    assert (found["status"], found["active"]) == ("pending", False)

    assert run("sync")[0] == 0
    repository.deliver()
    assert [state(server, doi) for doi in dois] == ["findable", "findable"]
    assert "unknown" not in run("status")[1]
    assert "elsewhere" not in run("check")[1]
    found = current_doi.service.read(repository.identity, record.id).data
    assert (found["status"], found["active"]) == ("findable", True)


def test_restricting_after_the_switch_asks_the_new_address(
    repository, sandbox, record_data, request
):
    record = repository.publish(record_data)
    repository.deliver()
    server = request.getfixturevalue("production")
    repository.change_access(record, record="restricted")
    repository.deliver()
    # It never had the DOI, and does not get it now.
    assert state(server, doi_of(record)) is None
    assert repository.registration(doi_of(record)).status is Status.WITHHELD


def test_a_new_password_keeps_everything_confirmed(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    changed = replace(current_doi.settings.account, password=Secret("another"))
    assert changed.id == repository.registration(doi_of(record)).confirmed_account


def test_a_backup_that_is_older_than_datacite(repository, sandbox, record_data):
    """The restored database does not contain a registration that DataCite has."""
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    row = repository.registration(doi)
    # As before the first delivery.
    row.confirmed_state = row.confirmed_digest = row.confirmed_account = None
    row.confirmed_revision, row.revision = 0, 1
    from invenio_db import db

    db.session.commit()
    repository.edit(record, title="After the backup")
    repository.deliver()
    assert sandbox.doi(doi)["titles"] == [{"title": "After the backup"}]
    own = [
        entry["method"]
        for entry in sandbox.log(doi)
        if entry["headers"]["user-agent"].startswith("invenio-rdm-doi")
    ]
    assert own[-3:] == ["POST", "GET", "PUT"], "taken, whose, ours"


# Prefixes


def without(prefix):
    settings = current_doi.settings
    prefixes = tuple(p for p in settings.account.prefixes if p != prefix)
    return replace(settings, account=replace(settings.account, prefixes=prefixes))


def test_a_record_whose_prefix_is_gone_stays_editable(
    repository, sandbox, record_data, running_app, monkeypatch, run
):
    record = repository.publish(record_data)
    repository.deliver()
    doi, concept = doi_of(record), concept_doi_of(record)
    changed = without("10.1234")
    with configured(running_app, monkeypatch, changed):
        edited = repository.edit(record, title="Edited without the prefix")
        assert doi_of(edited) == doi
        version = repository.new_version(edited)
        assert doi_of(version).startswith("10.5678/")
        assert concept_doi_of(version) == concept
        delivery = Delivery(
            changed, DataCiteClient(changed.account), Breaker(changed.account)
        )
        Run([delivery]).run()
        for gone in (doi, concept):
            row = repository.registration(gone)
            assert row.status is Status.FAILED
            assert row.error["code"] == "doi.prefix_unknown"
            assert row.due_at is None
        assert sandbox.state(doi_of(version)) == "findable"
        output = run("check")[1]
        assert (
            "FAIL  prefixes: Prefixes in use that belong to no account: 1 (10.1234"
            in (output)
        )


def test_a_prefix_that_is_added_locks_no_record(
    repository, sandbox, record_data, running_app, monkeypatch
):
    record_data["pids"] = {
        "doi": {"identifier": "10.7777/elsewhere", "provider": "external"}
    }
    record = repository.publish(record_data)
    account_ = current_doi.settings.account
    added = replace(account_, prefixes=(*account_.prefixes, "10.7777"))
    changed = replace(current_doi.settings, account=added)
    provider = next(
        p
        for p in running_app.config["RDM_PERSISTENT_IDENTIFIER_PROVIDERS"]
        if p.name == "external"
    )
    validator = next(v for v in provider._validators if hasattr(v, "prefixes"))
    monkeypatch.setattr(validator, "prefixes", added.prefixes, raising=False)
    with configured(running_app, monkeypatch, changed):
        draft = service.edit(repository.identity, record.id)
        saved = service.update_draft(repository.identity, record.id, dict(draft.data))
        assert [e for e in saved.errors or [] if e["field"] == "pids.doi"] == []
        edited = service.publish(repository.identity, record.id)
        assert doi_of(edited) == "10.7777/elsewhere"

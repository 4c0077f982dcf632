# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The provider: creation of DOIs, without any connection to DataCite."""

from __future__ import annotations

import socket
from dataclasses import replace
from types import SimpleNamespace

import pytest
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from invenio_rdm_doi.rdm.provider import DataCitePIDProvider
from invenio_rdm_doi.settings.loader import load
from tests.support.repository import concept_doi_of, doi_of

RECORD = SimpleNamespace(
    id=None, pid=SimpleNamespace(pid_value="abcde-fgh12"), get=lambda *_: None
)
SETTINGS = load(
    {
        "RDM_RECORDS_DOI_DATACITE_ENABLED": True,
        "RDM_RECORDS_DOI_DATACITE_USERNAME": "TEST.REPO",
        "RDM_RECORDS_DOI_DATACITE_PASSWORD": "hush",
        "RDM_RECORDS_DOI_DATACITE_PREFIX": "10.1234",
        "RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES": ["10.5678"],
    }
)


def make(format_, **kwargs):
    provider = DataCitePIDProvider(
        replace(SETTINGS, account=replace(SETTINGS.account, format=format_))
    )
    return provider.generate_id(RECORD, **kwargs)


def test_a_format_as_text():
    assert make("{prefix}/archive.{id}") == "10.1234/archive.abcde-fgh12"


def test_a_format_as_a_callable():
    doi = make(lambda prefix, record: f"{prefix}/{record.pid.pid_value.upper()}")
    assert doi == "10.1234/ABCDE-FGH12"


def test_another_prefix_of_the_account():
    assert make("{prefix}/{id}", prefix="10.5678") == "10.5678/abcde-fgh12"


def test_a_prefix_that_is_configured_no_longer_makes_no_new_dois():
    """For the concept DOI, InvenioRDM passes the prefix of the version's DOI."""
    assert make("{prefix}/{id}", prefix="10.9999") == "10.1234/abcde-fgh12"


@pytest.mark.parametrize(
    "format_, kwargs, said",
    [
        (lambda prefix, record: "10.9999/x", {}, "does not have a prefix of this"),
        (lambda prefix, record: f"{prefix}/ü", {}, "not allowed"),
        (lambda prefix, record: f"{prefix}/{'x' * 250}", {}, "more than 255"),
    ],
)
def test_dois_that_datacite_would_refuse_are_not_made(format_, kwargs, said):
    with pytest.raises(ValidationErrorWithMessageAsList) as error:
        make(format_, **kwargs)
    (entry,) = error.value.messages
    assert entry["field"] == "pids.doi"
    assert said in str(entry["messages"][0])


@pytest.fixture()
def shouting(running_app, monkeypatch):
    """Create DOIs in capital letters by a callable."""
    settings = running_app.extensions["invenio-rdm-doi"].settings
    account = replace(
        settings.account,
        format=lambda prefix, record: f"{prefix}/X.{record.pid.pid_value.upper()}",
    )
    settings = replace(settings, account=account)
    for name in (
        "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
        "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
    ):
        providers = [
            DataCitePIDProvider(settings, p.kind) if p.name == "datacite" else p
            for p in running_app.config[name]
        ]
        monkeypatch.setitem(running_app.config, name, providers)


def test_dois_made_by_a_callable_are_registered(
    repository, shouting, sandbox, record_data
):
    record = repository.publish(record_data)
    assert doi_of(record) == f"10.1234/X.{record.id.upper()}"
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"
    assert sandbox.state(concept_doi_of(record)) == "findable"
    # DataCite serves DOIs in lower case; the URL keeps the registered case.
    assert sandbox.doi(doi_of(record))["url"].endswith(f"/doi/{doi_of(record)}")


def test_no_request_waits_for_datacite(repository, sandbox, record_data, monkeypatch):
    """Reserve, discard, publish, edit and delete open no connection to DataCite."""
    port = int(sandbox.url.rsplit(":", 1)[1])
    connect = socket.socket.connect

    def guarded(self, address):
        assert not (isinstance(address, tuple) and address[1] == port), address
        return connect(self, address)

    sandbox.log()
    monkeypatch.setattr(socket.socket, "connect", guarded)
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    service.pids.discard(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.edit(record, title="Edited")
    repository.new_version(record)
    repository.delete(record)
    repository.restore(record)
    monkeypatch.undo()
    assert sandbox.log() == []

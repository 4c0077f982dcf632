# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Several accounts: a problem with one does not stop the others."""

from __future__ import annotations

import pytest
from invenio_access.permissions import system_identity
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi import nightly
from invenio_rdm_doi.audit.models import AuditFinding, AuditRun, Problem
from invenio_rdm_doi.proxies import current_doi
from tests.conftest import OTHER_ACCOUNTS
from tests.support.communities import create_community
from tests.support.repository import doi_of

from .conftest import change


@pytest.fixture(scope="module")
def doi_config(doi_config):
    """Add an account for a community that reserves DOIs at DataCite."""
    (symbol, password, prefixes), *_ = OTHER_ACCOUNTS
    return doi_config | {
        "RDM_RECORDS_DOI_DATACITE_ACCOUNTS": {
            "physics": {
                "username": symbol,
                "password": password,
                "prefixes": list(prefixes),
                "communities": ["physics"],
                "reserve_remotely": True,
            },
        }
    }


@pytest.fixture()
def lost(repository, sandbox, record_data):
    """Return a DOI of the default account that DataCite lost."""
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.lose(doi_of(record))
    return doi_of(record)


@pytest.fixture()
def paused(lost):
    """Pause the other account as if its password were wrong."""
    (account,) = (a for a in current_doi.settings.accounts if a.name == "physics")
    breaker = current_doi.breaker(account)
    breaker.pause({"code": "datacite.unauthorized", "message": "A wrong password."})
    yield account
    breaker.resume()


def test_a_paused_account_stops_no_other_one(lost, paused, run):
    status, output = run("audit")
    assert status == 4
    assert "physics is paused" in output
    assert lost in output, "findings of the other account are reported"
    assert AuditFinding.query.one().problem is Problem.MISSING
    assert run("audit", "--account", "default")[0] == 3
    assert run("audit", "--account", "physics")[0] == 4


def test_a_night_in_which_one_account_fails(lost, run, monkeypatch, caplog):
    begun = []
    begin = nightly.runs.begin

    def failing(job, account, since=None):
        begun.append(account)
        if len(begun) == 1:
            raise RuntimeError("Of this account only.")
        return begin(job, account, since)

    monkeypatch.setattr(nightly.runs, "begin", failing)
    nightly.audit()
    assert len(set(begun)) == 2
    assert [record.message for record in caplog.records].count("doi.audit.error") == 1
    assert {row.account for row in AuditRun.query} == {begun[1]}


def test_a_draft_that_is_kept_at_datacite(repository, sandbox, run, record_data):
    """It was reserved there and its registration was lost; it is not an orphan."""
    community = create_community("physics")
    draft = repository.draft(record_data)
    service.review.update(
        repository.identity,
        draft.id,
        {"type": "community-submission", "receiver": {"community": community}},
    )
    reserved = service.pids.create(system_identity, draft.id, "doi")
    doi = reserved["pids"]["doi"]["identifier"]
    repository.deliver()
    assert sandbox.state(doi) == "draft"
    assert run("audit")[0] == 0
    change("UPDATE rdm_doi_registration SET confirmed_account = NULL")
    status, output = run("adopt")
    assert status == 0, output
    row = repository.registration(doi)
    assert (row.confirmed_state, row.due_at) == ("draft", None)
    assert sandbox.state(doi) == "draft"
    assert run("audit")[0] == 0

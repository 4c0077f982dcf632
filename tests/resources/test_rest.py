# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""REST: available data about a DOI, by user."""

from __future__ import annotations

from copy import deepcopy

import pytest
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.proxies import current_doi
from tests.support.repository import concept_doi_of, doi_of, embargoed
from tests.support.sandbox_client import WRITES

REFUSED = {"errors": [{"source": "rights_list", "title": "Rights are <b>too</b> long"}]}


@pytest.fixture(scope="module")
def stranger(make_user):
    """Return a user without access."""
    return make_user("stranger")


@pytest.fixture()
def ask(running_app, uploader, stranger):
    """Return a function that sends requests as the owner, a stranger or anonymously."""

    def ask(path, who=None, **query):
        with running_app.test_client() as client:
            if who:
                client = {"owner": uploader, "stranger": stranger}[who].login(client)
            return client.get(path, query_string=query)

    return ask


# Records


def test_a_doi_on_its_way_and_there(repository, record_data, ask):
    record = repository.publish(record_data)
    path = f"/records/{record.id}/doi"
    sent = {"status": "pending", "active": False, "overdue": False}
    assert ask(path).json == {
        "doi": doi_of(record),
        **sent,
        "concept": {"doi": concept_doi_of(record), **sent},
        "test_mode": True,
    }
    repository.deliver()
    answer = ask(path)
    there = {"status": "findable", "active": True, "overdue": False}
    assert answer.json == {
        "doi": doi_of(record),
        **there,
        "concept": {"doi": concept_doi_of(record), **there},
        "test_mode": True,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_why_it_failed_is_for_those_who_can_mend_it(
    repository, sandbox, record_data, ask
):
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    path = f"/records/{record.id}/doi"
    for who in (None, "stranger"):
        found = ask(path, who).json
        assert found["status"] == "pending"
        assert "problem" not in found
        assert "problem" not in found["concept"]
        assert "too" not in ask(path, who).text
    found = ask(path, "owner").json
    assert found["status"] == found["concept"]["status"] == "failed"
    assert found["problem"] == {
        "code": "datacite.refused",
        "complaints": [
            {
                "field": "metadata.rights",
                "label": "Licenses",
                "title": "Rights are <b>too</b> long",
            }
        ],
    }


def test_an_account_in_trouble_is_nobodys_business(
    repository, sandbox, record_data, ask
):
    sandbox.server.fault(kind="status", status=503, match=WRITES)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    answer = ask(f"/records/{record.id}/doi", "owner")
    assert (answer.json["status"], answer.json["problem"]) == ("pending", None)
    assert answer.json["delayed"] is True
    assert "TEST.REPO" not in answer.text


def test_a_restricted_record_is_not_shown(repository, record_data, ask):
    record_data["access"]["record"] = "restricted"
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    repository.deliver()
    path = f"/records/{record.id}/doi"
    assert ask(path).status_code == 403
    assert ask(path, "stranger").status_code == 403
    assert ask(path, "owner").json["status"] == "withheld"


def test_a_record_without_a_doi(repository, record_data, ask, doi_optional):
    record = repository.publish(record_data)
    nothing = {"doi": None, "status": None, "active": False, "overdue": False}
    assert ask(f"/records/{record.id}/doi").json == {
        **nothing,
        "concept": nothing,
        "test_mode": True,
    }


@pytest.mark.parametrize("path", ["/records/zzzzz-99999/doi", "/records/x/draft/doi"])
def test_what_does_not_exist(repository, ask, path):
    assert ask(path, "owner").status_code == 404


def test_a_deleted_record_answers_as_the_host_does(repository, record_data, ask):
    record = repository.publish(record_data)
    repository.deliver()
    service.edit(repository.identity, record.id)
    repository.delete(record)
    for path in (f"/records/{record.id}", f"/records/{record.id}/draft"):
        for who in ("owner", "stranger"):
            ours, hosts = ask(f"{path}/doi", who), ask(path, who)
            assert ours.status_code == hosts.status_code
    assert ask(f"/records/{record.id}/doi").status_code == 410


# Drafts


def test_the_state_of_a_draft(repository, record_data, ask):
    draft = repository.draft(record_data)
    path = f"/records/{draft.id}/draft/doi"
    assert ask(path, "owner").json == {
        "doi": None,
        "chosen": "managed",
        "choices": {
            "allowed": ["managed", "external"],
            "locked": False,
            "message": None,
        },
        "status": None,
        "will_be": f"10.1234/{draft.id}",
        "restricted": False,
        "embargo_until": None,
        "test_mode": True,
        "may_change": False,
        "delayed": False,
        "restricted_policy": "withhold",
        "reviewed": False,
        "discard_changes": False,
        "problem": None,
        "notes": [],
    }
    service.pids.create(repository.identity, draft.id, "doi")
    found = ask(path, "owner").json
    assert found["doi"] == {
        "identifier": f"10.1234/{draft.id}",
        "provider": "datacite",
    }
    assert found["status"] == "reserved"


def test_what_datacite_gets_of_a_draft_in_another_form(repository, record_data, ask):
    """This is information, not an error of the draft."""
    record_data["metadata"]["version"] = "v1 \U0001f389"
    draft = repository.draft(record_data)
    path = f"/records/{draft.id}/draft/doi"
    (note,) = ask(path, "owner").json["notes"]
    assert note["field"] == "metadata.version"
    assert "emoji" in note["message"]
    assert draft.errors in (None, [])
    record_data["pids"] = {"doi": {"identifier": "10.4321/x", "provider": "external"}}
    draft = repository.draft(record_data)
    assert ask(f"/records/{draft.id}/draft/doi", "owner").json["notes"] == []


def test_a_draft_is_for_its_owner(repository, record_data, ask):
    draft = repository.draft(record_data)
    path = f"/records/{draft.id}/draft/doi"
    for who in (None, "stranger"):
        # InvenioRDM 15 does not even disclose its existence.
        refused = ask(f"/records/{draft.id}/draft", who).status_code
        assert refused in (403, 404)
        assert ask(path, who).status_code == refused
        assert ask(path, who, typed="10.4321/x").status_code == refused


def test_a_draft_that_says_it_has_somebody_elses_doi_learns_nothing(
    repository, record_data, ask, stranger
):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    pids = {"doi": {"identifier": doi, "provider": "datacite"}}
    other = service.create(stranger.identity, {**deepcopy(record_data), "pids": pids})
    found = ask(f"/records/{other.id}/draft/doi", "stranger").json
    assert found["status"] is None


def test_restriction_and_embargo_of_a_draft(repository, record_data, ask):
    data = embargoed(record_data, record="restricted", files="restricted")
    draft = repository.draft(data)
    found = ask(f"/records/{draft.id}/draft/doi", "owner").json
    assert found["restricted"] is True
    assert found["embargo_until"] == data["access"]["embargo"]["until"]


def test_deliveries_that_rest(repository, record_data, ask):
    draft = repository.draft(record_data)
    current_doi.breaker().pause({"code": "datacite.unauthorized", "message": "x"})
    answer = ask(f"/records/{draft.id}/draft/doi", "owner")
    assert answer.json["delayed"] is True
    assert "unauthorized" not in answer.text


# A typed DOI


@pytest.mark.parametrize(
    "typed, doi, code",
    [
        ("10.4321/x", "10.4321/x", None),
        (" doi:10.4321/x ", "10.4321/x", None),
        ("https://doi.org/10.4321/X", "10.4321/X", None),
        ("HTTP://DX.DOI.ORG/10.4321/x", "10.4321/x", None),
        ("10.12345/x", "10.12345/x", None),
        ("10.1234/x", "10.1234/x", "own_prefix"),
        ("https://doi.org/10.5678/x", "10.5678/x", "own_prefix"),
        ("10.4321", "10.4321", "malformed"),
        ("<script>", "<script>", "malformed"),
        ("10.4321/a\x00b", "10.4321/a\x00b", "malformed"),
        (f"10.4321/{'x' * 300}", f"10.4321/{'x' * 300}", "too_long"),
        ("", "", "malformed"),
    ],
)
def test_a_typed_doi(repository, record_data, ask, typed, doi, code):
    draft = repository.draft(record_data)
    answer = ask(f"/records/{draft.id}/draft/doi", "owner", typed=typed)
    found = answer.json["typed"]
    assert (found["doi"], found["code"]) == (doi, code)
    assert bool(found["message"]) is bool(code)
    assert found["record"] is None


def test_a_doi_of_another_record(repository, record_data, ask):
    external = deepcopy(record_data)
    external["pids"] = {"doi": {"identifier": "10.4321/taken", "provider": "external"}}
    other = repository.publish(external)
    draft = repository.draft(record_data)
    path = f"/records/{draft.id}/draft/doi"
    found = ask(path, "owner", typed="https://doi.org/10.4321/taken").json["typed"]
    assert (found["code"], found["record"]) == ("used", other.id)
    mine = ask(f"/records/{other.id}/doi", "owner")
    assert mine.json["status"] is None


def test_a_doi_of_a_record_that_the_reader_may_not_see(
    repository, record_data, ask, running_app, stranger
):
    external = deepcopy(record_data)
    external["access"]["record"] = "restricted"
    external["pids"] = {"doi": {"identifier": "10.4321/secret", "provider": "external"}}
    repository.publish(external)
    draft = service.create(stranger.identity, deepcopy(record_data))
    path = f"/records/{draft.id}/draft/doi"
    found = ask(path, "stranger", typed="10.4321/secret").json["typed"]
    assert (found["code"], found["record"]) == ("used", None)


# DOIs that InvenioRDM refuses


@pytest.mark.parametrize(
    "identifier, refused",
    [("10.12345/x", False), ("10.1234/x", True), ("10.5678/x", True)],
)
def test_external_dois_are_refused_by_the_whole_prefix(
    repository, record_data, identifier, refused
):
    """Defect 21 of InvenioRDM's own DOI support."""
    record_data["pids"] = {"doi": {"identifier": identifier, "provider": "external"}}
    errors = repository.draft(record_data).errors
    reported = [
        str(m) for e in errors if e["field"] == "pids.doi" for m in e["messages"]
    ]
    assert bool(reported) is refused
    if refused:
        prefix = identifier.partition("/")[0]
        assert (
            f"This repository registers DOIs that begin with {prefix}/" in reported[0]
        )

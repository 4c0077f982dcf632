# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The choice of a new DOI, an existing one or none: allowed choices and their storage.

The numbers refer to defects of InvenioRDM's own DOI support.
"""

from __future__ import annotations

from copy import deepcopy

import pytest
from invenio_access.permissions import system_identity
from invenio_communities.proxies import current_communities
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.config import RDM_OPTIONAL_DOI_VALIDATOR
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.rdm.field_errors import one_message_each
from tests.support.draft_choices import NEW, external, messages_of, save
from tests.support.repository import Repository, doi_of


def state(repository, draft, identity=None):
    return current_doi.service.read_draft(
        identity or repository.identity, draft.id
    ).data


def choices(repository, draft, identity=None):
    return state(repository, draft, identity)["choices"]


def new_version(repository, record):
    draft = service.new_version(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["publication_date"] = "2026-06-01"
    data["files"] = {"enabled": False}
    return service.update_draft(repository.identity, draft.id, data)


# Defect 4: the choice is kept


@pytest.mark.parametrize("optional", [False, True])
def test_4_the_choice_of_a_new_doi_is_kept(
    repository, record_data, optional, request, sandbox
):
    if optional:
        request.getfixturevalue("doi_optional")
    draft = repository.draft({**record_data, "pids": NEW})
    assert draft.errors == []
    assert service.read_draft(repository.identity, draft.id).data["pids"] == NEW
    assert state(repository, draft)["chosen"] == "managed"
    assert repository.registrations() == []
    record = service.publish(repository.identity, draft.id)
    assert doi_of(record) == f"10.1234/{record.id}"
    repository.deliver()
    assert sandbox.doi(doi_of(record))["state"] == "findable"


def test_4_no_doi_is_kept(repository, record_data, doi_optional):
    draft = repository.draft({**record_data, "pids": {}})
    assert state(repository, draft)["chosen"] == "none"
    assert doi_of(service.publish(repository.identity, draft.id)) is None


def test_4_nothing_said_is_a_new_doi_where_every_record_has_one(
    repository, record_data
):
    draft = repository.draft({**record_data, "pids": {}})
    assert state(repository, draft)["chosen"] == "managed"


@pytest.mark.parametrize("identifier", ["10.4321/x", ""])
def test_4_a_doi_of_somebody_else_is_kept(repository, record_data, identifier):
    pids = {"doi": {"identifier": identifier, "provider": "external"}}
    draft = repository.draft({**record_data, "pids": pids})
    assert service.read_draft(repository.identity, draft.id).data["pids"] == pids
    assert state(repository, draft)["chosen"] == "external"


def test_a_new_doi_is_checked_before_it_is_made(repository, record_data, doi_optional):
    del record_data["metadata"]["publisher"]
    draft = repository.draft({**record_data, "pids": NEW})
    assert "metadata.publisher" in {error["field"] for error in draft.errors}
    assert repository.draft({**record_data, "pids": {}}).errors == []


def test_a_new_doi_of_a_restricted_record_is_reserved(repository, record_data, sandbox):
    record_data["access"]["record"] = "restricted"
    record = repository.publish({**record_data, "pids": NEW})
    doi = doi_of(record)
    repository.deliver()
    assert PersistentIdentifier.get("doi", doi).status == PIDStatus.RESERVED
    assert sandbox.doi(doi) is None


def test_a_reserved_doi_is_given_back_by_choosing_a_new_one(repository, record_data):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    saved = save(repository, draft, NEW)
    assert saved.data["pids"] == NEW
    assert PersistentIdentifier.query.filter_by(pid_value=doi).count() == 0
    assert repository.registrations() == []
    assert doi_of(service.publish(repository.identity, draft.id)) == doi


def test_a_published_doi_is_not_replaced_by_a_new_one(repository, record_data):
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    save(repository, draft, NEW)
    assert doi_of(service.publish(repository.identity, draft.id)) == doi_of(record)


# Allowed choices


def test_everything_may_be_chosen_for_a_first_version(
    repository, record_data, doi_optional
):
    draft = repository.draft(record_data)
    assert choices(repository, draft) == {
        "allowed": ["managed", "external", "none"],
        "locked": False,
        "message": None,
    }


def test_a_published_doi_stays(repository, record_data):
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    found = choices(repository, draft)
    assert (found["allowed"], found["locked"]) == (["managed"], True)
    # The same applies to users who may manage identifiers, because it is published.
    assert choices(repository, draft, system_identity)["locked"] is True


def test_a_published_doi_of_somebody_else_may_be_corrected(repository, record_data):
    record = repository.publish({**record_data, "pids": external()})
    draft = service.edit(repository.identity, record.id)
    found = choices(repository, draft)
    assert (found["allowed"], found["locked"]) == (["external"], False)


def test_6_a_record_published_without_a_doi_may_get_one(
    repository, record_data, doi_optional
):
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    assert choices(repository, draft)["allowed"] == ["managed", "external", "none"]


@pytest.mark.parametrize("optional", [False, True])
def test_8_9_a_new_version_stays_with_this_repository(
    repository, record_data, optional, request
):
    if optional:
        request.getfixturevalue("doi_optional")
    record = repository.publish({**record_data, "pids": NEW})
    draft = new_version(repository, record)
    found = choices(repository, draft)
    assert found["allowed"] == ["managed"]
    assert "A previous version used a DOI registered from" in found["message"]
    everything = ["managed", "external", *(["none"] if optional else [])]
    assert choices(repository, draft, system_identity)["allowed"] == everything


def test_8_after_a_version_without_a_doi_of_this_repository(
    repository, record_data, doi_optional
):
    record = repository.publish({**record_data, "pids": external()})
    found = choices(repository, new_version(repository, record))
    assert found["allowed"] == ["external", "none"]
    assert found["message"]


def test_what_a_sites_own_validator_says_is_followed(
    repository, record_data, doi_optional, running_app, monkeypatch
):
    def validator(draft, previous, errors=None, transitions_config=None):
        return {"allowed_providers": ["not_needed"], "message": "No, {sitename}."}

    monkeypatch.setitem(running_app.config, "RDM_OPTIONAL_DOI_VALIDATOR", validator)
    found = choices(repository, repository.draft(record_data))
    assert found["allowed"] == ["none"]
    assert found["message"].startswith("No, ")
    assert RDM_OPTIONAL_DOI_VALIDATOR is not validator


# Two records with one DOI


def test_a_doi_that_another_record_has_is_told_and_refused(repository, record_data):
    pids = external()
    repository.publish({**record_data, "pids": pids})
    draft = repository.draft({**record_data, "pids": deepcopy(pids)})
    (message,) = messages_of(draft.errors)
    assert message.startswith("Another record of this repository has this DOI")
    assert messages_of(save(repository, draft, deepcopy(pids)).errors) == [message]
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert messages_of(raised.value.messages) == [message]
    assert messages_of(save(repository, draft, external()).errors) == []
    service.publish(repository.identity, draft.id)


def test_ones_own_doi_is_not_somebody_elses(repository, record_data):
    record = repository.publish({**record_data, "pids": external()})
    draft = service.edit(repository.identity, record.id)
    assert messages_of(save(repository, draft, draft.data["pids"]).errors) == []
    service.publish(repository.identity, draft.id)


# REST


@pytest.fixture()
def client(running_app):
    with running_app.test_client() as client:
        yield client


def test_a_doi_can_be_looked_at_before_the_first_save(
    repository, record_data, client, uploader
):
    pids = external()
    record = repository.publish({**record_data, "pids": pids})
    path = "/records/draft/doi"
    assert client.get(path, query_string={"typed": "10.4321/x"}).status_code == 403
    client = uploader.login(client)

    def typed(doi):
        return client.get(path, query_string={"typed": doi}).json["typed"]

    assert typed("DOI:10.4321/nobodys")["code"] is None
    assert typed("10.1234/x")["code"] == "own_prefix"
    assert typed("10.1234")["code"] == "malformed"
    found = typed(pids["doi"]["identifier"])
    assert (found["code"], found["record"]) == ("used", record.id)


def test_11_an_unknown_kind_of_doi_is_an_error_of_the_field(
    repository, record_data, client, uploader
):
    record_data["pids"] = {"doi": {"identifier": "10.4321/x", "provider": "unheard"}}
    answer = uploader.login(client).post("/records", json=record_data)
    assert answer.status_code == 201
    (error,) = answer.json["errors"]
    assert error["field"] == "pids.doi"
    assert error["messages"][0].startswith("This repository does not support this kind")
    assert "doi" not in answer.json["pids"]


def test_a_curator_who_accepts_what_cannot_be_published_is_told_why(
    repository, record_data, client, uploader
):
    """InvenioRDM alone answers "500"."""
    sea = current_communities.service.create(
        uploader.identity,
        {
            "slug": "sea",
            "metadata": {"title": "Sea"},
            "access": {"visibility": "public", "review_policy": "closed"},
        },
    )
    pids = external()
    draft = repository.draft({**record_data, "pids": pids})
    reviews = service.review
    reviews.update(
        uploader.identity,
        draft.id,
        {"receiver": {"community": sea.id}, "type": "community-submission"},
    )
    request = reviews.submit(uploader.identity, draft.id, require_review=True)
    # Meanwhile another record gets the DOI.
    repository.publish({**record_data, "pids": deepcopy(pids)})
    path = f"/requests/{request.id}/actions/accept"
    answer = uploader.login(client).post(path, json={})
    assert answer.status_code == 400
    assert "Another record of this repository has this DOI" in answer.json["message"]
    assert answer.json["errors"][0]["field"] == "pids.doi"


@pytest.mark.parametrize(
    "doi, refused",
    [("10.1234/x-20", False), ("10.5678/x-20", False), ("10.9999/x-20", True)],
)
def test_20_a_migration_brings_dois_of_all_prefixes_of_the_account(
    repository, record_data, doi, refused
):
    pids = {"doi": {"identifier": doi, "provider": "datacite"}}
    system = Repository(system_identity)
    errors = messages_of(system.draft({**record_data, "pids": pids}).errors)
    assert bool(errors) is refused


def test_23_one_error_of_several_of_the_field():
    errors = [
        {"field": "pids.doi", "messages": ["A"], "severity": "info"},
        {"field": "metadata.title", "messages": ["T"]},
        {"field": "pids.doi", "messages": ["B", "A"]},
    ]
    one_message_each(errors, "pids.doi")
    assert errors == [
        {"field": "metadata.title", "messages": ["T"]},
        {"field": "pids.doi", "messages": ["A", "B"]},
    ]


@pytest.mark.parametrize(
    "typed, kept, words",
    [
        ("", "", "Enter your DOI, or choose “Get a new DOI”"),
        ("hello", "hello", "not a valid DOI"),
        ("10.4321/" + "x" * 300, "10.4321/" + "x" * 300, "too long"),
        (
            "https://example.org/doi/10.4321/x",
            "https://example.org/doi/10.4321/x",
            "web page",
        ),
        ("10/abc", "10/abc", "short DOI"),
        ("10.4321/a b", "10.4321/a b", "no spaces"),
        ("doi: https://doi.org/10.4321/x.", "10.4321/x", None),
        ("<10.4321/x>", "10.4321/x", None),
    ],
)
def test_what_was_typed_is_kept_with_the_reason_that_is_true(
    repository, record_data, typed, kept, words
):
    """InvenioRDM reports "Invalid DOI", or "Missing DOI for required field."."""
    pids = {"doi": {"identifier": typed, "provider": "external"}}
    draft = repository.draft({**record_data, "pids": pids})
    assert draft.data["pids"]["doi"]["identifier"] == kept
    if words is None:
        assert messages_of(draft.errors) == []
        return
    (message,) = messages_of(draft.errors)
    assert words in message
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert words in str(raised.value.messages)


# A published DOI remains


@pytest.mark.parametrize("pids", [{}, NEW])
def test_a_published_doi_does_not_go_with_an_edit(
    repository, record_data, doi_optional, pids
):
    record = repository.publish({**record_data, "pids": NEW})
    draft = service.edit(repository.identity, record.id)
    save(repository, draft, deepcopy(pids))
    assert doi_of(service.publish(repository.identity, draft.id)) == doi_of(record)


def test_a_published_doi_of_somebody_else_can_be_corrected_and_it_is_said_why_no_more(
    repository, record_data
):
    record = repository.publish({**record_data, "pids": external()})
    found = choices(repository, service.edit(repository.identity, record.id))
    assert found["allowed"] == ["external"]
    assert "external DOI" in found["message"]


def test_a_restricted_record_without_a_doi_gets_one_where_every_record_has_one(
    repository, record_data
):
    """The form shows the same choice."""
    record_data["access"]["record"] = "restricted"
    record = repository.publish({**record_data, "pids": {}})
    assert doi_of(record) is None
    draft = service.edit(repository.identity, record.id)
    found = state(repository, draft)
    assert found["chosen"] == "managed"
    assert found["choices"]["allowed"] == ["managed", "external"]


def test_of_a_doi_of_this_repository_one_thing_is_said(repository, record_data):
    record = repository.publish(record_data)
    pids = {"doi": {"identifier": doi_of(record), "provider": "external"}}
    (message,) = messages_of(repository.draft({**record_data, "pids": pids}).errors)
    assert message.startswith("This repository registers DOIs that begin with")

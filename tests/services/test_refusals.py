# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Messages of the form about records that DataCite refused, and about reserved DOIs."""

from __future__ import annotations

from copy import deepcopy

import pytest
import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as records

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.communities import create_community
from tests.support.repository import concept_doi_of, doi_of, embargoed, expire
from tests.support.sandbox_client import WRITES

REFUSED = {
    "errors": [
        {"source": "titles", "title": "Title is too odd."},
        {"source": "publisher", "title": "Nobody knows it."},
        {"source": "rights_list", "title": "Rights are odd."},
    ]
}
NEW = {"doi": {"identifier": "", "provider": "datacite"}}


def state(identity, draft):
    return current_doi.service.read_draft(identity, draft.id).data


@pytest.fixture()
def refused(repository, sandbox, record_data):
    """Return a draft of a record that DataCite refused."""
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    record_data["metadata"]["rights"] = [{"id": "cc-by-4.0"}]
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    return records.edit(repository.identity, record.id)


def test_the_form_gets_what_was_refused(refused, repository):
    problem = state(repository.identity, refused)["problem"]
    assert [(c["field"], c["title"]) for c in problem["complaints"]] == [
        ("metadata.title", "Title is too odd."),
        ("metadata.publisher", "Nobody knows it."),
        ("metadata.rights", "Rights are odd."),
    ]


def test_what_the_draft_says_otherwise_by_now_is_not_asked_for(refused, repository):
    data = deepcopy(refused.data)
    data["metadata"]["title"] = "Tides"
    draft = records.update_draft(repository.identity, refused.id, data)
    complaints = state(repository.identity, draft)["problem"]["complaints"]
    assert [complaint["field"] for complaint in complaints] == [
        "metadata.publisher",
        "metadata.rights",
    ]
    data["metadata"]["publisher"] = "Coastal Press, Bremen"
    data["metadata"]["rights"] = [{"title": {"en": "Free for schools"}}]
    draft = records.update_draft(repository.identity, refused.id, data)
    problem = state(repository.identity, draft)["problem"]
    assert (problem["complaints"], problem["corrected"]) == ([], True)
    records.publish(repository.identity, draft.id)
    repository.deliver()
    draft = records.edit(repository.identity, draft.id)
    assert state(repository.identity, draft)["problem"] is None


def test_what_is_one_property_at_datacite_is_corrected_in_either_field(
    refused, repository
):
    data = deepcopy(refused.data)
    data["metadata"]["additional_titles"] = [
        {"title": "Tides", "type": {"id": "subtitle"}}
    ]
    draft = records.update_draft(repository.identity, refused.id, data)
    complaints = state(repository.identity, draft)["problem"]["complaints"]
    assert "metadata.title" not in [complaint["field"] for complaint in complaints]


def test_an_old_version_is_not_asked_for_what_the_newest_one_says(
    repository, record_data
):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    repository.deliver()
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi == concept_doi_of(second))
        .values(
            status=Status.FAILED,
            error={
                "code": "datacite.refused",
                "complaints": [{"field": "metadata.title", "title": "Odd."}],
            },
        )
    )
    db.session.commit()
    old = records.edit(repository.identity, first.id)
    assert state(repository.identity, old)["problem"] is None
    new = records.edit(repository.identity, second.id)
    assert state(repository.identity, new)["problem"]["complaints"]


@pytest.mark.parametrize("said", ["client test.repo may not", "Test.Repo", "TEST.REPO"])
def test_accounts_are_nobodys_business(repository, sandbox, record_data, said):
    body = {"errors": [{"source": "titles", "title": said}]}
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=body)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    draft = records.edit(repository.identity, record.id)
    (complaint,) = state(repository.identity, draft)["problem"]["complaints"]
    assert "test.repo" not in complaint["title"].lower()


def test_who_may_only_look_at_a_draft_does_not_read_it(refused, make_user):
    stranger = make_user("stranger")
    parent = refused._record.parent
    parent.access.grants.create("user", stranger.id, "preview", origin="")
    parent.commit()
    assert state(stranger.identity, refused)["problem"] is None


def test_a_draft_that_was_never_published_was_never_refused(repository, record_data):
    assert state(repository.identity, repository.draft(record_data))["problem"] is None


def test_discarding_is_offered_where_it_changes_something(
    repository, record_data, monkeypatch
):
    draft = repository.draft({**record_data, "pids": NEW})
    assert state(repository.identity, draft)["discard_changes"] is False
    records.pids.create(repository.identity, draft.id, "doi")
    assert state(repository.identity, draft)["discard_changes"] is False
    account = current_doi.settings.account
    object.__setattr__(account, "reserve_remotely", True)
    try:
        assert state(repository.identity, draft)["discard_changes"] is True
    finally:
        object.__setattr__(account, "reserve_remotely", False)
    before = account.format
    object.__setattr__(account, "format", lambda prefix, record: f"{prefix}/next")
    try:
        assert state(repository.identity, draft)["discard_changes"] is True
    finally:
        object.__setattr__(account, "format", before)


def test_a_draft_that_is_reviewed(repository, record_data):
    draft = repository.draft({**record_data, "pids": NEW})
    assert state(repository.identity, draft)["reviewed"] is False
    community = create_community("reviewers")
    data = {"receiver": {"community": community}, "type": "community-submission"}
    records.review.update(repository.identity, draft.id, data)
    assert state(repository.identity, draft)["reviewed"] is True


@pytest.mark.parametrize("pids", [{}, NEW])
def test_an_embargoed_record_reserves_its_doi_and_registers_it_at_the_end(
    repository, sandbox, record_data, pids
):
    data = embargoed(record_data, record="restricted", files="restricted")
    record = repository.publish({**data, "pids": pids})
    doi = doi_of(record)
    repository.deliver()
    assert repository.registration(doi).status is Status.WITHHELD
    assert sandbox.state(doi) is None and sandbox.writes() == []
    expire(record)
    records.lift_embargo(system_identity, record.id)
    repository.deliver()
    assert sandbox.state(doi) == "findable"
    assert sandbox.state(concept_doi_of(record)) == "findable"


@pytest.mark.parametrize("pids, has_one", [({}, False), (NEW, True)])
def test_a_record_restricted_without_end_has_a_doi_only_if_it_was_asked_for(
    repository, record_data, pids, has_one
):
    record_data["access"] = {"record": "restricted", "files": "restricted"}
    record = repository.publish({**record_data, "pids": pids})
    assert bool(doi_of(record)) is has_one


def test_an_embargoed_record_where_dois_are_not_required_gets_none(
    repository, record_data, doi_optional
):
    data = embargoed(record_data, record="restricted", files="restricted")
    assert not doi_of(repository.publish({**data, "pids": {}}))


def test_a_doi_that_is_not_made_is_no_link(repository, record_data):
    draft = repository.draft({**record_data, "pids": NEW})
    names = {"doi", "self_doi", "self_doi_html"}
    assert not names & set(draft.to_dict()["links"])
    records.pids.create(repository.identity, draft.id, "doi")
    links = records.read_draft(repository.identity, draft.id).to_dict()["links"]
    assert links["doi"].endswith(f"/10.1234/{draft.id}")


EXPORTS = (
    "application/vnd.citationstyles.csl+json",
    "application/x-bibtex",
    "application/x-dc+xml",
    "application/marcxml+xml",
    'application/ld+json;profile="https://datapackage.org/profiles/2.0/datapackage.json"',
    "application/ld+json",
)


def test_a_doi_that_is_not_made_is_in_no_export(
    repository, record_data, running_app, uploader
):
    draft = repository.draft({**record_data, "pids": NEW})
    for mimetype in EXPORTS:
        with running_app.test_client() as client:
            headers = {"Accept": mimetype}
            path = f"/records/{draft.id}/draft"
            answer = uploader.login(client).get(path, headers=headers)
        if answer.status_code == 406:
            continue
        assert answer.status_code == 200, mimetype
        assert "doi.org" not in answer.text, mimetype
        assert "datacite.org/" not in answer.text, mimetype

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""REST: the uploads of a user whose DOIs need attention."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.metadata.complaints import FIELDS
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.services.problems import LABELS
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES

PATH = "/user/records/doi"
SAID = "Rights are <b>too</b> long, says TEST.REPO"
REFUSED = {"errors": [{"source": "rights_list", "title": SAID}]}


@pytest.fixture(scope="module")
def stranger(make_user):
    """Return another user."""
    return make_user("stranger")


@pytest.fixture()
def ask(running_app, uploader, stranger):
    """Return a function that queries records as a named user or anonymously."""

    def ask(*ids, who="owner", path=PATH):
        with running_app.test_client() as client:
            if who:
                client = {"owner": uploader, "stranger": stranger}[who].login(client)
            query = {"ids": ",".join(ids)} if path == PATH else {}
            return client.get(path, query_string=query)

    return ask


@pytest.fixture()
def refused(repository, sandbox, record_data):
    """Return a function that publishes records which DataCite refuses."""

    def refuse(number=1):
        sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
        records = [repository.publish(record_data) for _ in range(number)]
        repository.deliver()
        sandbox.server.clear_faults()
        return records

    return refuse


def fail(doi):
    """Set the status as if DataCite had refused the DOI."""
    error = {"code": "datacite.refused", "complaints": [{"title": "Too long"}]}
    statement = sa.update(Registration).where(Registration.doi == doi)
    db.session.execute(statement.values(status=Status.FAILED, error=error))
    db.session.commit()


def test_only_what_needs_attention(repository, refused, record_data, ask):
    (record,) = refused()
    good = repository.publish(record_data)
    draft = repository.draft(record_data)
    repository.deliver()
    answer = ask(record.id, good.id, draft.id, "zzzzz-99999")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    complaint = {
        "field": "metadata.rights",
        "label": "Licenses",
        "title": "Rights are <b>too</b> long, says …",
    }
    assert answer.json == {
        record.id: {
            "status": "failed",
            "code": "datacite.refused",
            "complaints": [complaint],
        }
    }


def test_records_of_others_are_passed_over(refused, ask):
    (record,) = refused()
    assert ask(record.id, who="stranger").json == {}


def test_nobody_is_answered_as_the_host_does(refused, ask):
    (record,) = refused()
    hosts = ask(who=None, path="/user/records")
    assert ask(record.id, who=None).status_code == hosts.status_code
    assert hosts.status_code in (401, 403)


def test_a_concept_doi_is_the_newest_versions(repository, record_data, ask):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    repository.deliver()
    fail(concept_doi_of(first))
    assert list(ask(first.id, second.id).json) == [second.id]


def test_a_doi_that_is_not_the_records_any_more(repository, record_data, ask):
    record = repository.publish(record_data)
    fail(doi_of(record))
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi == doi_of(record))
        .values(doi="10.1234/given-back")
    )
    db.session.commit()
    assert ask(record.id).json == {}


def test_deleted_records_need_nothing_of_their_owner(repository, record_data, ask):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    fail(doi_of(record))
    assert ask(record.id).json == {}


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [""],
        [","],
        [f"id-{number}" for number in range(101)],
        ["x" * 256],
        ["a\x00b"],
    ],
)
def test_what_cannot_be_asked(repository, ask, ids):
    answer = ask(*ids)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "ids"


def test_a_hundred_may_be_asked_about(repository, ask):
    assert ask(*[f"id-{number}" for number in range(100)]).json == {}


def test_the_statements_are_few_however_many_records(repository, refused):
    from invenio_rdm_doi.proxies import current_doi

    def statements(ids):
        sent = []
        engine = db.engine
        listener = lambda *args: sent.append(args[2])  # noqa: E731
        db.session.rollback()
        sa.event.listen(engine, "before_cursor_execute", listener)
        try:
            found = current_doi.service.attention(repository.identity, ids).data
        finally:
            sa.event.remove(engine, "before_cursor_execute", listener)
        assert sorted(found) == sorted(ids)
        assert not [text for text in sent if text.startswith(("UPDATE", "INSERT"))]
        return len(sent)

    ids = [record.id for record in refused(5)]
    assert statements(ids[:1]) == statements(ids) <= 4


def test_a_failed_draft_of_a_published_record(repository, refused, ask):
    """It concerns the published record, regardless of drafts."""
    (record,) = refused()
    service.edit(repository.identity, record.id)
    assert list(ask(record.id).json) == [record.id]


def test_every_field_has_a_name_for_people():
    assert set(LABELS) == set(FIELDS.values())

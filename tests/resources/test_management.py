# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""REST of those who look after DOIs: what they see and do, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from invenio_access.models import ActionUsers
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.resources.management import cursor
from tests.support.repository import doi_of
from tests.support.sandbox_client import WRITES

REFUSED = {"errors": [{"source": "titles", "title": "Title is too odd."}]}


@pytest.fixture(scope="module")
def people(make_user, uploader, database):
    """One of each kind."""
    found = {"depositor": uploader}
    for name, action in (
        ("manager", "doi-manage"),
        ("administrator", "administration-access"),
        ("moderator", "administration-moderation"),
    ):
        found[name] = make_user(name)
        database.session.add(ActionUsers(action=action, user_id=found[name].id))
    database.session.commit()
    return found


@pytest.fixture()
def ask(running_app, people):
    """Ask as one of the people, or as nobody."""

    def ask(path, who="manager", method="get", **query):
        with running_app.test_client() as client:
            if who:
                client = people[who].login(client)
            return getattr(client, method)(path, query_string=query or None)

    return ask


@pytest.fixture()
def failed(repository, sandbox, record_data):
    """A record that DataCite refused."""
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    return record


def id_of(doi):
    return str(db.session.scalar(sa.select(Registration.id).filter_by(doi=doi)))


PATHS = [
    ("get", "/dois"),
    ("get", "/dois/summary"),
    ("get", f"/dois/{uuid4()}"),
    ("post", f"/dois/{uuid4()}/actions/retry"),
    ("post", "/dois/accounts/default/actions/resume"),
]


@pytest.mark.parametrize("method, path", PATHS)
@pytest.mark.parametrize("who", [None, "depositor", "moderator"])
def test_it_is_for_nobody_else(ask, method, path, who):
    answer = ask(path, who, method)
    assert answer.status_code == 403
    assert "10.1234" not in answer.text


@pytest.mark.parametrize("who", ["manager", "administrator"])
@pytest.mark.parametrize("method, path", PATHS)
def test_it_is_for_those_who_look_after_dois(ask, method, path, who):
    assert ask(path, who, method).status_code in (200, 202, 404)


def test_a_failed_doi_is_found_by_its_error_and_sent_again(failed, repository, ask):
    doi = doi_of(failed)
    answer = ask("/dois", status="failed", code="datacite.refused")
    (hit,) = [hit for hit in answer.json["hits"]["hits"] if hit["doi"] == doi]
    assert (hit["status"], hit["account"], hit["kind"]) == (
        "failed",
        "default",
        "record",
    )
    assert "Title is too odd." in str(hit["error"])
    path = f"/dois/{hit['id']}"
    assert hit["links"]["self"].endswith(path)
    item = ask(path).json
    (attempt,) = item["attempts"]
    assert (attempt["outcome"], attempt["http_status"]) == ("rejected", 422)
    again = ask(f"{path}/actions/retry", method="post")
    assert (again.status_code, again.json["requested"]) == (202, True)
    repository.deliver()
    item = ask(path).json
    assert (item["status"], item["error"]) == ("findable", None)
    assert [one["outcome"] for one in item["attempts"]] == ["done", "rejected"]


@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_a_doi_is_found_in_any_spelling(failed, ask, spelling):
    (hit,) = ask("/dois", doi=spelling(doi_of(failed))).json["hits"]["hits"]
    assert hit["doi"] == doi_of(failed)
    assert ask("/dois", doi="10.9999/none").json["hits"]["hits"] == []


@pytest.mark.parametrize("status", [None, "failed", "findable"])
def test_pages_have_each_doi_once(repository, record_data, failed, ask, status):
    for _ in range(2):
        repository.publish(record_data)
    if status == "findable":
        repository.deliver()
    wanted = {"status": status} if status else {}
    seen, address = [], None
    while True:
        answer = (ask(address) if address else ask("/dois", size=1, **wanted)).json
        seen += [hit["id"] for hit in answer["hits"]["hits"]]
        address = answer["links"].get("next")
        if not address:
            break
    query = sa.select(Registration.id)
    if status:
        query = query.where(Registration.status == Status(status))
    assert len(seen) == len(set(seen)) >= 2
    assert set(seen) == {str(id_) for id_ in db.session.scalars(query)}


@pytest.mark.parametrize(
    "query",
    [
        {"after": "nonsense"},
        {"after": "WyJ4Il0="},
        {"after": "W10="},
        {"size": 0},
        {"size": 100_000},
        {"status": "lost"},
        {"account": "nobody"},
        {"older_than": "x"},
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_client(ask, query):
    assert ask("/dois", **query).status_code == 400


@pytest.mark.parametrize("status", ["failed", "findable"])
def test_a_cursor_is_of_one_list(ask, status):
    """The order of failed ones is another one than that of all others."""
    positions = {
        "findable": (datetime.now(UTC), uuid4()),
        "failed": (uuid4(),),
    }
    answer = ask("/dois", status=status, after=cursor(positions[status]))
    assert answer.status_code == 400
    assert "cursor" in answer.text


def test_what_is_only_reserved_is_not_sent(repository, record_data, ask):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    answer = ask(f"/dois/{id_of(doi)}/actions/retry", method="post")
    assert answer.status_code == 400
    assert f"{doi} is only reserved for a draft" in answer.text
    assert repository.registration(doi).status is Status.RESERVED


@pytest.mark.parametrize("id_", [str(uuid4()), "summary2", "x" * 300])
def test_what_is_not_there(ask, id_):
    assert ask(f"/dois/{id_}").status_code in (400, 404)


def test_the_summary(failed, ask):
    found = ask("/dois/summary").json
    assert found["statuses"]["failed"] >= 1
    account, *_others = found["accounts"]
    assert (account["account"], account["state"]) == ("default", "running")


def test_an_account_is_resumed(ask):
    path = "/dois/accounts/default/actions/resume"
    assert ask(path, method="post").json == {"account": "default", "resumed": False}
    current_doi.breaker().pause({"code": "datacite.unauthorized", "message": "x"})
    assert ask("/dois/summary").json["accounts"][0]["state"] == "paused"
    assert ask(path, method="post").json == {"account": "default", "resumed": True}
    assert ask("/dois/summary").json["accounts"][0]["state"] == "running"
    answer = ask("/dois/accounts/nobody/actions/resume", method="post")
    assert answer.status_code == 400


def test_no_secrets(failed, ask):
    for path in ("/dois", "/dois/summary", f"/dois/{id_of(doi_of(failed))}"):
        text = ask(path).text
        for account in current_doi.settings.accounts:
            assert account.password.reveal() not in text

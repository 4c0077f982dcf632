# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The REST API for DOI managers: data, actions and access."""

from __future__ import annotations

import base64
import json
import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from opensearchpy.exceptions import ConnectionError

from invenio_rdm_doi.audit.models import Problem
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.listing import Order
from invenio_rdm_doi.registration.models import Kind, Outcome, Registration, Status
from invenio_rdm_doi.resources.management import DOIManagementResourceConfig
from tests.support import openapi
from tests.support.repository import doi_of, id_of
from tests.support.sandbox_client import REFUSED, WRITES


def forged(*parts):
    """Return a cursor that the API never issued."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


PATHS = [
    ("get", "/dois"),
    ("get", "/dois/count"),
    ("get", "/dois/summary"),
    ("get", "/dois/findings"),
    ("post", "/dois/findings/1/actions/fix"),
    ("post", "/dois/actions/retry?doi=10.9999/none"),
    ("get", f"/dois/{uuid4()}"),
    ("get", f"/dois/{uuid4()}/comparison"),
    ("post", f"/dois/{uuid4()}/actions/retry"),
    ("post", f"/dois/{uuid4()}/actions/mark-handled"),
    ("post", f"/dois/{uuid4()}/actions/unmark-handled"),
    ("get", "/dois/accounts/default/check"),
    ("post", "/dois/accounts/default/actions/resume"),
]


def test_all_endpoints_are_asked_for_permission(running_app):
    rules = [
        rule
        for rule in running_app.url_map.iter_rules()
        if rule.endpoint.startswith("invenio_rdm_doi_management.")
    ]
    assert len(rules) == len(PATHS)


def test_the_description_has_all_endpoints_and_arguments(running_app):
    """Compare the endpoints and arguments in the code with docs/openapi.yml."""
    config = DOIManagementResourceConfig.build(running_app)
    arguments = {
        "search": config.request_search_args,
        "count": config.request_filter_args,
        "retry_many": config.request_many_args,
        "findings": config.request_findings_args,
        "mark": config.request_mark_args,
    }
    rules = {}
    for rule in running_app.url_map.iter_rules():
        blueprint, _dot, view = rule.endpoint.rpartition(".")
        if blueprint == config.blueprint_name:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            (method,) = rule.methods - {"HEAD", "OPTIONS"}
            rules[method.lower(), path] = (view, set(rule.arguments))
    described = openapi.operations()
    assert set(described) == set(rules)
    for key, operation in described.items():
        view, in_path = rules[key]
        assert operation["operationId"] == view
        names = [one["name"] for one in openapi.parameters(operation)]
        assert set(names) == in_path | set(arguments.get(view, ()))


def test_the_description_has_all_words():
    schemas = openapi.description()["components"]["schemas"]
    for name, kind in (("Status", Status), ("Kind", Kind), ("Problem", Problem)):
        assert set(schemas[name]["enum"]) == {one.value for one in kind}
    attempts = schemas["ItemWithAttempts"]["properties"]["attempts"]
    outcomes = attempts["items"]["properties"]["outcome"]["enum"]
    assert set(outcomes) == {one.value for one in Outcome}


@pytest.mark.parametrize("method, path", PATHS)
@pytest.mark.parametrize(
    "who", [None, "depositor", "community-owner", "moderator", "viewer"]
)
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
    assert "Title is <b>too</b> odd." in str(hit["error"])
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


@pytest.mark.parametrize("cut", [0, -3])
@pytest.mark.parametrize("wrap", ["{}", "https://doi.org/{}", " {} "])
def test_a_doi_is_found_by_its_beginning(failed, ask, cut, wrap):
    doi = doi_of(failed)
    typed = wrap.format(doi.upper()[: cut or None])
    found = [hit["doi"] for hit in ask("/dois", q=typed).json["hits"]["hits"]]
    assert doi in found
    assert ask("/dois", q=typed, status="findable").json["hits"]["hits"] == []


def test_a_doi_is_found_by_its_record(failed, ask):
    found = ask("/dois", q=failed.id).json["hits"]["hits"]
    assert {hit["kind"] for hit in found} == {"record", "concept"}
    assert doi_of(failed) in [hit["doi"] for hit in found]
    parent = failed._record.parent.pid.pid_value
    assert len(ask("/dois", q=parent).json["hits"]["hits"]) == 2
    for nobody in ("none", "%", "10.", "1"):
        answer = ask("/dois", q=nobody)
        assert answer.status_code == 200
        assert nobody == "10." or answer.json["hits"]["hits"] == []


def test_a_doi_is_found_by_its_title(failed, repository, ask):
    failed._record.index.refresh()
    title = failed.data["metadata"]["title"]
    found = ask("/dois", title=title).json["hits"]["hits"]
    assert doi_of(failed) in [hit["doi"] for hit in found]
    assert ask("/dois", title='"nowhere" OR *').json["hits"]["hits"] == []


def test_titles_need_the_search(failed, ask, monkeypatch):
    def down(*_args, **_kwargs):
        raise ConnectionError("N/A", "refused", None)

    monkeypatch.setattr("opensearchpy.Transport.perform_request", down)
    answer = ask("/dois", title="anything")
    assert answer.status_code == 400
    assert "the search does not answer" in answer.text
    assert ask("/dois").status_code == 200


def test_many_are_counted_and_sent_again(failed, repository, sandbox, ask, monkeypatch):
    monkeypatch.setattr("invenio_rdm_doi.services.management.STEP", 1)
    count = ask("/dois/count", status="failed").json
    assert count == {"count": 2, "sendable": 2, "is_exact": True}
    address, requested = "/dois/actions/retry?status=failed", 0
    for _step in range(2):
        answer = ask(address, method="post")
        assert answer.status_code == 202
        requested += answer.json["requested"]
        address = answer.json["links"].get("next")
    assert (requested, address) == (2, None)
    assert ask("/dois/count", status="failed").json["count"] == 0
    repository.deliver()
    assert ask("/dois/count", status="findable").json["count"] == 2


def test_a_failure_is_marked_as_handled_until_it_is_tried_again(
    failed, repository, sandbox, ask
):
    path = f"/dois/{id_of(doi_of(failed))}"
    assert ask("/dois/summary").json["unhandled"] == 2
    marked = ask(f"{path}/actions/mark-handled", method="post").json
    assert marked["handled"] is True
    assert "unmark" in marked["links"]
    assert ask("/dois/summary").json["unhandled"] == 1
    assert ask("/dois/count", handled="false", status="failed").json["count"] == 1
    assert ask(f"{path}/actions/unmark-handled", method="post").json["handled"] is False
    ask(f"{path}/actions/mark-handled", method="post")
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    ask(f"{path}/actions/retry", method="post")
    repository.deliver()
    sandbox.server.clear_faults()
    assert ask(path).json["handled"] is False
    assert ask("/dois/summary").json["unhandled"] == 2


def test_a_failure_that_nobody_has_seen_is_not_marked(failed, ask):
    path = f"/dois/{id_of(doi_of(failed))}"
    seen = ask(path).json["links"]["mark"]
    db.session.query(Registration).update({"updated": sa.func.clock_timestamp()})
    db.session.commit()
    answer = ask(seen, method="post")
    assert answer.status_code == 400
    assert "has changed since" in answer.text
    assert ask(ask(path).json["links"]["mark"], method="post").json["handled"] is True


def test_what_has_not_failed_is_not_marked(repository, record_data, ask):
    record = repository.publish(record_data)
    repository.deliver()
    path = f"/dois/{id_of(doi_of(record))}/actions/mark-handled"
    answer = ask(path, method="post")
    assert answer.status_code == 400
    assert "has not failed" in answer.text


def test_what_datacite_holds_is_compared(repository, record_data, sandbox, ask):
    record = repository.publish(record_data)
    repository.deliver()
    path = f"/dois/{id_of(doi_of(record))}/comparison"
    assert ask(path).json["differences"] == {}
    sandbox.put(doi_of(record), titles=[{"title": "Other"}])
    found = ask(path).json["differences"]
    assert list(found) == ["titles"]
    assert found["titles"]["datacite"][0]["title"] == "Other"
    sandbox.server.stop()
    answer = ask(path)
    assert answer.status_code == 400
    assert "datacite" in answer.text.lower()


def test_an_account_is_checked(sandbox, ask):
    found = ask("/dois/accounts/default/check").json
    assert found["ok"] is True
    codes = {item["code"] for item in found["checks"]}
    assert {"hooks", "tables", "time_limit", "deliveries", "credentials"} <= codes
    assert ask("/dois/accounts/nobody/check").status_code == 400


def test_the_check_of_an_account_reads_no_stored_dois(sandbox, ask):
    statements = []
    note = (
        db.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    sa.event.listen(*note)
    try:
        ask("/dois/accounts/default/check")
    finally:
        sa.event.remove(*note)
    assert statements
    assert not any(
        name in statement
        for statement in statements
        for name in ("FROM pidstore_pid", "FROM rdm_doi_registration")
    )


def test_the_check_of_an_account_is_in_the_users_language(sandbox, ask, german):
    sandbox.stop()
    checks = ask("/dois/accounts/default/check").json["checks"]
    texts = {item["code"]: item for item in checks}
    assert texts["deliveries"]["message"] == "Die Übermittlung läuft."
    assert texts["connection"]["advice"].startswith("Ist http")


def test_the_last_day_hour_by_hour(failed, ask):
    hours = ask("/dois/summary").json["hours"]
    assert len(hours) == 24
    assert hours[-1]["failed"] + hours[-2]["failed"] >= 2


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
        {"code": "a\0"},
        {"doi": "10.1234/a\0b"},
        {"q": "10.1234/\0"},
        {"title": "  "},
        {"must_hide": "false"},
        {"q": "10.1234/", "after": forged("doi", "\ud800")},
        {"after": forged("newest", "2026-01-01T00:00:00", str(uuid4()))},
        {"after": forged("newest", "9999-12-31T23:59:00-23:59", str(uuid4()))},
        {"after": forged("newest", "0001-01-01T00:00:00+16:00", str(uuid4()))},
        {"after": forged("newest", ["x"], {})},
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_client(ask, query):
    assert ask("/dois", **query).status_code == 400


def test_a_cursor_is_of_one_list(failed, ask):
    """A cursor by name is invalid for the order by time, and vice versa."""
    row = db.session.query(Registration).first()
    for by_name, query in ((True, {}), (False, {"q": "10.1234/"})):
        answer = ask("/dois", after=Order(by_name, not by_name).cursor(row), **query)
        assert answer.status_code == 400
        assert "cursor" in answer.text


def test_what_is_only_reserved_is_not_sent(repository, record_data, ask):
    draft = repository.draft(record_data)
    doi = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    answer = ask(f"/dois/{id_of(doi)}/actions/retry", method="post")
    assert answer.status_code == 400
    assert f"{doi} is only reserved for a draft" in answer.text
    assert repository.registration(doi).status is Status.RESERVED


@pytest.mark.parametrize("offset", ["+16:00", "+23:59", "-12:00", "+00:00:01.5"])
def test_a_cursor_of_any_offset_is_read(failed, ask, offset):
    """PostgreSQL has no offsets of 16 hours, so it gets the time in UTC."""
    after = forged("newest", f"2999-01-01T00:00:00{offset}", str(uuid4()))
    assert len(ask("/dois", after=after).json["hits"]["hits"]) == 2
    until = f"2026-01-01T00:00:00{offset[:6]}"
    answer = ask("/dois/actions/retry", method="post", until=until)
    assert (answer.status_code, answer.json["requested"]) == (202, 0)


def test_many_come_to_an_end_whatever_the_client_says(failed, ask, monkeypatch):
    monkeypatch.setattr("invenio_rdm_doi.services.management.STEP", 1)
    answer = ask("/dois/actions/retry", method="post", until="2999-01-01T00:00:00Z")
    steps = 1
    while "next" in answer.json["links"]:
        answer = ask(answer.json["links"]["next"], method="post")
        steps += 1
        assert steps < 10
    assert steps == 2


def test_filters_are_all_asked(failed, repository, record_data, ask):
    other = repository.publish(record_data)
    doi = doi_of(failed)
    for query in (
        {"doi": doi, "q": other.id},
        {"doi": "10.9999/none", "q": other.id},
        {"doi": doi, "q": "10.1234/zzz"},
        {"doi": doi[:-1]},
        {"doi": doi, "handled": "true"},
    ):
        assert ask("/dois", **query).json["hits"]["hits"] == []
    (hit,) = ask("/dois", doi=doi, q=failed.id, handled="false").json["hits"]["hits"]
    assert hit["doi"] == doi
    ask(f"/dois/{hit['id']}/actions/mark-handled", method="post")
    (hit,) = ask("/dois", handled="true").json["hits"]["hits"]
    assert hit["doi"] == doi


def test_what_is_only_reserved_is_not_counted_as_sendable(repository, record_data, ask):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    assert ask("/dois/count").json == {"count": 1, "sendable": 0, "is_exact": True}


def test_of_a_foreign_prefix_nobody_is_asked(foreign, sandbox, ask):
    before = len(sandbox.log())
    answer = ask(f"/dois/{id_of(foreign)}/comparison")
    assert answer.status_code == 400
    assert "No account has the prefix" in answer.text
    assert len(sandbox.log()) == before
    answer = ask(f"/dois/{id_of(foreign)}/actions/retry", method="post")
    assert answer.status_code == 400
    many = ask("/dois/actions/retry", method="post", doi=foreign)
    assert many.json["requested"] == 0


def test_titles_of_records_that_the_reader_may_not_see_are_not_found(
    repository, record_data, ask
):
    title = "Quagga migration"
    data = {**record_data, "metadata": {**record_data["metadata"], "title": title}}
    record = repository.publish(data)
    repository.change_access(record, record="restricted")
    record._record.index.refresh()
    assert ask("/dois", title="Quagga").json["hits"]["hits"] == []
    record = repository.publish(data)
    record._record.index.refresh()
    assert ask("/dois", title="Quagga").json["hits"]["hits"] != []


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

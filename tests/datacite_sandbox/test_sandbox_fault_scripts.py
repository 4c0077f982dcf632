# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Requests that faults hit, and how faults are added, shown and removed."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from lxml import html

from datacite_sandbox import SandboxServer, ScriptError, create_app
from datacite_sandbox.fault_scripts import read_scripts
from datacite_sandbox.faults import Fault

from .helpers import DOI, OWNER, Client, eventually, metadata

OTHER_DOI = "10.14454/other"


def add(client, script):
    return client.request("POST", "/_sandbox/faults", json=script)


def statuses(client, count):
    return [client.get("/heartbeat").status_code for _ in range(count)]


# Routes


def test_faults_over_http(owner, anonymous):
    answer = add(anonymous, {"kind": "status", "status": 503, "times": 2})
    assert answer.status_code == 201
    expected = {
        "kind": "status",
        "match": {"doi": None, "method": None, "path": None},
        "share": 1.0,
        "seed": None,
        "times": 2,
        "after": 0,
        "status": 503,
        "body": None,
        "content_type": None,
        "headers": None,
        "processed": False,
        "seen": 0,
        "fired": 0,
    }
    assert answer.json() == [expected]
    assert statuses(owner, 3) == [503, 503, 200]
    (shown,) = anonymous.get("/_sandbox/faults").json()
    assert shown == {**expected, "seen": 3, "fired": 2}
    assert anonymous.request("DELETE", "/_sandbox/faults").status_code == 204
    assert anonymous.get("/_sandbox/faults").json() == []


def test_a_list_is_added_in_order_to_what_there_is(owner):
    add(owner, {"kind": "status", "status": 500, "times": 1})
    add(owner, [{"kind": "status", "status": n, "times": 1} for n in (502, 503)])
    assert statuses(owner, 4) == [500, 502, 503, 200]


def test_clear_removes_faults(server, owner):
    server.fault(kind="reset")
    server.rate(1, 60)
    server.clear()
    assert statuses(owner, 3) == [200, 200, 200]


def test_control_and_pages_are_never_disturbed(server, anonymous):
    server.fault(kind="reset")
    server.rate(1, 60)
    for path in ("/", "/_sandbox/faults", "/_sandbox/log", "/_sandbox/nonsense"):
        assert anonymous.get(path).status_code in (200, 404)
    assert server.faults()[0]["seen"] == 0


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (1, "a fault must be an object, not 1"),
        ({}, "kind must be one of latency, status"),
        ({"kind": "explosion"}, 'not "explosion"'),
        ({"kind": ["reset"]}, 'not ["reset"]'),
        ({"kind": "reset", "sahre": 1}, "sahre is unknown; there is kind, match"),
        ({"kind": "reset", "seconds": 1}, "seconds is unknown"),
        ({"kind": "reset", "share": 2}, "share must be a number from 0 to 1, not 2"),
        ({"kind": "reset", "share": "x"}, "share must be a number"),
        ({"kind": "reset", "share": True}, "share must be a number"),
        ({"kind": "reset", "seed": 1.5}, "seed must be an integer, not 1.5"),
        ({"kind": "reset", "times": 0}, "times must be an integer of 1 or more, not 0"),
        ({"kind": "reset", "after": -1}, "after must be an integer of 0 or more"),
        ({"kind": "reset", "match": DOI}, "match must be an object"),
        ({"kind": "reset", "match": {"verb": "PUT"}}, "match.verb is unknown"),
        ({"kind": "reset", "match": {"doi": "x"}}, "match.doi must be a DOI"),
        ({"kind": "reset", "match": {"method": "PUSH"}}, "match.method must be one"),
        ({"kind": "reset", "match": {"method": []}}, "match.method must be one"),
        ({"kind": "reset", "match": {"method": [1]}}, "match.method must be one"),
        ({"kind": "reset", "match": {"path": "dois"}}, "match.path must be the start"),
        ({"kind": "latency"}, "seconds is required"),
        ({"kind": "latency", "seconds": -1}, "seconds must be a number from 0"),
        ({"kind": "latency", "seconds": [2, 1]}, "must be a number or [least, most]"),
        ({"kind": "latency", "seconds": [1]}, "seconds must be a number or"),
        ({"kind": "latency", "seconds": [0, "x"]}, "seconds must be a number"),
        ({"kind": "status"}, "status is required"),
        ({"kind": "status", "status": 42}, "status must be an integer from 200 to 599"),
        ({"kind": "status", "status": "503"}, 'not "503"'),
        ({"kind": "status", "status": 503, "headers": []}, "headers must be an object"),
        (
            {"kind": "status", "status": 503, "headers": {"A": "1\r\nB: 2"}},
            "headers must be a text of one line",
        ),
        (
            {"kind": "status", "status": 503, "headers": {"A B": "1"}},
            "headers must have names that HTTP allows",
        ),
        (
            {"kind": "status", "status": 503, "headers": {"content-Length": "1"}},
            "headers must be without content-length",
        ),
        (
            {"kind": "status", "status": 503, "content_type": "a\u2013"},
            "content_type must be a text of Latin-1 characters",
        ),
        ({"kind": "rate_limit", "retry_after": -1}, "retry_after must be an integer"),
        ({"kind": "rate_limit", "retry_after": ""}, "retry_after must be a text"),
        ({"kind": "no_answer", "reset": 1}, "reset must be true or false, not 1"),
        ({"kind": "html", "status": 1}, "status must be an integer"),
        ({"kind": "wrong_state", "state": 1}, "state must be a text"),
        ({"kind": "hang", "seconds": 1e9}, "seconds must be a number from 0 to 86400"),
        ([{"kind": "reset"}, {"kind": "x"}], "fault 2: kind must be"),
        ([{"kind": "reset", "match": {"a": 1}}], "fault 1: match.a is unknown"),
    ],
)
def test_a_script_that_makes_no_sense_changes_nothing(server, owner, script, message):
    answer = add(owner, script)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert server.faults() == []


def test_a_body_that_is_not_json(anonymous):
    answer = anonymous.request("POST", "/_sandbox/faults", data="{")
    assert answer.status_code == 400
    assert answer.json() == {"error": "the body must be JSON"}


def test_a_wrong_script_in_python(server):
    with pytest.raises(ScriptError, match="status is required"):
        server.fault(kind="status")


# Choice of requests


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, ["PUT one", "POST one", "GET one", "GET list", "PUT other", "GET token"]),
        (
            None,
            ["PUT one", "POST one", "GET one", "GET list", "PUT other", "GET token"],
        ),
        ({"doi": DOI.upper()}, ["PUT one", "POST one", "GET one"]),
        ({"doi": f"https://doi.org/{DOI}"}, ["PUT one", "POST one", "GET one"]),
        ({"method": "put"}, ["PUT one", "PUT other"]),
        ({"method": ["PUT", "POST"]}, ["PUT one", "POST one", "PUT other"]),
        ({"path": "/dois/"}, ["PUT one", "GET one", "PUT other"]),
        ({"path": "/token"}, ["GET token"]),
        ({"doi": DOI, "method": "PUT", "path": "/dois"}, ["PUT one"]),
        ({"doi": DOI, "path": "/token"}, []),
    ],
)
def test_what_a_fault_matches(server, owner, match, hit):
    server.fault(kind="status", status=503, match=match)
    answers = {
        "PUT one": owner.put(DOI),
        "POST one": owner.post(doi=DOI.upper()),
        "GET one": owner.get(f"/dois/{DOI.upper()}"),
        "GET list": owner.get("/dois"),
        "PUT other": owner.put(OTHER_DOI),
        "GET token": owner.get("/token"),
    }
    found = [name for name, answer in answers.items() if answer.status_code == 503]
    assert found == hit


def test_after_and_times(server, owner):
    server.fault(kind="status", status=503, after=2, times=3)
    assert statuses(owner, 7) == [200, 200, 503, 503, 503, 200, 200]


def test_the_first_that_fires_wins(server, owner):
    """The second fault counts all matching requests, including those of the first."""
    server.fault(kind="status", status=500, times=2)
    server.fault(kind="status", status=503, after=3)
    assert statuses(owner, 5) == [500, 500, 200, 503, 503]
    assert [(f["seen"], f["fired"]) for f in server.faults()] == [(5, 2), (5, 2)]


def test_a_share_with_a_seed_is_reproducible(server, owner):
    runs = []
    for seed in (17, 17, 18):
        server.clear_faults()
        server.fault(kind="status", status=503, share=0.3, seed=seed)
        runs.append(statuses(owner, 60))
    assert runs[0] == runs[1] != runs[2]
    assert 5 < runs[0].count(503) < 30


def test_decisions_depend_on_matching_requests_alone(server, owner):
    """Other requests, other faults and skipped requests have no influence."""
    server.fault(kind="status", status=503, share=0.3, seed=17)
    expected = statuses(owner, 40)
    server.clear_faults()
    server.fault(kind="status", status=500, match={"path": "/dois"})
    server.fault(kind="latency", seconds=[0, 0.001], share=0.5, seed=17)
    match = {"path": "/heartbeat"}
    server.fault(kind="status", status=503, share=0.3, seed=17, after=10, match=match)
    found = []
    for _ in range(40):
        owner.get("/dois")
        found += statuses(owner, 1)
    assert found == [200] * 10 + expected[10:]


def test_latency_with_a_seed_is_reproducible():
    sent = {"kind": "latency", "seconds": [0.1, 5], "seed": 3}
    runs = []
    for _ in range(2):
        (script,) = read_scripts(sent)
        fault = Fault(script, mark=0)
        runs.append([fault.delay() for _ in range(20)])
    assert runs[0] == runs[1]
    assert all(0.1 <= delay <= 5 for delay in runs[0])
    assert len(set(runs[0])) == 20


def test_a_share_of_nothing(server, owner):
    server.fault(kind="reset", share=0)
    assert statuses(owner, 20) == [200] * 20


@pytest.mark.parametrize(
    ("method", "path", "options", "doi"),
    [
        ("PUT", f"/dois/{DOI}", {"data": "{"}, DOI),
        ("PUT", f"/dois/{DOI}", {"headers": {"Authorization": "Bearer x"}}, DOI),
        ("OPTIONS", f"/dois/{DOI}", {}, None),
        ("HEAD", "/dois", {}, None),
        ("POST", "/dois", {"json": {"data": []}}, None),
        ("POST", "/dois", {"json": {"data": {"attributes": {"doi": 1}}}}, None),
        ("GET", "/nonsense", {}, None),
    ],
)
def test_requests_that_would_fail_meet_faults_too(
    server, anonymous, method, path, options, doi
):
    server.fault(kind="status", status=503)
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    answer = anonymous.request(method, path, headers=headers, **options)
    assert answer.status_code == 503
    (entry,) = server.log()
    assert (entry["status"], entry["fault"], entry["doi"]) == (503, "status", doi)


def test_a_refused_request_is_in_the_log_with_all_that_was_sent(server, owner):
    server.fault(kind="status", status=503)
    owner.post(doi=f"https://doi.org/{DOI.upper()}", **metadata())
    (entry,) = server.log(DOI)
    assert entry["account"] == "TEST.REPO"
    assert entry["body"]["data"]["attributes"]["titles"] == metadata()["titles"]
    assert not entry["processed"]


# The server


def handlers():
    return [t for t in threading.enumerate() if "process_request_thread" in t.name]


@pytest.mark.parametrize("kind", ["hang", "latency"])
def test_stopping_does_not_wait_for_those_who_wait(kind):
    """No request is processed after the stop, and no thread remains."""
    before = len(handlers())
    with SandboxServer([OWNER]) as server, ThreadPoolExecutor(5) as pool:
        server.fault(kind=kind, seconds=600)
        clients = [Client(server.url, (OWNER.symbol, "secret")) for _ in range(5)]
        futures = [pool.submit(client.put, **metadata()) for client in clients]
        eventually(lambda: server.faults()[0]["fired"] >= 5, seconds=30)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 60
        for future in futures:
            with pytest.raises(requests.ConnectionError):
                future.result(30)
        eventually(lambda: len(handlers()) <= before, seconds=30)
        assert server.sandbox.store.count() == 0
        assert {entry["processed"] for entry in server.log()} == {False}


def test_faults_are_still_there_after_a_restart():
    with SandboxServer([OWNER]) as server:
        server.fault(kind="hang", seconds=0.2)
        server.stop()
        server.start()
        started = time.monotonic()
        with pytest.raises(requests.ConnectionError):
            Client(server.url).get("/dois")
        assert time.monotonic() - started >= 0.2


def test_without_the_server_no_answer_is_an_answer_of_a_gateway():
    app = create_app([OWNER])
    client = app.test_client()
    for script in ({"kind": "no_answer"}, {"kind": "hang", "seconds": 0.1}):
        client.delete("/_sandbox/faults")
        assert client.post("/_sandbox/faults", json=script).status_code == 201
        assert client.get("/heartbeat").status_code == 502


# The page and the numbers


def test_the_page_shows_faults_when_there_are_any(server, anonymous):
    assert 'class="faults"' not in anonymous.get("/").text
    server.fault(kind="status", status=503, match={"doi": DOI}, body="<script>")
    server.rate(300, 30)
    answer = anonymous.get("/")
    assert "<script" not in answer.text
    shown = html.fromstring(answer.text)
    (row,) = shown.xpath('//table[@class="faults"]/tbody/tr')
    cells = [cell.text_content() for cell in row]
    assert cells[0] == "status"
    assert f'"doi": "{DOI}"' in cells[1]
    assert cells[2:] == ["0", "0"]
    assert "300 requests in 30 seconds" in shown.text_content()
    assert all(cell.get("scope") for cell in shown.xpath("//th"))


def test_the_numbers_of_the_log(server, owner, anonymous):
    server.fault(kind="reset", match={"doi": OTHER_DOI})
    owner.put(**metadata())
    owner.put(**metadata())
    owner.get("/dois")
    with pytest.raises(requests.ConnectionError):
        owner.put(OTHER_DOI)
    numbers = anonymous.get("/_sandbox/log", summary=1).json()
    assert numbers == {
        "requests": 4,
        "by_method": {"PUT": 3, "GET": 1},
        "by_status": {"201": 1, "200": 2, "null": 1},
        "overlaps": 0,
    }
    assert server.summary() == numbers
    assert server.summary(DOI)["requests"] == 2
    last = server.log()[-1]["n"]
    assert server.summary(since=last)["requests"] == 0


def test_overlaps_are_pairs_of_writes_to_one_doi(server):
    """Three at once are three pairs; reads and other DOIs do not count."""
    server.fault(kind="latency", seconds=0.5)

    def client():
        return Client(server.url, (OWNER.symbol, OWNER.password))

    with ThreadPoolExecutor(6) as pool:
        futures = [
            pool.submit(client().put, DOI),
            pool.submit(client().post, doi=DOI.upper()),
            pool.submit(client().delete, DOI),
            pool.submit(client().get, f"/dois/{DOI}"),
            pool.submit(client().put, OTHER_DOI),
            pool.submit(client().post, "/dois/validate", doi=DOI),
        ]
    for future in futures:
        future.result()
    server.clear_faults()
    client().put(DOI)
    assert server.summary()["overlaps"] == 3

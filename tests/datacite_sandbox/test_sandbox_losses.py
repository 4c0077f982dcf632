# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Faults that lose answers, writes and time; and combinations of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from .helpers import DOI, OWNER, Client, connections, eventually, last, metadata, stored

# No answer


def test_no_answer_after_the_request_was_processed(server, owner):
    server.fault(kind="no_answer", times=1)
    with pytest.raises(requests.ConnectionError, match="without response"):
        owner.put(**metadata(event="publish"))
    assert stored(server).state == "findable"
    assert last(server) == (None, "no_answer", True)
    assert owner.read()["state"] == "findable"


def test_a_reset_after_the_request_was_processed(server, owner):
    server.fault(kind="no_answer", reset=True, times=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        owner.put(**metadata())
    assert stored(server) is not None
    assert last(server) == (None, "no_answer", True)


def test_a_reset_before_the_request_was_processed(server, owner):
    server.fault(kind="reset", times=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        owner.put(**metadata())
    assert stored(server) is None
    assert last(server) == (None, "reset", False)
    assert owner.put(**metadata()).status_code == 201


def test_a_hang_ends_with_its_time(server, owner):
    server.fault(kind="hang", seconds=0.2)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError, match="without response"):
        owner.put(**metadata())
    assert 0.2 <= time.monotonic() - started < 60
    assert stored(server) is None
    assert last(server) == (None, "hang", False)
    entry = server.log()[-1]
    assert entry["ended"] - entry["started"] >= 0.2


def test_a_hang_ends_with_the_client(server, owner):
    """The log has the request at once, and its end as soon as the client hangs up."""
    server.fault(kind="hang", times=1)
    body = {"data": {"attributes": metadata()}}
    with pytest.raises(requests.ReadTimeout):
        owner.request("PUT", f"/dois/{DOI}", json=body, timeout=0.2)
    assert last(server) == (None, "hang", False)
    assert server.log()[-1]["body"] == body
    eventually(lambda: server.log()[-1]["ended"] is not None)
    assert owner.put(**metadata()).status_code == 201
    assert server.summary()["overlaps"] == 0


@pytest.mark.parametrize("kind", ["hang", "latency"])
def test_removing_faults_ends_the_wait(server, owner, kind):
    """A hung request still gets no answer, a slow one is processed."""
    server.fault(kind=kind, seconds=60)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(owner.put, **metadata())
        eventually(lambda: server.faults()[0]["fired"])
        server.clear_faults()
        if kind == "latency":
            assert future.result(2).status_code == 201
        else:
            with pytest.raises(requests.ConnectionError):
                future.result(2)


# Lost writes and stale lists


@pytest.mark.parametrize("is_new", [True, False])
def test_an_ignored_write(server, owner, is_new):
    if not is_new:
        owner.put(**metadata())
    before, history = stored(server), len(server.sandbox.store.history(DOI))
    server.fault(kind="ignore_write", times=1)
    answer = owner.put(**metadata(event="publish", version="2"))
    assert answer.status_code == (201 if is_new else 200)
    attributes = answer.json()["data"]["attributes"]
    assert (attributes["state"], attributes["version"]) == ("findable", "2")
    assert answer.headers["X-Credential-Username"] == "test.repo"
    assert stored(server) == before
    assert len(server.sandbox.store.history(DOI)) == history
    assert last(server) == (answer.status_code, "ignore_write", False)
    assert owner.put(**metadata(event="publish")).status_code == answer.status_code
    assert stored(server).state == "findable"


def test_an_ignored_deletion_and_an_ignored_creation(server, owner):
    owner.put(**metadata())
    server.fault(kind="ignore_write")
    assert owner.delete().status_code == 204
    answer = owner.post(prefix="10.14454")
    assert answer.status_code == 201
    assert stored(server) is not None
    assert owner.get(f"/dois/{answer.json()['data']['id']}").status_code == 404


def test_an_ignored_write_that_is_invalid_anyway(server, owner):
    server.fault(kind="ignore_write")
    assert owner.put(event="publish").status_code == 422
    assert owner.request("PUT", f"/dois/{DOI}", data="x").status_code == 400
    assert owner.get("/dois").json()["meta"]["total"] == 0
    assert server.faults()[0]["seen"] == 2


def listed(client):
    return {
        item["id"]: (item["attributes"]["state"], item["attributes"]["version"])
        for item in client.get("/dois").json()["data"]
    }


def test_a_list_as_of_the_moment_when_the_fault_was_added(server, published):
    """New DOIs are missing, deleted ones appear, and changed ones are unchanged."""
    published.put("10.14454/deleted", version="1")
    server.fault(kind="stale_list")
    before = listed(published)
    published.put(version="2")
    published.put(event="hide", version="3")
    published.put("10.14454/new")
    published.delete("10.14454/deleted")
    expected = {DOI: ("findable", None), "10.14454/deleted": ("draft", "1")}
    assert listed(published) == before == expected
    assert last(server) == (200, "stale_list", True)
    assert published.read()["version"] == "3"
    assert published.get("/dois/10.14454/deleted").status_code == 404
    server.clear_faults()
    now = {DOI: ("registered", "3"), "10.14454/new": ("draft", None)}
    assert listed(published) == now


def test_a_stale_list_is_filtered_and_counted_as_it_was(server, published):
    server.fault(kind="stale_list")
    published.put(event="hide")
    published.put("10.14454/new")
    found = published.get("/dois", state="findable").json()
    assert found["meta"]["total"] == len(found["data"]) == 1


def test_a_list_as_of_some_seconds_ago(server, owner, clock, monkeypatch):
    monkeypatch.setattr("datacite_sandbox.fault_answers._now", clock)
    server.fault(kind="stale_list", seconds=5)
    owner.put(version="1")
    clock.tick(3)
    owner.put(version="2")
    assert listed(owner) == {}
    clock.tick(2)
    assert listed(owner) == {DOI: ("draft", "1")}
    clock.tick(3)
    assert listed(owner) == {DOI: ("draft", "2")}


def test_fractions_of_seconds_count_for_stale_lists(server, owner):
    server.fault(kind="stale_list", seconds=0.3)
    owner.put()
    assert listed(owner) == {}
    eventually(lambda: list(listed(owner)) == [DOI])


def test_a_stale_list_over_an_emptied_sandbox(server, published):
    server.fault(kind="stale_list")
    published.request("DELETE", "/_sandbox/dois")
    published.put("10.14454/new")
    assert listed(published) == {}


# Many faults at once


def test_connections_are_kept_after_faults_that_answer(server, owner):
    for fault in (
        {"kind": "status", "status": 204},
        {"kind": "status", "status": 503},
        {"kind": "rate_limit"},
        {"kind": "html"},
        {"kind": "garbage"},
        {"kind": "wrong_state"},
        {"kind": "ignore_write"},
        {"kind": "stale_list"},
        {"kind": "latency", "seconds": 0.01},
    ):
        server.fault(**fault, times=1)
    for _ in range(10):
        owner.put(**metadata())
        owner.get("/dois")
    assert all(fault["fired"] == 1 for fault in server.faults())
    assert connections(owner) == 1


def test_faults_under_20_threads(server):
    """The clients' observations, the log, the counters and the DOIs agree."""
    share = {"share": 0.2, "match": {"method": "PUT"}}
    for number, kind in enumerate(("ignore_write", "no_answer", "reset", "garbage")):
        server.fault(kind=kind, seed=number, **share)
    server.fault(kind="status", status=503, seed=5, **share)
    server.fault(kind="stale_list", share=0.5, seed=6)

    def write(number):
        client = Client(server.url, (OWNER.symbol, OWNER.password))
        seen = []
        for step in range(10):
            try:
                seen.append(client.put(f"10.14454/{number}-{step}").status_code)
            except requests.ConnectionError:
                seen.append(None)
            client.get("/dois")
        return seen

    with ThreadPoolExecutor(20) as pool:
        seen = [
            status for statuses in pool.map(write, range(20)) for status in statuses
        ]
    entries = [entry for entry in server.log() if entry["method"] == "PUT"]
    assert len(entries) == len(seen) == 200
    assert sorted(map(str, seen)) == sorted(str(entry["status"]) for entry in entries)
    processed = {entry["doi"] for entry in entries if entry["processed"]}
    assert {doi.uid for doi in server.sandbox.store.select()} == processed
    kinds = [entry["fault"] for entry in server.log()]
    for fault in server.faults():
        assert fault["fired"] == kinds.count(fault["kind"]) > 0
    server.clear_faults()
    total = Client(server.url, ("TEST.REPO", "secret")).get("/dois").json()["meta"]
    assert total["total"] == len(processed)

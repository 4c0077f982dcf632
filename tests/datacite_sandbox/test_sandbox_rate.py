# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The rate limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from datacite_sandbox import ScriptError
from datacite_sandbox.cli import main

from .helpers import DOI, OWNER, Client, connections, metadata


@pytest.fixture()
def now(monkeypatch):
    """Return a list of one item as the clock, which a test can set."""
    time = [1000.0]
    monkeypatch.setattr("datacite_sandbox.rates._now", lambda: time[0])
    return time


def statuses(client, count):
    return [client.get("/heartbeat").status_code for _ in range(count)]


def test_a_window_slides(server, owner, now):
    server.rate(3, 30)
    assert statuses(owner, 2) == [200, 200]
    now[0] += 20
    assert statuses(owner, 3) == [200, 429, 429]
    now[0] += 9.9
    assert statuses(owner, 1) == [429]
    now[0] += 0.1
    assert statuses(owner, 3) == [200, 200, 429]
    now[0] += 20
    assert statuses(owner, 2) == [200, 429]


def test_a_refused_request(server, owner, anonymous, now):
    server.rate(1, 30)
    anonymous.get("/heartbeat")
    answer = owner.put(**metadata())
    title = (
        "Your request has been rate limited. "
        "See https://support.datacite.org/docs/rate-limit."
    )
    assert answer.status_code == 429
    assert answer.json() == {"errors": [{"status": "429", "title": title}]}
    assert "Retry-After" not in answer.headers
    assert server.sandbox.store.get(DOI) is None
    (entry,) = server.log(DOI)
    assert (entry["status"], entry["fault"]) == (429, None)
    assert entry["processed"] is False
    assert entry["body"]["data"]["attributes"]["url"] == metadata()["url"]


def test_retry_after_is_when_the_next_request_passes(server, owner, now):
    server.rate(2, 30, retry_after=True)
    owner.get("/heartbeat")
    now[0] += 12.5
    owner.get("/heartbeat")
    assert owner.get("/heartbeat").headers["Retry-After"] == "18"
    now[0] += 18
    assert owner.get("/heartbeat").status_code == 200
    assert owner.get("/heartbeat").headers["Retry-After"] == "12"


def test_a_rate_over_http(server, owner, anonymous, now):
    assert anonymous.get("/_sandbox/rate").json() is None
    script = {"requests": 2, "seconds": 30}
    answer = anonymous.request("POST", "/_sandbox/rate", json=script)
    assert answer.status_code == 201
    assert answer.json() == {**script, "retry_after": False}
    assert anonymous.get("/_sandbox/rate").json() == answer.json()
    assert statuses(owner, 3) == [200, 200, 429]
    assert anonymous.request("DELETE", "/_sandbox/rate").status_code == 204
    assert statuses(owner, 3) == [200, 200, 200]
    assert connections(owner) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([], "this must be an object, not []"),
        ({"seconds": 30}, "requests is required"),
        ({"requests": 1}, "seconds is required"),
        ({"requests": 0, "seconds": 30}, "requests must be an integer of 1 or more"),
        ({"requests": 1, "seconds": 0}, "seconds must be a number from 0.001"),
        ({"requests": 1, "seconds": 1, "retry_after": 5}, "retry_after must be true"),
        ({"requests": 1, "seconds": 1, "per": 5}, "per is unknown"),
    ],
)
def test_a_rate_that_makes_no_sense(server, anonymous, script, message):
    answer = anonymous.request("POST", "/_sandbox/rate", json=script)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert server.sandbox.rate is None


def test_a_wrong_rate_in_python(server):
    with pytest.raises(ScriptError, match="requests must be"):
        server.rate(0, 30)


def test_refused_requests_meet_no_fault(server, owner, now):
    server.rate(1, 30)
    server.fault(kind="status", status=503)
    assert statuses(owner, 3) == [503, 429, 429]
    assert server.faults()[0]["seen"] == 1


def test_exactly_so_many_pass_under_threads(server, now):
    server.rate(50, 30)

    def ask(_):
        client = Client(server.url, (OWNER.symbol, OWNER.password))
        return statuses(client, 10)

    with ThreadPoolExecutor(20) as pool:
        found = [status for part in pool.map(ask, range(20)) for status in part]
    assert (found.count(200), found.count(429)) == (50, 150)
    assert server.summary()["by_status"] == {"200": 50, "429": 150}


@pytest.mark.parametrize("rate", ["300", "x/y", "0/30", "300/0", "/", "1/nan"])
def test_a_wrong_rate_is_a_clear_message(rate):
    result = CliRunner().invoke(main, ["--port", "0", "--rate", rate])
    assert result.exit_code == 2
    assert "--rate" in result.output


def test_the_command_limits_the_rate(command):
    _, line = command("--rate", "2/600")
    assert statuses(Client(line.split()[-1]), 3) == [200, 200, 429]

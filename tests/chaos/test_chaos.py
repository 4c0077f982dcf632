# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The chaos test, small: nothing is lost and nothing leaks during failures."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from datacite_sandbox import Account, SandboxServer

from ..support.worker import wait_for
from .__main__ import keep_payloads

CHECKOUT = Path(__file__).parents[2]
SECONDS = 600
DOIS = 100
SERVICES = (
    "BROKER_URL",
    "CACHE_REDIS_URL",
    "DATACITE_SANDBOX_URL",
    "SEARCH_HOSTS",
    "SQLALCHEMY_DATABASE_URI",
)
"""Variables not passed on: the run restarts its services, so it needs its own."""


@pytest.fixture(scope="module")
def result():
    """Return the result that the run prints."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INVENIO_") and name not in SERVICES
    }
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.chaos",
            "--dois",
            str(DOIS),
            "--seed",
            "1",
        ],
        cwd=CHECKOUT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-8000:]
    return json.loads(run.stdout.splitlines()[-1])


def test_nothing_is_lost_leaked_stuck_or_sent_twice_at_once(result):
    assert (result["benchmark"], result["seed"]) == ("chaos", 1)
    for check in ("lost", "leaked", "stuck", "overlaps", "pids", "dropped"):
        assert result[check] == 0, check
    assert result["dois"] == DOIS


def test_there_was_trouble(result):
    """A run without trouble would prove nothing."""
    assert result["kills"] >= 3
    for what in ("broker", "database", "sandbox"):
        assert result[f"{what}_restarts"] == 1
    assert result["blows_right_after_a_claim"] >= 3
    assert sum(result["faults"].values()) >= 30
    assert len(result["faults"]) >= 8
    assert result["requests"] > sum(result["faults"].values())


def test_records_lived(result):
    for turn in ("edits", "restrictions", "openings", "deletions", "restores"):
        assert result[turn] >= 2, turn
    assert 2 * result["records"] + result["versions"] == DOIS


def test_what_others_send_or_was_cut_short_is_no_payload(tmp_path, monkeypatch):
    """A request from Fabrica, and a request whose worker is killed while sending."""
    file = tmp_path / "payloads.jsonl"
    monkeypatch.setenv("DOI_PAYLOADS", str(file))
    whole = {"data": {"type": "dois", "attributes": {"titles": [{"title": "Whole"}]}}}
    with SandboxServer([Account("TEST.REPO", "secret", ("10.1234",))]) as server:
        url = f"{server.url}/dois/10.1234/a"
        for agent in ("invenio-rdm-doi/1", "Mozilla/5.0"):
            requests.put(
                url,
                json=whole,
                auth=("TEST.REPO", "secret"),
                headers={"User-Agent": agent},
                timeout=10,
            )
        at = urlsplit(url)
        with socket.create_connection((at.hostname, at.port), timeout=10) as client:
            client.sendall(
                f"PUT {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\n"
                "User-Agent: invenio-rdm-doi/1\r\n"
                "Content-Type: application/vnd.api+json\r\n"
                'Content-Length: 1000\r\n\r\n{"data": {"typ'.encode()
            )
        wait_for(lambda: len(server.log()) == 3, seconds=10)
        entries = server.log()
    assert [entry["body"] for entry in entries] == [whole, whole, None]
    keep_payloads(entries)
    assert [json.loads(line) for line in file.read_text().splitlines()] == [whole]

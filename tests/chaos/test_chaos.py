# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The chaos test, small: nothing is lost and nothing leaks, whatever fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
"""The run restarts its services, so it needs some of its own."""


@pytest.fixture(scope="module")
def result():
    """What the run says at the end."""
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
    """What did not happen proves nothing."""
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

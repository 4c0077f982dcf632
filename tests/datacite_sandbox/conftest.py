# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""One sandbox for all tests, emptied before each test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from datacite_sandbox import Account, SandboxServer

from .helpers import (
    ACCOUNTS,
    INACTIVE,
    LIMITED,
    MEMBER,
    OTHER,
    OWNER,
    Client,
    environment,
    metadata,
)


@pytest.fixture(scope="session")
def shared_server() -> Iterator[SandboxServer]:
    with SandboxServer(ACCOUNTS) as running:
        yield running


@pytest.fixture()
def server(shared_server: SandboxServer) -> SandboxServer:
    shared_server.clear()
    return shared_server


def _client(server: SandboxServer, account: Account) -> Client:
    return Client(server.url, (account.symbol, account.password))


@pytest.fixture()
def owner(server: SandboxServer) -> Client:
    return _client(server, OWNER)


@pytest.fixture()
def other(server: SandboxServer) -> Client:
    return _client(server, OTHER)


@pytest.fixture()
def inactive(server: SandboxServer) -> Client:
    return _client(server, INACTIVE)


@pytest.fixture()
def limited(server: SandboxServer) -> Client:
    return _client(server, LIMITED)


@pytest.fixture()
def member(server: SandboxServer) -> Client:
    return _client(server, MEMBER)


@pytest.fixture()
def anonymous(server: SandboxServer) -> Client:
    return Client(server.url)


@pytest.fixture()
def mistyped(server: SandboxServer) -> Client:
    """Return the owner's client with a wrong password."""
    return Client(server.url, (OWNER.symbol, "wrong"))


@pytest.fixture()
def published(owner: Client) -> Client:
    """Return the owner's client, with one findable DOI."""
    owner.put(**metadata(event="publish"))
    return owner


class Clock:
    """A clock that only advances when a test calls ``tick``."""

    def __init__(self) -> None:
        self.now = 1_767_225_600  # 2026-01-01T00:00:00Z

    def __call__(self) -> int:
        return self.now

    def tick(self, seconds: int = 1) -> None:
        self.now += seconds


@pytest.fixture()
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr("datacite_sandbox.registry._now", fake)
    return fake


@pytest.fixture()
def command():
    """Return a function that starts the command; it returns process and first line."""
    processes = []

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "datacite_sandbox", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        processes.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in processes:
        process.kill()
        process.communicate()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DataCite sandbox in a process of its own, whose log survives a restart.

``datacite-sandbox`` keeps its DOIs over a restart, but not the log of requests. The
chaos test evaluates the whole log, so this module writes the log to a file.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import requests

from datacite_sandbox.accounts import Account
from datacite_sandbox.server import SandboxServer
from stack.sandbox import SANDBOX_PASSWORD, SANDBOX_PREFIX, SANDBOX_USERNAME, Sandbox

PRESS_PREFIX = "10.4321"
ACCOUNTS = (
    Account(SANDBOX_USERNAME, SANDBOX_PASSWORD, (SANDBOX_PREFIX,)),
    Account("DEMO.PRESS", "press-password", (PRESS_PREFIX,)),
)
"""The default account, and one for the records of the community "press"."""
#: Requests in progress end with the server; their log entries appear a moment later.
ENDING_SECONDS = 0.5
WRITING_SECONDS = 0.5
REQUEST_SECONDS = 60

Entry = dict[str, Any]


class ChaosSandbox(Sandbox):
    """The sandbox as a service, with faults and log over HTTP."""

    def __init__(self, directory: Path) -> None:
        """Prepare the sandbox without starting it."""
        super().__init__(directory)
        self.record = directory / "sandbox-log.jsonl"
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy is needed for this machine

    def set_faults(self, scripts: list[dict[str, Any]]) -> None:
        """Replace all active faults."""
        self._call("DELETE", "_sandbox/faults")
        if scripts:
            self._call("POST", "_sandbox/faults", json=scripts)

    def requests(self) -> list[Entry]:
        """Return all API requests so far, in the order in which they ended."""
        text = self.record.read_text() if self.record.exists() else ""
        # The last line may be incomplete.
        kept = [json.loads(line) for line in text.split("\n")[:-1]]
        # Entries of the running sandbox appear in both sources.
        known = {(entry["n"], entry["started"]) for entry in kept}
        return kept + [
            entry
            for entry in self._call("GET", "_sandbox/log")
            if (entry["n"], entry["started"]) not in known
        ]

    def read(self, doi: str) -> dict[str, Any] | None:
        """Return the attributes of a DOI as served to its owner, or None."""
        return served(
            self._session.get(
                f"{self.location}/dois/{doi}",
                params={"publisher": "true", "affiliation": "true"},
                auth=credentials(doi),
                timeout=REQUEST_SECONDS,
            )
        )

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self._session.request(
            method, f"{self.location}/{path}", timeout=REQUEST_SECONDS, **kwargs
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _command(self, port: int) -> list[str]:
        return [
            *(sys.executable, "-m", "tests.chaos.sandbox", "--port", str(port)),
            *("--data", str(self._directory / "sandbox-data")),
            *("--record", str(self.record)),
        ]


def credentials(doi: str) -> tuple[str, str]:
    """Return the name and password of a DOI's account."""
    prefix = doi.partition("/")[0]
    owner = next(account for account in ACCOUNTS if prefix in account.prefixes)
    return owner.symbol, owner.password


def served(answer: requests.Response) -> dict[str, Any] | None:
    """Return the attributes in an answer; None if there is no such DOI."""
    if answer.status_code == 404:
        return None
    answer.raise_for_status()
    attributes: dict[str, Any] = answer.json()["data"]["attributes"]
    return attributes


def main() -> None:
    """Serve until the process receives a signal, and write the log to a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.sandbox")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="keeps the DOIs")
    parser.add_argument("--record", type=Path, required=True, help="keeps the log")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with SandboxServer(ACCOUNTS, options.port, options.data) as server:
        written: set[int] = set()
        # Write all the time: a busy machine may kill the process before it has
        # finished.
        while not ended.wait(WRITING_SECONDS):
            _write(server, options.record, written)
        _write(server, options.record, written)
        server.stop()
        threading.Event().wait(ENDING_SECONDS)
        _write(server, options.record, written, everything=True)


def _write(
    server: SandboxServer, record: Path, written: set[int], everything: bool = False
) -> None:
    """Write the requests that ended since the last call, or also those in progress."""
    new = [
        entry
        for entry in server.log()
        if entry["n"] not in written and (everything or entry["ended"] is not None)
    ]
    with record.open("a") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in new)
    written.update(entry["n"] for entry in new)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Looks at the sandbox over HTTP, as DataCite's customers look at DataCite."""

from __future__ import annotations

from typing import Any

import requests

SHORT = {"doi", "event", "url"}
"""What a short form may have: hide only, or URL and state only."""

WRITES = {"method": ["POST", "PUT"], "path": "/dois"}
"""Which requests a fault is about: creations and updates of DOIs."""


class Sandbox:
    """A running sandbox, seen by the owner of the test account.

    :param received: gets the payloads of all deliveries, for a judge of their own.
    :param others: credentials of other accounts, by prefix.
    """

    def __init__(
        self,
        server,
        credentials: tuple[str, str],
        received: list,
        others: dict[str, tuple[str, str]],
    ):
        self.server = server
        self.credentials = credentials
        self.others = others
        self.received = received

    @property
    def url(self) -> str:
        return self.server.url

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()

    def clear(self) -> None:
        """Forget all DOIs and requests."""
        for what in ("dois", "log"):
            requests.delete(f"{self.url}/_sandbox/{what}").raise_for_status()

    def lose(self, doi: str) -> None:
        """DataCite loses a DOI."""
        requests.delete(f"{self.url}/_sandbox/dois/{doi}").raise_for_status()

    def doi(self, doi: str) -> dict[str, Any] | None:
        """The attributes of a DOI, or None."""
        answer = requests.get(
            f"{self.url}/dois/{doi}",
            params={"publisher": "true", "affiliation": "true"},
            auth=self.others.get(doi.partition("/")[0], self.credentials),
        )
        return answer.json()["data"]["attributes"] if answer.ok else None

    def state(self, doi: str) -> str | None:
        """DataCite's state of a DOI, or None."""
        attributes = self.doi(doi)
        return attributes and attributes["state"]

    def log(self, doi: str | None = None) -> list[dict[str, Any]]:
        """All requests that were received since :meth:`clear`."""
        return (
            requests.get(f"{self.url}/_sandbox/log").json()
            if not doi
            else [entry for entry in self.log() if entry["doi"] == doi.lower()]
        )

    def judge(self) -> None:
        """Nothing that a delivery sent may have a key that DataCite drops.

        A short form says nothing of metadata; what is complete is for the judge.
        """
        for entry in self.writes():
            if not entry["headers"]["user-agent"].startswith("invenio-rdm-doi"):
                continue  # a test wrote it, as another system
            assert entry["dropped"] == [], entry
            if set(entry["body"]["data"]["attributes"]) - SHORT:
                self.received.append(entry["body"])

    def writes(self, doi: str | None = None) -> list[dict[str, Any]]:
        """The writes among them: creations and updates."""
        return [
            entry
            for entry in self.log(doi)
            if entry["method"] in WRITES["method"] and entry["path"].startswith("/dois")
        ]

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Access to the sandbox over HTTP, as DataCite's customers have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

SHORT = {"doi", "event", "url"}
"""The attributes of a short form: ``hide`` only, or URL and state only."""

REFUSED = {"errors": [{"source": "titles", "title": "Title is <b>too</b> odd."}]}
"""An answer that refuses a record; with HTTP status 422."""

WRITES = {"method": ["POST", "PUT"], "path": "/dois"}
"""The requests that a fault affects: creations and updates of DOIs."""

OF_ANOTHER_SYSTEM: dict[str, Any] = {
    "url": "https://elsewhere.example.org/x",
    "titles": [{"title": "Another system's"}],
    "creators": [{"name": "Somebody"}],
    "publisher": {"name": "Elsewhere"},
    "publicationYear": 2020,
    "types": {"resourceTypeGeneral": "Dataset"},
    "schemaVersion": "http://datacite.org/schema/kernel-4",
}
"""Metadata registered by another system, with a URL of its own."""


def is_from_the_product(entry: Mapping[str, Any]) -> bool:
    """Return whether a request of the log comes from this package, not from a test."""
    agent: str = (entry["headers"] or {}).get("user-agent", "")
    return agent.startswith("invenio-rdm-doi")


class Sandbox:
    """A running sandbox, seen by the owner of the test account.

    :param received: a list that gets the payloads of all deliveries, for the
        independent judge.
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
        """Delete all DOIs and requests."""
        self.forget("dois")
        self.forget("log")

    def forget(self, what: str) -> None:
        """Delete all DOIs (``dois``), or all requests (``log``)."""
        requests.delete(f"{self.url}/_sandbox/{what}").raise_for_status()

    def lose(self, doi: str) -> None:
        """Let DataCite lose a DOI."""
        requests.delete(f"{self.url}/_sandbox/dois/{doi}").raise_for_status()

    def put(self, doi: str, /, **attributes: Any) -> None:
        """Create or change a DOI at DataCite itself, as a user does in Fabrica."""
        answer = requests.put(
            f"{self.url}/dois/{doi}",
            json={"data": {"type": "dois", "attributes": attributes}},
            auth=self.others.get(doi.partition("/")[0], self.credentials),
            timeout=10,
        )
        answer.raise_for_status()

    def make(self, doi: str, event: str | None = "publish", **changes: Any) -> None:
        """Create a DOI as another system does."""
        events = {"event": event} if event else {}
        self.put(doi, **OF_ANOTHER_SYSTEM | events | changes)

    def doi(self, doi: str) -> dict[str, Any] | None:
        """Return the attributes of a DOI, or None."""
        answer = requests.get(
            f"{self.url}/dois/{doi}",
            params={"publisher": "true", "affiliation": "true"},
            auth=self.others.get(doi.partition("/")[0], self.credentials),
        )
        return answer.json()["data"]["attributes"] if answer.ok else None

    def state(self, doi: str) -> str | None:
        """Return DataCite's state of a DOI, or None."""
        attributes = self.doi(doi)
        return attributes and attributes["state"]

    def log(self, doi: str | None = None) -> list[dict[str, Any]]:
        """Return all requests that were received since :meth:`clear`."""
        return (
            requests.get(f"{self.url}/_sandbox/log").json()
            if not doi
            else [entry for entry in self.log() if entry["doi"] == doi.lower()]
        )

    def judge(self) -> None:
        """Check that no delivery sent a key that DataCite drops.

        Short forms contain no metadata; complete payloads are collected for the judge.
        """
        for entry in self.writes():
            if not is_from_the_product(entry):
                continue
            assert entry["dropped"] == [], entry
            if set(entry["body"]["data"]["attributes"]) - SHORT:
                self.received.append(entry["body"])

    def writes(self, doi: str | None = None) -> list[dict[str, Any]]:
        """Return the writes in the log: creations and updates."""
        return [
            entry
            for entry in self.log(doi)
            if entry["method"] in WRITES["method"] and entry["path"].startswith("/dois")
        ]

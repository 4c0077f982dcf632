# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The sandbox in the place of DataCite: inspection, faults, stop and start."""

from __future__ import annotations

from typing import Any, Protocol

import requests

from demo.story import DataCite, Json
from stack.processes import wait_until
from stack.sandbox import SANDBOX_PASSWORD, SANDBOX_USERNAME

SECONDS = 60.0

COMPLAINT = "Rights are <b>too</b> long"
"""The sandbox's message about metadata that it refuses."""


class Startable(Protocol):
    """A service that can be stopped and started at the same address."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Sandbox:
    """The running sandbox.

    :param service: its process.
    """

    def __init__(self, url: str, service: Startable) -> None:
        self.url = url
        self._service = service
        self._datacite = DataCite(url)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy is needed for this machine

    def start(self) -> None:
        """Start again, with all DOIs; do nothing if it is running."""
        if not self._service.running:
            self._service.start()

    def stop(self) -> None:
        """Stop, as if DataCite were down."""
        self._service.stop()

    def doi(self, doi: str) -> Json | None:
        """Return the attributes of a DOI, or None."""
        return self._datacite.read(doi)

    def wait_findable(self, doi: str) -> Json:
        """Wait until the DOI is findable."""
        assert wait_until(
            lambda: (self.doi(doi) or {}).get("state") == "findable", SECONDS, 0.2
        ), f"{doi} is {self.doi(doi)}"
        found = self.doi(doi)
        assert found
        return found

    def requests(self, doi: str) -> list[Json]:
        """Return all requests about a DOI."""
        answer = self._session.get(f"{self.url}/_sandbox/log", params={"doi": doi})
        answer.raise_for_status()
        log: list[Json] = answer.json()
        return log

    def refuse(self, doi: str, title: str, source: str = "rights_list") -> None:
        """Answer 422 to all writes of a DOI from now on.

        :param title: DataCite's description of the error.
        :param source: the part of the metadata with the error.
        """
        self._fault(
            kind="status",
            status=422,
            match={"doi": doi, "method": ["PUT", "POST", "PATCH"]},
            body={"errors": [{"source": source, "title": title}]},
        )

    def put(self, doi: str, **attributes: Any) -> None:
        """Change a DOI, as another program would."""
        answer = self._session.put(
            f"{self.url}/dois/{doi}",
            json={"data": {"type": "dois", "attributes": attributes}},
            auth=(SANDBOX_USERNAME, SANDBOX_PASSWORD),
        )
        answer.raise_for_status()

    def behave(self) -> None:
        """Answer like DataCite from now on."""
        self._session.delete(f"{self.url}/_sandbox/faults").raise_for_status()

    def _fault(self, **script: Any) -> None:
        answer = self._session.post(f"{self.url}/_sandbox/faults", json=script)
        answer.raise_for_status()

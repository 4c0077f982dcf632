# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The repository's REST API, which creates test data and reads saved data."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import uuid4

import requests

from demo.story import METADATA, REQUEST_SECONDS, Json
from stack.processes import wait_until

STATUS_SECONDS = 60.0


def unique_title(words: str) -> str:
    """Return a title that no other test has."""
    return f"{words} {uuid4().hex[:6]}"


class Repository:
    """The REST API, with a token or for an anonymous user."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._api = f"{url}/api"
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy is needed for this machine
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def draft(
        self,
        title: str,
        *,
        doi: Json | None = None,
        access: Json | None = None,
        **metadata: Any,
    ) -> Json:
        """Save a new draft that can be published.

        :param doi: ``pids.doi``; without it, the draft has no DOI entry.
        :param metadata: values that replace the default ones; None removes a field.
        """
        described = {**deepcopy(METADATA), "title": title, **metadata}
        data = {
            "access": {"record": "public", "files": "public", **(access or {})},
            "files": {"enabled": False},
            "metadata": {k: v for k, v in described.items() if v is not None},
        }
        if doi is not None:
            data["pids"] = {"doi": doi}
        return self._send("POST", "/records", data)

    def reserve(self, draft: Json) -> str:
        """Reserve a DOI for a draft."""
        answer = self._send("POST", f"/records/{draft['id']}/draft/pids/doi")
        return str(answer["pids"]["doi"]["identifier"])

    def publish(self, draft: Json) -> Json:
        """Publish a draft."""
        return self._send("POST", f"/records/{draft['id']}/draft/actions/publish")

    def published(self, title: str, **more: Any) -> Json:
        """Publish a new record; see :meth:`draft`."""
        return self.publish(self.draft(title, **more))

    def edit(self, record: Json) -> Json:
        """Open a published record for editing, without changes."""
        return self._send("POST", f"/records/{record['id']}/draft")

    def new_version(self, record: Json) -> Json:
        """Create the next version of a record, with a title and a date of its own."""
        draft = self._send("POST", f"/records/{record['id']}/versions")
        title = f"{record['metadata']['title']}, again"
        metadata = {**METADATA, "title": title, "publication_date": "2026-11-20"}
        changed = {**draft, "metadata": metadata}
        return self._send("PUT", f"/records/{draft['id']}/draft", changed)

    def saved(self, id_: str) -> Json:
        """Return a saved draft."""
        return self._send("GET", f"/records/{id_}/draft")

    def saved_doi(self, id_: str) -> Json | None:
        """Return the DOI entry of a saved draft."""
        found: Json | None = self.saved(id_)["pids"].get("doi")
        return found

    def record(self, id_: str) -> Json:
        """Return a published record."""
        return self._send("GET", f"/records/{id_}")

    def status(self, id_: str) -> Json:
        """Return the registration status of a published record's DOI."""
        return self._send("GET", f"/records/{id_}/doi")

    def wait_status(self, id_: str, status: str) -> None:
        """Wait until the DOI of a record has this status."""
        assert wait_until(
            lambda: self.status(id_)["status"] == status, STATUS_SECONDS, 0.2
        ), self.status(id_)

    def wait_delayed(self, id_: str) -> None:
        """Wait until the draft's DOI is delayed, because DataCite is unreachable."""
        assert wait_until(
            lambda: self._send("GET", f"/records/{id_}/draft/doi")["delayed"],
            STATUS_SECONDS,
            0.2,
        )

    def uploads(self, title: str) -> list[Json]:
        """Return the account's own drafts and records with this title."""
        found = self._send(
            "GET", "/user/records", params={"q": f'metadata.title:"{title}"'}
        )
        hits: list[Json] = found["hits"]["hits"]
        return hits

    def _send(
        self, method: str, path: str, json: Json | None = None, **options: Any
    ) -> Json:
        answer = self._session.request(
            method, self._api + path, json=json, timeout=REQUEST_SECONDS, **options
        )
        assert answer.ok, (
            f"{method} {answer.url} was answered {answer.status_code}: "
            f"{answer.text[:2000]}"
        )
        result: Json = answer.json()
        return result

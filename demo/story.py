# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a depositor does over the REST API, and what DataCite then serves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests

from stack.processes import Report, wait_until
from stack.sandbox import SANDBOX_PASSWORD, SANDBOX_USERNAME

REQUEST_SECONDS = 60.0
#: The worker's beat looks for what is due once a minute; two of those and a bit.
DATACITE_SECONDS = 150.0

Json = dict[str, Any]

METADATA: Json = {
    "title": "Tide gauge readings of a small harbour",
    "publication_date": "2026-11-01",
    "publisher": "Demo University",
    "resource_type": {"id": "dataset"},
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "given_name": "Josiah",
                "family_name": "Carberry",
                "identifiers": [
                    {"scheme": "orcid", "identifier": "0000-0002-1825-0097"}
                ],
            },
            "affiliations": [{"name": "Brown University"}],
        }
    ],
    "description": "Readings every ten minutes, invented for a demonstration.",
    "rights": [{"id": "cc-by-4.0"}],
    "languages": [{"id": "eng"}],
}
CORRECTED_TITLE = "Tide gauge readings of a small harbour, corrected"
SECOND_TITLE = "Tide gauge readings of a small harbour, second year"


class StoryError(RuntimeError):
    """Something did not happen as it should; says what and what was seen instead."""


class Depositor:
    """A user of the repository, with a token for its REST API."""

    def __init__(self, url: str, token: str) -> None:
        self._api = f"{url}/api/records"
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy lies between us and this machine
        self._session.headers["Authorization"] = f"Bearer {token}"

    def create(self, metadata: Json) -> Json:
        """Save a new draft without files."""
        return self._send(
            "POST",
            "",
            json={
                "access": {"record": "public", "files": "public"},
                "files": {"enabled": False},
                "metadata": metadata,
            },
        )

    def edit(self, record: Json, metadata: Json) -> Json:
        """Open a published record and save other metadata."""
        draft = self._send("POST", f"/{record['id']}/draft")
        return self._save(draft, metadata)

    def new_version(self, record: Json, metadata: Json) -> Json:
        """Begin a new version of a published record and save its metadata."""
        draft = self._send("POST", f"/{record['id']}/versions")
        return self._save(draft, metadata)

    def publish(self, draft: Json) -> Json:
        """Publish a draft."""
        return self._send("POST", f"/{draft['id']}/draft/actions/publish")

    def _save(self, draft: Json, metadata: Json) -> Json:
        # What the API returns as metadata it does not take back: it is enriched.
        changed = {**draft, "metadata": metadata}
        return self._send("PUT", f"/{draft['id']}/draft", json=changed)

    def _send(self, method: str, path: str, json: Json | None = None) -> Json:
        answer = self._session.request(
            method, self._api + path, json=json, timeout=REQUEST_SECONDS
        )
        if not answer.ok:
            raise StoryError(
                f"{method} {answer.url} was answered {answer.status_code}: "
                f"{answer.text[:2000]}"
            )
        result: Json = answer.json()
        if result.get("errors"):
            raise StoryError(f"{method} {answer.url}: {result['errors']}")
        return result


class DataCite:
    """The DataCite account of the repository, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (SANDBOX_USERNAME, SANDBOX_PASSWORD)

    def read(self, doi: str) -> Json | None:
        """What DataCite holds for the DOI, None if it does not know it."""
        answer = self._session.get(
            f"{self._url}/dois/{quote(doi, safe='/')}", timeout=REQUEST_SECONDS
        )
        if answer.status_code == 404:
            return None
        if not answer.ok:
            raise StoryError(
                f"GET {answer.url} was answered {answer.status_code}: "
                f"{answer.text[:2000]}"
            )
        attributes: Json = answer.json()["data"]["attributes"]
        return attributes

    def wait_findable(self, doi: str, title: str) -> Json:
        """Wait until the DOI is findable under this title."""
        seen: Json | None = None

        def findable() -> bool:
            nonlocal seen
            seen = self.read(doi)
            return (
                seen is not None
                and seen["state"] == "findable"
                and title_of(seen) == title
            )

        if not wait_until(findable, DATACITE_SECONDS, pause=0.05):
            state = (
                "it does not know it"
                if seen is None
                else f"it is {seen['state']} with the title {title_of(seen)!r}"
            )
            raise StoryError(
                f"DataCite was to serve {doi} as findable with the title {title!r} "
                f"within {DATACITE_SECONDS:.0f} s, but {state}."
            )
        assert seen is not None
        return seen


def title_of(attributes: Json) -> str | None:
    """The first title that DataCite holds."""
    return next((title["title"] for title in attributes["titles"] or []), None)


def run_story(depositor: Depositor, datacite: DataCite, report: Report) -> Json:
    """Publish, edit and publish, make a new version; the facts of it."""
    title = METADATA["title"]
    report("A depositor publishes a record")
    draft = depositor.create(METADATA)
    record, publish_ms = _timed(lambda: depositor.publish(draft))
    doi = doi_of(record)
    report(f"  published in {publish_ms} ms; the DOI is {doi}")
    held, findable_after_ms = _timed(lambda: datacite.wait_findable(doi, title))
    report(f"  DataCite serves it {findable_after_ms} ms after that:")
    _describe(held, report)

    corrected = {**METADATA, "title": CORRECTED_TITLE}
    report("The depositor changes the title and publishes again")
    record = depositor.publish(depositor.edit(record, corrected))
    held, updated_after_ms = _timed(
        lambda: datacite.wait_findable(doi, CORRECTED_TITLE)
    )
    report(f"  DataCite serves the change {updated_after_ms} ms after that:")
    _describe(held, report)
    updated_title = title_of(held)

    report("The depositor publishes a new version")
    extended = {**METADATA, "title": SECOND_TITLE, "publication_date": "2026-11-20"}
    second = depositor.publish(depositor.new_version(record, extended))
    second_doi = doi_of(second)
    if second_doi == doi:
        raise StoryError(f"The new version has the first one's DOI, {doi}.")
    _describe(datacite.wait_findable(second_doi, SECOND_TITLE), report)

    concept_doi = concept_doi_of(second)
    report("The DOI of all versions together")
    _describe(datacite.wait_findable(concept_doi, SECOND_TITLE), report)
    return {
        "doi": doi,
        "state": held["state"],
        "url": held["url"],
        "publish_ms": publish_ms,
        "findable_after_ms": findable_after_ms,
        "updated_after_ms": updated_after_ms,
        "second_doi": second_doi,
        "concept_doi": concept_doi,
        "updated_title": updated_title,
    }


def doi_of(record: Json) -> str:
    """The DOI of a published record."""
    return _doi(record["pids"], "The record")


def concept_doi_of(record: Json) -> str:
    """The DOI for all versions of a record."""
    return _doi(record["parent"].get("pids", {}), "The record's parent")


def _doi(pids: Json, whose: str) -> str:
    if "doi" not in pids:
        raise StoryError(f"{whose} has no DOI; its identifiers are {pids}.")
    return str(pids["doi"]["identifier"])


def _timed(action: Callable[[], Json]) -> tuple[Json, int]:
    start = time.monotonic()
    result = action()
    return result, round((time.monotonic() - start) * 1000)


def _describe(attributes: Json, report: Report) -> None:
    report(f"    DOI    {attributes['doi']}")
    report(f"    state  {attributes['state']}")
    report(f"    title  {title_of(attributes)}")
    report(f"    URL    {attributes['url']}")

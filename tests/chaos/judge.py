# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Comparison of the expected end of the chaos test with the tables and the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from datacite_sandbox.app import create_app
from invenio_rdm_doi.metadata.attributes import LISTS, VALUES
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.source import Reader
from invenio_rdm_doi.registration.delivery import policy_of
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.registration.queue import Claim
from invenio_rdm_doi.registration.subject import load
from invenio_rdm_doi.registration.target import (
    DRAFT,
    FINDABLE,
    REGISTERED,
    Target,
    target,
)

from .sandbox import ACCOUNTS, ChaosSandbox, Entry, credentials
from .story import Version

AT_REST = (Status.FINDABLE, Status.WITHHELD, Status.HIDDEN)
UNTRUE_ANSWERS = ("no_answer", "html", "garbage", "status")
"""Faults that conceal that the request was processed."""

STATES = {"publish": FINDABLE, "register": REGISTERED, "hide": REGISTERED, None: DRAFT}
"""The state that a payload requests, by its event."""

Findings = dict[str, list[str]]
Attributes = dict[str, Any]


def unsettled() -> list[str]:
    """Return the registrations that are not at rest, each with the reason."""
    db.session.rollback()
    return [
        f"{row.doi}: {row.status.value}, revision {row.confirmed_revision} of "
        f"{row.revision}, due {row.due_at}, leased until {row.lease_until}, "
        f"in doubt: {row.in_doubt}, error {row.error}"
        for row in Registration.query.order_by(Registration.doi)
        if row.status not in AT_REST
        or row.revision != row.confirmed_revision
        or row.due_at is not None
        or row.lease_token is not None
        or row.in_doubt
    ]


class Judge:
    """Comparison of the expected with the actual data, without changes to either.

    :param entries: all requests that the sandbox received, in the order of their ends.
    """

    def __init__(
        self, families: list[list[Version]], sandbox: ChaosSandbox, entries: list[Entry]
    ) -> None:
        """Read everything that the sandbox serves."""
        self.families = families
        self.lost: list[str] = []
        self.leaked: list[str] = []
        dois = {family[0].concept for family in families}
        dois |= {version.doi for family in families for version in family}
        self.served = {doi: sandbox.read(doi) for doi in sorted(dois)}
        self.rows = {row.doi: row for row in Registration.query}
        self.last_writes: dict[str, Entry] = {
            entry["doi"]: entry for entry in entries if _was_carried_out(entry)
        }

    def judge(self) -> Findings:
        """Return the differences, by kind, as text."""
        for doi in self.served.keys() ^ self.rows.keys():
            self.lost.append(f"{doi}: not both published and in the tables")
        for family in self.families:
            for version in family:
                self._judge_version(version)
            self._judge_concept(family)
        for row in self.rows.values():
            self._judge_registration(row)
        self._judge_whether_complete()
        return {
            "lost": self.lost,
            "leaked": self.leaked,
            "stuck": unsettled(),
            "pids": self._wrong_pids(),
        }

    def _judge_version(self, version: Version) -> None:
        speaks = version.is_public and not version.is_deleted
        self._judge_public(version.doi, version.title if speaks else None)
        if not version.is_public:
            for doi in (version.doi, version.concept):
                at_rest = json.dumps(self.served[doi])
                if any(marker in at_rest for marker in version.markers):
                    self.leaked.append(f"{doi}: the sandbox still has it")

    def _judge_concept(self, family: list[Version]) -> None:
        standing = [one for one in family if one.is_public and not one.is_deleted]
        self._judge_public(family[0].concept, standing[-1].title if standing else None)

    def _judge_public(self, doi: str, title: str | None) -> None:
        """Check against the story's book: only public records are findable."""
        there = self.served[doi]
        if title is None:
            if there is not None and there["state"] != REGISTERED:
                self.lost.append(f"{doi}: {there['state']}, and it is not public")
        elif there is None or there["state"] != FINDABLE:
            state = there["state"] if there else "absent"
            self.lost.append(f"{doi}: {state}, and it is public")
        elif there["titles"] != [{"title": title}]:
            self.lost.append(f"{doi}: {there['titles']} and not {title!r}")

    def _judge_registration(self, row: Registration) -> None:
        """Check against the package's own target and the last request."""
        there, last = self.served.get(row.doi), self.last_writes.get(row.doi.lower())
        wanted = _target_of(row)
        if wanted.state is None:
            if there is not None or row.confirmed_digest is not None:
                self.lost.append(f"{row.doi}: there, and nothing was wanted")
            return
        if row.confirmed_digest != wanted.digest:
            self.lost.append(f"{row.doi}: something else was confirmed than is wanted")
        if there is None or last is None:
            self.lost.append(f"{row.doi}: {wanted.state} is wanted, nothing is there")
            return
        for name, value in (("state", wanted.state), ("url", wanted.attributes["url"])):
            if there[name] != value:
                self.lost.append(f"{row.doi}: {name} {there[name]}, not {value}")
        if _sent(last).digest != wanted.digest:
            self.lost.append(f"{row.doi}: the last request was not what is wanted")

    def _judge_whether_complete(self) -> None:
        """Check that the last request alone gives the same result in an empty sandbox.

        Then nothing from earlier requests remains, and nothing is made up.
        """
        client = create_app(ACCOUNTS).test_client()
        everything = {"publisher": "true", "affiliation": "true"}
        for doi, there in self.served.items():
            last = self.last_writes.get(doi.lower())
            if there is None or last is None:
                continue
            answer = client.put(
                f"/dois/{doi}",
                json=last["body"],
                auth=credentials(doi),
                query_string=everything,
            )
            alone = answer.json.get("data", {}).get("attributes", {})
            for name in (*LISTS, *VALUES, "url", "schemaVersion"):
                if alone.get(name) != there.get(name):
                    self.lost.append(
                        f"{doi}: {name} is {there.get(name)!r}; the last request asks "
                        f"for {alone.get(name)!r}"
                    )

    def _wrong_pids(self) -> list[str]:
        """Return the DOIs that are not REGISTERED in PIDStore exactly if confirmed."""
        statuses = dict(
            db.session.query(
                PersistentIdentifier.pid_value, PersistentIdentifier.status
            ).filter(PersistentIdentifier.pid_type == "doi")
        )
        wrong = []
        for doi, row in self.rows.items():
            is_confirmed = row.confirmed_state in (FINDABLE, REGISTERED)
            status = statuses.get(doi)
            if (status == PIDStatus.REGISTERED) != is_confirmed:
                wrong.append(f"{doi}: {row.confirmed_state}, PIDStore says {status}")
        return wrong


def dropped(entries: Iterable[Entry]) -> list[str]:
    """Return the payload keys that DataCite would drop."""
    return [
        f"{entry['doi']}: {entry['dropped']}" for entry in entries if entry["dropped"]
    ]


def _target_of(row: Registration) -> Target:
    claim = Claim(
        id=row.id,
        token=row.id,
        doi=row.doi,
        kind=row.kind,
        owner_id=row.owner_id,
        revision=row.revision,
        failures=row.failures,
        confirmed_state=row.confirmed_state,
        confirmed_digest=row.confirmed_digest,
        in_doubt=row.in_doubt,
        created=row.created,
    )
    reader = Reader.create(current_doi.metadata_settings)
    policy = policy_of(current_doi.settings, current_doi.account_of(row.doi))
    return target(load(claim, reader), policy)


def _was_carried_out(entry: Entry) -> bool:
    is_write = entry["method"] in ("POST", "PUT") and entry["processed"]
    hidden = entry["fault"] in UNTRUE_ANSWERS
    return is_write and (entry["status"] in (200, 201) or hidden)


def _sent(entry: Entry) -> Target:
    attributes = dict(entry["body"]["data"]["attributes"])
    attributes.pop("doi")
    return Target(STATES[attributes.pop("event", None)], attributes)

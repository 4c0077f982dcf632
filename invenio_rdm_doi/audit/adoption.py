# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Takes over DOIs that were here before: what DataCite holds decides about each.

Nothing is sent and nothing becomes due: each registration gets its verdict, and what
differs is *pending* until somebody has it sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..datacite.errors import NotOurs, OtherSystem, Trouble
from ..datacite.held import version_of
from ..datacite.listing import Entry, Page
from ..metadata.attributes import Attributes
from ..registration.models import Priority, Status
from ..registration.outcomes import rule_for
from ..registration.selection import request_again
from ..registration.settling import STATUS
from ..settings.model import Account
from . import findings
from . import here as here_
from .findings import Found
from .here import Here
from .judge import Wanted, adopted
from .mending import Adoption, adopt
from .models import Job, Problem
from .walk import REGISTRATION, Walk

FOUND = (
    Problem.EXPOSED,
    Problem.MISSING,
    Problem.NOT_OURS,
    Problem.DIFFERS,
    Problem.UNREADABLE,
)
"""What an adoption finds."""

Decision = tuple[list[Found], Adoption]
"""What was found, and what is written."""

SIZE = 500
"""Registrations that become due in one transaction."""


class Adopter(Walk):
    """Decides about what this account has not confirmed here, or was not sent yet."""

    job = Job.ADOPT
    is_complete = True

    def listed(self, page: Page, entries: dict[str, Entry]) -> list[Found]:
        """Decide about what is in a page."""
        known = here_.read(entries)
        undecided = [
            (here, entries[key].state)
            for key, here in known.items()
            if self._is_undecided(here)
        ]

        def decide(here: Here, wanted: Wanted) -> Decision:
            entry = entries[here.row.doi_key]
            client = entry.client or self.account.symbol.lower()
            return self._decided(here, client, entry.state, entry.attributes, wanted)

        found: list[Found] = []
        verdicts = []
        same = []
        for here, decision in self.judge(undecided, decide):
            if isinstance(decision, Found):
                found.append(decision)
                continue
            problems, verdict = decision
            found += problems
            verdicts.append(verdict)
            if not problems:
                same.append(here.row.doi_key)
        adopt(verdicts)
        self.saw(entries, same)
        return found

    def rest(self) -> Any:
        """What has no confirmation of this account, or was not sent yet."""
        row = REGISTRATION.c
        return sa.and_(
            row.due_at.is_(None),
            sa.or_(
                row.confirmed_account.is_distinct_from(self.account.id),
                row.status == Status.PENDING.value,
            ),
        )

    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """Decide about what DataCite did not list: it is asked about each."""
        known = here_.of_rows(rows)
        db.session.rollback()
        found: list[Found] = []
        for here in known.values():
            if self._is_undecided(here):
                found += self._alone(here)
        return found

    def done(self) -> None:
        """What was not found again is gone."""
        findings.forget(self.run, FOUND)

    def _alone(self, here: Here) -> list[Found]:
        def absent(here: Here, wanted: Wanted) -> tuple[bool, Adoption]:
            # On purpose not at DataCite: true only if DataCite says so, too.
            kept = wanted.target.state is None and here.row.confirmed_state is None
            return kept, self._verdict(here, wanted, None, None, None, same=kept)

        ((_here, decision),) = self.judge([(here, None)], absent)
        if isinstance(decision, Found):
            return [decision]
        kept, verdict = decision
        # Also of a restricted one: a list may leave it out, and it would stay findable.
        held = self.look(here.row.doi)
        if held is None:
            adopt([verdict])
            db.session.commit()
            return [] if kept else [Found(here.row.doi, Problem.MISSING)]

        def decide(here: Here, wanted: Wanted) -> Decision:
            return self._decided(here, held.client, held.state, held.attributes, wanted)

        ((_here, found),) = self.judge([(here, held.state)], decide)
        if isinstance(found, Found):
            return [found]
        problems, verdict = found
        adopt([verdict])
        db.session.commit()
        return problems

    def _decided(
        self,
        here: Here,
        client: str,
        state: str,
        attributes: Attributes,
        wanted: Wanted,
    ) -> Decision:
        problems = adopted(here, client, state, attributes, wanted, self.account)
        for problem in problems:
            if problem.problem is Problem.NOT_OURS:
                error = _refusal(here.row.doi, problem, client, self.account)
                return problems, Adoption(
                    here.row, None, None, None, None, None, Status.FAILED, error
                )
        url = attributes.get("url")
        return problems, self._verdict(
            here,
            wanted,
            state,
            url if isinstance(url, str) else None,
            version_of(attributes),
            same=not problems,
        )

    def _verdict(
        self,
        here: Here,
        wanted: Wanted,
        state: str | None,
        url: str | None,
        version: int | None,
        *,
        same: bool,
    ) -> Adoption:
        status = STATUS[wanted.subject.visibility] if same else Status.PENDING
        digest = wanted.target.digest if same else None
        account = self.account.id
        return Adoption(here.row, account, state, url, version, digest, status)

    def _is_undecided(self, here: Here) -> bool:
        row = here.row
        if row is None or here.is_pending or row.status is Status.RESERVED:
            return False
        # What was found to differ, and was not sent, may be the same by now.
        is_unsent = row.status is Status.PENDING
        return is_unsent or row.confirmed_account != self.account.id


def send(account: Account) -> int:
    """Have everything delivered that an adoption found to differ.

    What must not be shown goes before everything else; the others go behind it.

    :returns: how many became due.
    """
    count = 0
    pending = (
        REGISTRATION.c.status == Status.PENDING.value,
        REGISTRATION.c.due_at.is_(None),
        REGISTRATION.c.prefix.in_(account.prefixes),
    )
    exposed = [
        row.doi_key for row in findings.of(account.id) if row.problem is Problem.EXPOSED
    ]
    for start in range(0, len(exposed), SIZE):
        keys = exposed[start : start + SIZE]
        ids = db.session.scalars(
            sa.select(REGISTRATION.c.id).where(
                REGISTRATION.c.doi_key.in_(keys), *pending
            )
        ).all()
        count += request_again(ids, Priority.HIDE)
    after = None
    while True:
        page = sa.select(REGISTRATION.c.id).where(*pending)
        if after is not None:
            page = page.where(REGISTRATION.c.id > after)
        ids = db.session.scalars(page.order_by(REGISTRATION.c.id).limit(SIZE)).all()
        db.session.rollback()
        if ids:
            count += request_again(ids, Priority.BULK)
        if len(ids) < SIZE:
            return count
        after = ids[-1]


def _refusal(doi: str, problem: Found, client: str, account: Account) -> dict[str, Any]:
    """Why a DOI is not taken over, as a delivery would say it."""
    trouble: Trouble
    if client != account.symbol.lower():
        trouble = NotOurs(
            f"DataCite says that {doi} belongs to {client.upper()}, not to "
            f"{account.symbol}.",
            http_status=200,
        )
    else:
        there = problem.details.get("datacite") or "nothing"
        trouble = OtherSystem(
            f"{doi} exists already in the account, and leads to {there}.",
            http_status=200,
        )
    return trouble.to_dict() | {"advice": rule_for(trouble).advice}

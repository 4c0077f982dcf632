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
from ..metadata.describe import DumperError
from ..registration.models import Priority, Status
from ..registration.outcomes import rule_for
from ..registration.selection import request_again
from ..registration.settling import STATUS
from ..registration.subject import load_all
from ..settings.model import Account
from . import findings
from . import here as here_
from .findings import Found
from .here import Here, claim_of
from .judge import Wanted, adopted, wanted_of
from .mending import Adoption, adopt
from .models import Job, Problem
from .walk import REGISTRATION, Walk

FOUND = (Problem.EXPOSED, Problem.MISSING, Problem.NOT_OURS, Problem.DIFFERS)
"""What an adoption finds."""

SIZE = 500
"""Registrations that become due in one transaction."""


class Adopter(Walk):
    """Decides about what this account has not confirmed here, or was not sent yet."""

    job = Job.ADOPT
    is_complete = True

    def listed(self, page: Page, entries: dict[str, Entry]) -> list[Found]:
        """Decide about what is in a page."""
        known = here_.read(entries)
        undecided = [key for key, here in known.items() if self._is_undecided(here)]
        reader = self.reader()
        load_all([claim_of(known[key].row) for key in undecided], reader)
        found: list[Found] = []
        verdicts = []
        same = []
        for key in undecided:
            here, entry = known[key], entries[key]
            try:
                wanted = wanted_of(here.row, entry.state, reader, self.policy)
            except DumperError as error:
                what = {"error": str(error)}
                found.append(Found(here.row.doi, Problem.DIFFERS, what))
                continue
            client = entry.client or self.account.symbol.lower()
            problems, verdict = self._decided(
                here, client, entry.state, entry.attributes, wanted
            )
            found += problems
            verdicts.append(verdict)
            if not problems:
                same.append(key)
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
        row = here.row
        try:
            wanted = wanted_of(row, None, self.reader(), self.policy)
            if wanted.target.state is None and row.confirmed_state is None:
                # On purpose not at DataCite; if it is, the list says so.
                adopt([self._verdict(here, wanted, None, None, None, same=True)])
                db.session.commit()
                return []
            db.session.rollback()
            held = self.look(row.doi)
            if held is None:
                adopt([self._verdict(here, wanted, None, None, None, same=False)])
                db.session.commit()
                return [Found(row.doi, Problem.MISSING)]
            wanted = wanted_of(row, held.state, self.reader(), self.policy)
        except DumperError as error:
            db.session.rollback()
            return [Found(row.doi, Problem.DIFFERS, {"error": str(error)})]
        problems, verdict = self._decided(
            here, held.client, held.state, held.attributes, wanted
        )
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
    ) -> tuple[list[Found], Adoption]:
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

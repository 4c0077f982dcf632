# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Adoption of DOIs that existed before this package, based on DataCite's data.

Nothing is sent and nothing becomes due: each registration gets its verdict, and a DOI
that differs is *pending* until an operator requests its delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..datacite.errors import NotOurs, OtherSystem, Trouble
from ..datacite.held import Held, version_of
from ..datacite.listing import Entry
from ..registration.models import Priority, Status
from ..registration.ours import require_ours
from ..registration.outcomes import rule_for
from ..registration.selection import request_again
from ..registration.settling import STATUS
from ..settings.model import Account
from . import findings
from . import here as here_
from . import seen
from .asker import Odd
from .findings import Found
from .fixes import Adoption, adopt
from .here import REGISTRATION, Here
from .judge import Wanted, adopted, confirmation
from .models import Job, Problem
from .walk import Walk

FOUND = (
    Problem.EXPOSED,
    Problem.MISSING,
    Problem.NOT_OURS,
    Problem.DIFFERS,
    Problem.UNREADABLE,
)
"""The problems that an adoption finds."""

Decision = tuple[list[Found], Adoption | None]
"""The findings, and the adoption to write."""

SIZE = 500
"""Registrations that become due in one transaction."""


class Adopter(Walk):
    """Decides about DOIs that this account has not confirmed or that were not sent."""

    job = Job.ADOPT
    is_complete = True

    def listed(self, entries: dict[str, Entry]) -> list[Found]:
        """Decide about the DOIs of a page."""
        known = here_.read(entries)
        undecided = [
            (here, entries[key].state)
            for key, here in known.items()
            if self._is_undecided(here)
        ]
        symbol = self.account.symbol.lower()

        def decide(here: Here, wanted: Wanted) -> Decision:
            entry = entries[here.row.doi_key]
            held = Held(entry.state, entry.url, symbol, entry.attributes)
            return self._decided(here, held, wanted)

        found: list[Found] = []
        verdicts = []
        for _here, decision in self.judge(undecided, decide):
            problems, verdict = _parts(decision)
            found += problems
            verdicts += [verdict] if verdict is not None else []
        adopt(verdicts)
        seen.note(self.run, entries)
        return found

    def rest(self) -> Any:
        """Return the SQL condition: not confirmed by this account, or not sent yet."""
        row = REGISTRATION.c
        return sa.and_(
            row.due_at.is_(None),
            sa.or_(
                row.confirmed_account.is_distinct_from(self.account.id),
                row.status == Status.PENDING.value,
            ),
        )

    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """Decide about DOIs that DataCite did not list, with one query for each."""
        known = here_.of_rows(rows)
        db.session.rollback()
        found: list[Found] = []
        for here in known.values():
            if self._is_undecided(here):
                found += self._alone(here)
        return found

    def done(self) -> None:
        """Delete findings of earlier adoptions that this one did not find again."""
        findings.forget(self.run, FOUND, by=Job.ADOPT)
        seen.forget(self.run)

    def _alone(self, here: Here) -> list[Found]:
        # Restricted records too: if the list omits one, its DOI would stay findable.
        doi = here.row.doi
        try:
            held = self.asker.look(doi)
        except Odd as odd:
            adopt([_refused(here, odd.trouble)])
            db.session.commit()
            return [Found(doi, Problem.UNREADABLE, {"error": str(odd)})]

        def decide(here: Here, wanted: Wanted) -> Decision:
            return self._decided(here, held, wanted)

        state = held.state if held else None
        ((_here, decision),) = self.judge([(here, state)], decide)
        problems, verdict = _parts(decision)
        adopt([verdict] if verdict is not None else [])
        db.session.commit()
        return problems

    def _decided(self, here: Here, held: Held | None, wanted: Wanted) -> Decision:
        """Return the findings for a DOI, and the adoption to write.

        :param held: DataCite's data; None: DataCite does not have the DOI.
        """
        if wanted.target is None and held is None:
            what = {"error": wanted.error}
            return [Found(here.row.doi, Problem.UNREADABLE, what)], None
        if held is None:
            assert wanted.target is not None
            # It is not at DataCite on purpose, or it never arrived there.
            kept = wanted.target.state is None and here.row.confirmed_state is None
            problems = [] if kept else [Found(here.row.doi, Problem.MISSING)]
            return problems, self._verdict(here, None, wanted, same=kept)
        try:
            require_ours(held, wanted.subject, self.account, here.row.taken_over)
        except (NotOurs, OtherSystem) as trouble:
            there = {"datacite": held.client.upper(), "url": held.url}
            found = Found(here.row.doi, Problem.NOT_OURS, there)
            return [found], _refused(here, trouble)
        problems = adopted(here, held, wanted)
        if any(item.problem is Problem.UNREADABLE for item in problems):
            return problems, None
        return problems, self._verdict(here, held, wanted, same=not problems)

    def _verdict(
        self, here: Here, held: Held | None, wanted: Wanted, *, same: bool
    ) -> Adoption:
        account = self.account.id
        if held is None:
            there: tuple[str | None, str | None, int | None] = (None, None, None)
        else:
            there = (held.state, held.url, version_of(held.attributes))
        if not same or wanted.target is None:
            return Adoption(here.row, account, *there, None, Status.PENDING)
        status = STATUS[wanted.subject.visibility]
        digest, mapping = wanted.target.digest, None
        if held is not None:
            digest, mapping = confirmation(held, wanted.target)
        return Adoption(here.row, account, *there, digest, status, mapping=mapping)

    def _is_undecided(self, here: Here) -> bool:
        row = here.row
        if row is None or here.is_pending:
            return False
        if row.status is Status.RESERVED and row.confirmed_state is None:
            # Reserved for a draft: DataCite does not have it.
            return False
        # A DOI that was found to differ and was not sent may be equal by now.
        is_unsent = row.status is Status.PENDING
        return is_unsent or row.confirmed_account != self.account.id


def _parts(decision: Decision | Found) -> Decision:
    return ([decision], None) if isinstance(decision, Found) else decision


def _refused(here: Here, trouble: Trouble) -> Adoption:
    error = trouble.to_dict() | {"advice": rule_for(trouble).advice}
    return Adoption(here.row, None, None, None, None, None, Status.FAILED, error)


def send(account: Account) -> int:
    """Request delivery of all DOIs that an adoption found to differ.

    DOIs that must be hidden are delivered before everything else, the others last.

    :returns: number of DOIs that became due.
    """
    row = REGISTRATION.c
    count = 0
    exposed = findings.of_problem(Problem.EXPOSED, account.id)
    while keys := [finding.doi_key for finding in islice(exposed, SIZE)]:
        ids = db.session.scalars(
            sa.select(row.id).where(
                row.doi_key.in_(keys), row.confirmed_digest.is_(None)
            )
        ).all()
        db.session.rollback()
        count += request_again(ids, Priority.HIDE)
    pending = (
        row.status == Status.PENDING.value,
        row.due_at.is_(None),
        row.prefix.in_(account.prefixes),
        # Revision 0 only notes that a DOI is to be removed from its record.
        row.revision > 0,
    )
    after = None
    while True:
        page = sa.select(row.id).where(*pending)
        if after is not None:
            page = page.where(row.id > after)
        ids = db.session.scalars(page.order_by(row.id).limit(SIZE)).all()
        db.session.rollback()
        if ids:
            count += request_again(ids, Priority.BULK)
        if len(ids) < SIZE:
            return count
        after = ids[-1]

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The audit: what was confirmed against what DataCite lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PIDStatus

from ..datacite.errors import Unreadable
from ..datacite.held import Held
from ..datacite.listing import START, Entry, Page
from ..doi import doi_key
from ..states import DRAFT, FINDABLE
from . import findings
from . import here as here_
from .findings import OURS, Found
from .here import Here
from .judge import Wanted, about_pids, suspicions, verdict
from .mending import make_due, set_pids
from .models import Job, Problem, Stage
from .walk import REGISTRATION, SEEN, Walk

MANY = 20
"""So many DOIs of a page whose metadata have to be compared, and the page is asked for
once more with all metadata."""

MOST_CONTRADICTIONS = 200
"""So many DOIs that the list left out, and that DataCite has: the list is not one."""

PIDS = {"registered": PIDStatus.REGISTERED, "reserved": PIDStatus.RESERVED}

LOOKED_FOR = frozenset(Problem) - {Problem.PAGE}


class Audit(Walk):
    """Compares, and with ``fix`` has delivered again what is ours and not right.

    :ivar fix: without it, nothing is written but what was seen and found.
    """

    job = Job.AUDIT
    fix = False
    contradictions = 0

    def listed(self, page: Page, entries: dict[str, Entry]) -> list[Found]:
        """Compare a page."""
        known = here_.read(entries)
        same_versions = self._same_versions(entries)
        db.session.rollback()
        found: list[Found] = []
        suspects: dict[str, set[Problem]] = defaultdict(set)
        for key, entry in entries.items():
            here = known[key]
            if here.row is None:
                found += self._unknown(here, entry)
                continue
            if self._is_newer(here):
                continue
            found += self._about_pids(here)
            if self._is_elsewhere(here, entry):
                found.append(self._elsewhere(here))
                continue
            suspects[key] |= set(
                suspicions(here, entry, self.account.id, same_versions.get(key))
            )
        changed = [key for key in suspects if suspects[key] == {Problem.CHANGED}]
        same = set()
        if len(changed) >= MANY:
            same = self._compare(changed, known)
        for key, problems in suspects.items():
            if problems and key not in same:
                confirmed, is_same = self._confirm(key, known[key])
                found += confirmed
                if is_same:
                    same.add(key)
        self.saw(entries, same)
        if self.run.since is not None:
            findings.note(self.run, found)
            findings.forget(self.run, LOOKED_FOR, list(entries))
        return found

    def rest(self) -> Any:
        """What DataCite confirmed before the audit began, or PIDStore says it did."""
        if self.run.since is not None:
            return sa.false()
        return sa.and_(
            REGISTRATION.c.due_at.is_(None),
            sa.or_(
                REGISTRATION.c.confirmed_at.is_(None),
                REGISTRATION.c.confirmed_at < self.run.started_at,
            ),
        )

    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """What DataCite should have had in its list."""
        known = here_.of_rows(rows)
        db.session.rollback()
        found: list[Found] = []
        for key, here in known.items():
            found += self._about_pids(here)
            if here.row.confirmed_state is None:
                continue
            if here.row.confirmed_account != self.account.id:
                found.append(self._elsewhere(here))
                continue
            confirmed, _same = self._confirm(key, here)
            found += confirmed
        return found

    def done(self) -> None:
        """What was not found again is gone."""
        if self.run.since is not None:
            return
        findings.forget(self.run, LOOKED_FOR)
        db.session.execute(
            sa.delete(SEEN).where(
                SEEN.c.account == self.run.account, SEEN.c.run_id != self.run.id
            )
        )

    # Of single DOIs

    def _unknown(self, here: Here, entry: Entry) -> list[Found]:
        """What DataCite has, and no registration is about."""
        what = {"datacite": entry.state, "url": entry.url, "updated": entry.updated}
        if here.is_managed:
            return [Found(entry.doi, Problem.UNREGISTERED, what)]
        key = doi_key(entry.doi)
        if any(fnmatchcase(key, p) for p in self.settings.audit_exclude):
            return []
        draft = entry.state == DRAFT
        return [Found(entry.doi, Problem.DRAFT if draft else Problem.ORPHANED, what)]

    def _is_newer(self, here: Here) -> bool:
        """Whether it was confirmed after the audit began: the list may not know."""
        at = here.row.confirmed_at
        return at is not None and at >= self.run.started_at

    def _is_elsewhere(self, here: Here, entry: Entry) -> bool:
        row = here.row
        return (
            row.confirmed_account != self.account.id
            and not here.is_pending
            and (here.is_shown or entry.state != FINDABLE)
        )

    def _elsewhere(self, here: Here) -> Found:
        row = here.row
        if row.confirmed_state is None:
            what: dict[str, Any] = {"here": None}
            return self._mended(here, Found(row.doi, Problem.DIFFERS, what), None, True)
        what = {"confirmed_by": row.confirmed_account}
        return self._mended(here, Found(row.doi, Problem.ELSEWHERE, what), None)

    def _about_pids(self, here: Here) -> list[Found]:
        found = []
        for item in about_pids(here):
            if self.fix and item.problem is Problem.PIDSTORE:
                status = PIDS[item.details["here"]]
                set_pids([item.doi], status)
                db.session.commit()
                item = _fixed(item)
            found.append(item)
        return found

    def _confirm(self, key: str, before: Here) -> tuple[list[Found], bool]:
        """Ask DataCite about one DOI.

        :returns: what is wrong, and whether the metadata were compared and are the
            same.
        """
        held = self.look(before.row.doi)
        here = here_.read([key])[key]
        if here.row is None:
            # Given back meanwhile.
            return [], False
        if held is not None and before.row.id == here.row.id:
            self._count_contradiction(before, key)
        state = held.state if held else None

        def decide(here: Here, wanted: Wanted) -> list[Found]:
            return verdict(here, held, wanted, self.account)

        ((_here, found),) = self.judge([(here, state)], decide)
        if isinstance(found, Found):
            return [found], False
        return (
            [self._mended(here, item, state) for item in found],
            held is not None and here.is_settled and not found,
        )

    def _count_contradiction(self, before: Here, key: str) -> None:
        """A list that leaves out what DataCite has must not cost a request per DOI."""
        is_listed = db.session.scalar(
            sa.select(SEEN.c.run_id).where(SEEN.c.doi_key == key)
        )
        if self.run.stage is Stage.LIST or is_listed == self.run.id:
            return
        self.contradictions += 1
        if self.contradictions > MOST_CONTRADICTIONS:
            raise Unreadable(
                f"DataCite's list left out {self.contradictions} DOIs that it has; it "
                "is not complete. Try again later."
            )

    def _compare(self, keys: Sequence[str], known: dict[str, Here]) -> set[str]:
        """Ask for the page once more, with all metadata.

        :returns: the keys of those that are the same.
        """
        cursor = self.run.cursor or START
        page = self.ask(lambda: self.client.list(cursor, True, self.run.since))
        complete = {doi_key(entry.doi): entry for entry in page.entries}
        symbol = self.account.symbol.lower()

        def decide(here: Here, wanted: Wanted) -> list[Found]:
            entry = complete[here.row.doi_key]
            held = Held(entry.state, entry.url, symbol, entry.attributes)
            return verdict(here, held, wanted, self.account)

        items = [(known[key], complete[key].state) for key in keys if key in complete]
        return {
            here.row.doi_key for here, found in self.judge(items, decide) if not found
        }

    def _same_versions(self, entries: dict[str, Entry]) -> dict[str, int]:
        rows = db.session.execute(
            sa.select(SEEN.c.doi_key, SEEN.c.same_version).where(
                SEEN.c.doi_key.in_(entries),
                SEEN.c.account == self.account.id,
                SEEN.c.same_version.is_not(None),
            )
        )
        return {row.doi_key: row.same_version for row in rows}

    def _mended(
        self, here: Here, item: Found, state: str | None, unknown: bool = False
    ) -> Found:
        if not self.fix or item.problem not in OURS or here.is_pending:
            return item
        problem = Problem.ELSEWHERE if unknown else item.problem
        done = make_due(here.row, problem, state)
        db.session.commit()
        return _fixed(item) if done else item


def _fixed(item: Found) -> Found:
    return Found(item.doi, item.problem, item.details, True)

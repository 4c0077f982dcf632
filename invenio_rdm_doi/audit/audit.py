# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The audit: what was confirmed against what DataCite lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..datacite.held import Held
from ..datacite.listing import START, Entry
from ..doi import doi_key
from ..registration.pid_statuses import make_agree
from ..states import DRAFT
from ..timing import now
from . import findings
from . import here as here_
from . import seen
from .asker import Odd
from .findings import OURS, Found
from .here import REGISTRATION, Here
from .judge import Wanted, about_pids, exposed_by_flags, suspicions, verdict
from .mending import hurry, make_due
from .models import Job, Problem
from .walk import Walk

MANY = 20
"""If the metadata of so many DOIs of a page have to be compared, the page is asked for
once more with all metadata."""

MOST_CONTRADICTIONS = 200
"""If the list left out so many DOIs that DataCite has, it is not complete."""

GRACE = timedelta(minutes=10)
"""What changed so short a time before the audit began is asked about: the list lags."""

LOOKED_FOR = frozenset(Problem) - {Problem.PAGE}


class Audit(Walk):
    """Compares, and with ``fix`` has delivered again what is ours and not right.

    :ivar fix: without it, nothing is written but what was seen and found.
    """

    job = Job.AUDIT
    fix = False
    contradictions = 0

    def listed(self, entries: dict[str, Entry]) -> list[Found]:
        """Compare a page."""
        known = here_.read(entries)
        same_versions = seen.same_versions(self.run, entries)
        db.session.rollback()
        found: list[Found] = []
        suspects: dict[str, set[Problem]] = defaultdict(set)
        for key, entry in entries.items():
            here = known[key]
            if here.row is None:
                found += self._unknown(here, entry)
            elif not self._is_newer(here):
                found += self._about_pids(here)
                unsettled = self._unsettled(here, entry.state)
                if unsettled is not None:
                    found.append(unsettled)
                    continue
                suspects[key] |= set(
                    suspicions(here, entry, self.account.id, same_versions.get(key))
                )
        same = self._compare(suspects, entries, known)
        for key, problems in suspects.items():
            if problems and key not in same:
                confirmed, is_same = self._confirm(key, known[key])
                found += confirmed
                if is_same:
                    same.add(key)
        seen.note(self.run, entries, same)
        if self.run.since is not None:
            findings.note(self.run, found)
            findings.forget(self.run, LOOKED_FOR, list(entries))
        return found

    def rest(self) -> Any:
        """What DataCite confirmed before the audit began, or PIDStore says it did."""
        if self.run.since is not None:
            return sa.false()
        confirmed_at = REGISTRATION.c.confirmed_at
        return sa.and_(
            REGISTRATION.c.due_at.is_(None),
            sa.or_(confirmed_at.is_(None), confirmed_at < self.run.started_at),
        )

    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """What DataCite should have had in its list."""
        known = here_.of_rows(rows)
        db.session.rollback()
        found: list[Found] = []
        for key, here in known.items():
            found += self._about_pids(here)
            unsettled = self._unsettled(here, None)
            if unsettled is not None:
                found.append(unsettled)
            elif here.row.confirmed_state is not None:
                found += self._confirm(key, here, is_listed=False)[0]
        return found

    def done(self) -> None:
        """What was not found again is gone."""
        if self.run.since is None:
            findings.forget(self.run, LOOKED_FOR)
            seen.forget(self.run)

    # Of single DOIs

    def _unknown(self, here: Here, entry: Entry) -> list[Found]:
        """What DataCite has, and no registration is about."""
        what = {"datacite": entry.state, "url": entry.url, "updated": entry.updated}
        if here.is_managed:
            return [Found(entry.doi, Problem.UNREGISTERED, what)]
        key = doi_key(entry.doi)
        if any(fnmatchcase(key, p) for p in self.settings.audit_exclude):
            return []
        if self._is_fresh(entry) and self._is_gone(entry):
            return []
        draft = entry.state == DRAFT
        return [Found(entry.doi, Problem.DRAFT if draft else Problem.ORPHANED, what)]

    def _is_fresh(self, entry: Entry) -> bool:
        try:
            updated = datetime.fromisoformat(entry.updated or "")
        except ValueError:
            return False
        if updated.tzinfo is None:
            return False
        return bool(updated >= self.run.started_at - GRACE)

    def _is_gone(self, entry: Entry) -> bool:
        """Whether a DOI was deleted, or became known here, since it was listed."""
        try:
            if self.asker.look(entry.doi) is None:
                return True
        except Odd:
            return False
        key = doi_key(entry.doi)
        known = here_.read([key])[key]
        db.session.rollback()
        return known.row is not None

    def _is_newer(self, here: Here) -> bool:
        """Whether it was confirmed after the audit began: the list may not know."""
        at = here.row.confirmed_at
        return at is not None and at >= self.run.started_at

    def _unsettled(self, here: Here, state: str | None) -> Found | None:
        """What this account did not confirm, or was found to differ and not sent.

        What may have to be hidden is asked about before all else.

        :param state: what the list has; None: it has nothing.
        """
        row = here.row
        if exposed_by_flags(here, state) or here.is_pending:
            return None
        if here.is_unsent:
            found = Found(row.doi, Problem.DIFFERS, {"here": "not sent yet"})
            return self._mended(here, found, row.confirmed_state)
        if row.confirmed_account == self.account.id:
            return None
        if row.confirmed_state is not None:
            what = {"confirmed_by": row.confirmed_account}
            return self._mended(here, Found(row.doi, Problem.ELSEWHERE, what), None)
        if state is not None:
            what = {"here": "never confirmed", "datacite": state}
            return self._mended(here, Found(row.doi, Problem.DIFFERS, what), None)
        return None

    def _about_pids(self, here: Here) -> list[Found]:
        found = []
        for item in about_pids(here):
            if self.fix and item.problem is Problem.PIDSTORE:
                make_agree([item.doi])
                item = self._keep_fixed(item)
            found.append(item)
        return found

    def _confirm(
        self, key: str, before: Here, is_listed: bool = True
    ) -> tuple[list[Found], bool]:
        """Ask DataCite about one DOI.

        :returns: what is wrong, and whether the metadata were compared and are the
            same.
        """
        doi = before.row.doi
        try:
            held = self.asker.look(doi)
        except Odd as odd:
            return [Found(doi, Problem.UNREADABLE, {"error": str(odd)})], False
        if held is not None and not is_listed:
            self._count_contradiction()
        here = here_.read([key])[key]
        if here.row is None:
            # Given back meanwhile.
            return [], False
        state = held.state if held else None

        def decide(here: Here, wanted: Wanted) -> list[Found]:
            return verdict(here, held, wanted, self.account)

        ((_here, found),) = self.judge([(here, state)], decide)
        if isinstance(found, Found):
            return [self._mended(here, found, state)], False
        return (
            [self._mended(here, item, state) for item in found],
            held is not None and here.is_settled and not found,
        )

    def _count_contradiction(self) -> None:
        """A list that leaves out what DataCite has must not cost a request per DOI."""
        self.contradictions += 1
        if self.contradictions > MOST_CONTRADICTIONS:
            raise self.no_list(
                f"left out {self.contradictions} DOIs that it has; it is not complete"
            )

    def _compare(
        self,
        suspects: dict[str, set[Problem]],
        entries: dict[str, Entry],
        known: dict[str, Here],
    ) -> set[str]:
        """Ask for the page once more, with all metadata, if many have to be compared.

        :returns: the keys of those that are the same.
        """
        keys = [key for key in suspects if suspects[key] == {Problem.CHANGED}]
        if len(keys) < MANY:
            return set()
        cursor, since = self.run.cursor or START, self.run.since
        page = self.asker.ask(lambda: self.client.list(cursor, True, since))
        symbol = self.account.symbol.lower()
        # The one list may lag behind the other.
        complete = {
            key: entry
            for entry in page.entries
            if (key := doi_key(entry.doi)) in entries
            and entry.client in (None, symbol)
            and entry.version == entries[key].version
        }

        def decide(here: Here, wanted: Wanted) -> list[Found]:
            entry = complete[here.row.doi_key]
            held = Held(entry.state, entry.url, symbol, entry.attributes)
            return verdict(here, held, wanted, self.account)

        items = [(known[key], complete[key].state) for key in keys if key in complete]
        return {
            here.row.doi_key for here, found in self.judge(items, decide) if not found
        }

    def look_again(
        self, before: Here, state: str | None, seconds: float
    ) -> list[Found]:
        """Ask DataCite about one DOI; with ``fix``, request delivery if it is wrong.

        DataCite is not asked about a DOI that this account has not confirmed: the
        delivery does that.

        :param state: what DataCite had when it was found; None: it is not known.
        :param seconds: how long it may take while DataCite is busy.
        :raises Interrupted: it took longer.
        :raises Trouble: DataCite has no answer.
        """
        self.asker.limit(now() + seconds, lambda: False)
        unsettled = self._unsettled(before, state)
        db.session.rollback()
        if unsettled is not None:
            return [unsettled]
        found, _is_same = self._confirm(before.row.doi_key, before)
        return [*found, *self._about_pids(before)]

    # With --fix

    def _mended(self, here: Here, item: Found, state: str | None) -> Found:
        """Have a DOI delivered again, if that was asked for and it is ours.

        :param state: what DataCite has now; None: nothing, or it is not known.
        """
        if not self.fix or item.problem not in OURS:
            return item
        if here.is_pending:
            done = item.problem is Problem.EXPOSED and hurry(here.row)
        else:
            done = make_due(here.row, item.problem, state, self.account.id)
        return self._keep_fixed(item) if done else item

    def _keep_fixed(self, item: Found) -> Found:
        """Keep what was mended, together with the finding, and commit."""
        fixed = item.fixed()
        findings.note(self.run, [fixed])
        db.session.commit()
        return fixed

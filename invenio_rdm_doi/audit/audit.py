# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The audit: a comparison of confirmed registrations with DataCite's list."""

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
from .fixes import hurry, make_due
from .here import REGISTRATION, Here
from .judge import Wanted, about_pids, exposed_by_flags, suspicions, verdict
from .models import Job, Problem
from .walk import Walk

MANY = 20
"""If the metadata of at least this many DOIs of a page must be compared, the page is
requested again with all metadata."""

MOST_CONTRADICTIONS = 200
"""If the list omits more than this number of existing DOIs, it is incomplete."""

GRACE = timedelta(minutes=10)
"""Unknown DOIs that changed after the beginning of the audit, or less than this time
before it, are queried individually: the list lags behind."""

LOOKED_FOR = frozenset(Problem) - {Problem.PAGE}


class Audit(Walk):
    """Compares DOIs; with ``fix``, requests delivery of those of ours that are wrong.

    :ivar fix: if false, only the DOIs seen and the findings are written.
    """

    job = Job.AUDIT
    fix = False
    contradictions = 0

    def listed(self, entries: dict[str, Entry]) -> list[Found]:
        """Compare one page."""
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
        """Return the SQL condition: confirmed before the audit began, or never.

        PIDStore may call a DOI registered that was never confirmed.
        """
        if self.run.since is not None:
            return sa.false()
        confirmed_at = REGISTRATION.c.confirmed_at
        return sa.and_(
            REGISTRATION.c.due_at.is_(None),
            sa.or_(confirmed_at.is_(None), confirmed_at < self.run.started_at),
        )

    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """Check registrations that DataCite should have listed."""
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
        """Delete findings and listed DOIs that this run did not find again."""
        if self.run.since is None:
            findings.forget(self.run, LOOKED_FOR)
            seen.forget(self.run)

    # Single DOIs

    def _unknown(self, here: Here, entry: Entry) -> list[Found]:
        """Return the finding for a listed DOI that has no registration."""
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
        """Return whether a DOI was deleted, or registered here, since it was listed."""
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
        """Return whether it was confirmed after the audit began: the list may lag."""
        at = here.row.confirmed_at
        return at is not None and at >= self.run.started_at

    def _unsettled(self, here: Here, state: str | None) -> Found | None:
        """Return a finding if this account did not confirm a DOI, or it was not sent.

        It is None for a DOI that may have to be hidden: DataCite is queried about it
        first.

        :param state: DataCite's state in the list; None: it is not listed.
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
        """Query DataCite about one DOI.

        :returns: the findings, and whether the metadata were compared and are equal.
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
            # The DOI was given back meanwhile.
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
        """Count a DOI that the list omitted; give up if there are too many.

        Otherwise, an incomplete list would cost one request per DOI.
        """
        self.contradictions += 1
        if self.contradictions > MOST_CONTRADICTIONS:
            raise self.no_list(
                f"left out {self.contradictions} DOIs that DataCite has, so it is "
                f"incomplete"
            )

    def _compare(
        self,
        suspects: dict[str, set[Problem]],
        entries: dict[str, Entry],
        known: dict[str, Here],
    ) -> set[str]:
        """Request the page again, with all metadata, if many DOIs must be compared.

        :returns: the keys of the DOIs that are equal.
        """
        keys = [key for key in suspects if suspects[key] == {Problem.CHANGED}]
        if len(keys) < MANY:
            return set()
        cursor, since = self.run.cursor or START, self.run.since
        page = self.asker.ask(lambda: self.client.list(cursor, True, since))
        symbol = self.account.symbol.lower()
        # One of the two lists may lag behind the other.
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
        """Query DataCite about one DOI; with ``fix``, request delivery if it is wrong.

        DataCite is not queried about a DOI that this account has not confirmed: the
        delivery does that.

        :param state: DataCite's state at the time of the finding; None: unknown.
        :param seconds: time limit while DataCite is busy.
        :raises Interrupted: if the time limit is exceeded.
        :raises Trouble: if DataCite does not answer.
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
        """Request delivery of a DOI, if ``fix`` is set and the problem is in ``OURS``.

        :param state: DataCite's current state; None: it has none, or it is unknown.
        """
        if not self.fix or item.problem not in OURS:
            return item
        if here.is_pending:
            done = item.problem is Problem.EXPOSED and hurry(here.row)
        else:
            done = make_due(here.row, item.problem, state, self.account.id)
        return self._keep_fixed(item) if done else item

    def _keep_fixed(self, item: Found) -> Found:
        """Commit a repair, together with its finding."""
        fixed = item.fixed()
        findings.note(self.run, [fixed])
        db.session.commit()
        return fixed

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A walk over all DOIs of an account: DataCite's list, then registrations not in it.

It commits after each page: it needs constant memory, and a run whose process was killed
resumes at the page that it was processing.
"""

from __future__ import annotations

import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.exc import DBAPIError

from ..datacite.client import DataCiteClient
from ..datacite.errors import Unreadable
from ..datacite.listing import START, Entry, Page
from ..doi import doi_key
from ..records.source import Reader
from ..registration.delivery import policy_of
from ..registration.subject import load_all
from ..settings.model import Account, Settings
from ..timing import now
from . import here as here_
from . import runs, seen
from .asker import Asker, Interrupted
from .findings import Found, note
from .here import REGISTRATION, Here, claim_of
from .judge import Wanted, exposed_by_flags, wanted_of
from .models import Job, Problem, Stage

logger = logging.getLogger(__name__)

SIZE = 1000
"""Registrations that are checked in one transaction."""

KEEP_SECONDS = 30
"""Interval at which the lease of a run is renewed while DataCite is queried."""

MOST_FOREIGN = 100
"""If more than this number of pages in a row have no DOI of the account, the list is
another account's."""

MOST_KNOWN = 2
"""If more than this number of pages in a row have only DOIs that were listed before,
the list never ends."""

MOST_LISTED = 50_000_000
"""More DOIs than any account has."""

SLACK = 0.01
"""Share of the list that may be missing: it lags behind, and changes meanwhile."""

Answer = TypeVar("Answer")

Progress = Callable[[Any], None]
"""A function that is called after each page, with the row of the run."""


class NoList(Unreadable):
    """DataCite's list is not credible; the run was given up."""


class Walk(ABC):
    """One run for one account."""

    job: Job

    is_complete = False
    """Whether the list is requested with all metadata."""

    def __init__(
        self,
        settings: Settings,
        account: Account,
        client: DataCiteClient,
        run: Any,
        progress: Progress | None = None,
    ):
        """Constructor.

        :param run: the row returned by :func:`.runs.begin`.
        """
        self.settings = settings
        self.account = account
        self.client = client
        self.run = run
        self.progress = progress
        self.policy = policy_of(settings, account)
        self.asker = Asker(client, self._keep)
        self._cursors: set[str] = set()
        self._foreign = 0
        self._known = 0
        self._kept_at = now()

    def go_on(
        self,
        seconds: float | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Continue the run until its end, or for a limited time.

        :param stopping: returns whether the process is to stop.
        :returns: whether the run is finished.
        :raises Trouble: if DataCite does not answer; the run can be resumed.
        :raises runs.Lost: if another process took over the run.
        """
        self.asker.limit(None if seconds is None else now() + seconds, stopping)
        try:
            self.asker.prove_credentials()
            while self.run.stage is not Stage.DONE:
                if self.asker.is_over():
                    return False
                self._page()
                if self.progress:
                    self.progress(self.run)
            return True
        except Interrupted:
            return False
        finally:
            if self.run.stage is not Stage.DONE:
                runs.leave(self.run)

    # Implemented by the jobs

    @abstractmethod
    def listed(self, entries: dict[str, Entry]) -> list[Found]:
        """Compare the entries of a page of the list, in the current transaction.

        :param entries: the entries by comparison key.
        """

    @abstractmethod
    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """Check registrations that were not listed, in the current transaction."""

    @abstractmethod
    def rest(self) -> Any:
        """Return an SQL condition: which registrations should have been listed."""

    @abstractmethod
    def done(self) -> None:
        """Do the final work of the run, in the current transaction."""

    # Pages

    def _page(self) -> None:
        if self.run.stage is Stage.LIST:
            self._list_page()
        else:
            self._rest_page()
        db.session.commit()
        self.asker.requests = 0

    def _advance(self, **values: Any) -> None:
        requests = runs.RUN.c.requests + self.asker.requests
        self.run = runs.advance(self.run, requests=requests, **values)

    def _keep(self) -> None:
        if now() - self._kept_at >= KEEP_SECONDS:
            self.run = runs.keep(self.run)
            self._kept_at = now()

    def _list_page(self) -> None:
        cursor, since = self.run.cursor or START, self.run.since
        page = self.asker.ask(lambda: self.client.list(cursor, self.is_complete, since))
        listed = self.run.seen + len(page.entries) + page.unreadable
        self._require_sense(page, listed)
        entries, twice = self._entries(page)
        note(self.run, [*twice, *self.listed(entries)])
        if page.unreadable:
            logger.warning("doi.audit.unreadable", extra={"entries": page.unreadable})
        self._advance(
            cursor=page.cursor,
            stage=(Stage.LIST if page.cursor else Stage.REST).value,
            total=page.total,
            seen=listed,
        )

    def _require_sense(self, page: Page, listed: int) -> None:
        """Reject a list that never ends or that ends too early.

        :param listed: number of DOIs listed so far, including this page.
        :raises NoList: if it cannot be the list of the account's DOIs.
        """
        cursor = page.cursor
        if cursor in self._cursors or listed > MOST_LISTED:
            raise self.no_list("repeats itself endlessly")
        if cursor is not None:
            self._cursors.add(cursor)
        elif page.total is not None and listed < page.total * (1 - SLACK):
            raise self.no_list(f"ends after {listed} of {page.total} DOIs")

    def no_list(self, what: str) -> NoList:
        """Give up the run, and commit; the next one starts over.

        :param what: the defect of the list.
        :returns: the exception to raise.
        """
        runs.give_up(self.run)
        return NoList(f"DataCite's list {what}.", http_status=200)

    def _entries(self, page: Page) -> tuple[dict[str, Entry], list[Found]]:
        """Return our entries of a page, and findings for those listed before."""
        entries: dict[str, Entry] = {}
        twice = []
        symbol = self.account.symbol.lower()
        for entry in page.entries:
            key = doi_key(entry.doi)
            if entry.client not in (None, symbol) or not self.account.owns(entry.doi):
                continue
            if key in entries:
                twice.append(Found(entry.doi, Problem.LISTED_TWICE))
            entries[key] = entry
        self._foreign = 0 if entries else self._foreign + 1
        if self._foreign > MOST_FOREIGN:
            raise self.no_list(f"has nothing of {self.account.symbol}")
        before = seen.among(self.run, entries)
        if entries:
            known = len(before) == len(entries)
            self._known = self._known + 1 if known else 0
        # A single page may repeat entries that moved within the list meanwhile.
        if self._known > MOST_KNOWN:
            raise self.no_list("repeats itself endlessly")
        twice += [Found(entries[key].doi, Problem.LISTED_TWICE) for key in before]
        return entries, twice

    def _rest_page(self) -> None:
        row = REGISTRATION.c
        given = row.prefix.in_(self.account.prefixes)
        if self.run.cursor:
            given = sa.and_(given, row.id > uuid.UUID(self.run.cursor))
        page = db.session.execute(
            sa.select(row.id, row.doi_key, self.rest().label("wanted"))
            .where(given)
            .order_by(row.id)
            .limit(SIZE)
        ).all()
        wanted = {row.doi_key: row.id for row in page if row.wanted}
        listed = seen.among(self.run, wanted)
        left = [id_ for key, id_ in wanted.items() if key not in listed]
        if left:
            note(self.run, self.unlisted(here_.rows_of(row.id.in_(left))))
        if len(page) == SIZE:
            self._advance(cursor=str(page[-1].id))
            return
        self.done()
        self._advance()
        self.run = runs.finish(self.run)

    # Records

    def judge(
        self,
        items: Sequence[tuple[Here, str | None]],
        decide: Callable[[Here, Wanted], Answer],
    ) -> list[tuple[Here, Answer | Found]]:
        """Read the records of some DOIs, and decide about each of them.

        The transaction is rolled back: reading a record marks it as changed, and these
        changes must not be written.

        :param items: the local data of each DOI, and its state at DataCite.
        :param decide: makes the decision; must not write anything.
        :returns: each DOI's decision, or a finding if its record cannot be read.
        """
        reader = Reader.create(self.settings.metadata)
        decided: list[tuple[Here, Answer | Found]] = []
        with db.session.no_autoflush:
            try:
                load_all([claim_of(here.row) for here, _state in items], reader)
            except DBAPIError:
                raise
            except Exception as error:
                # One record cannot be read: each of them is read separately below.
                logger.warning("doi.audit.unread", extra={"reason": repr(error)[:500]})
                db.session.rollback()
            for here, state in items:
                try:
                    wanted = wanted_of(here.row, state, reader, self.policy)
                    decided.append((here, decide(here, wanted)))
                except DBAPIError:
                    raise
                except Exception as error:
                    decided.append((here, _unread(here, state, error)))
        db.session.rollback()
        return decided


def _unread(here: Here, state: str | None, error: Exception) -> Found:
    """Return the finding for an unreadable record; exposure is reported anyway."""
    exposed = exposed_by_flags(here, state)
    problem = Problem.EXPOSED if exposed else Problem.UNREADABLE
    what = {"error": f"{type(error).__name__}: {error}"[:500]}
    return Found(here.row.doi, problem, what)

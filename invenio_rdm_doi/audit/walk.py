# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Goes through all DOIs of an account: first DataCite's list, then what is left here.

Page by page, with a commit for each: in constant memory, and a run whose process was
killed goes on with the page at which it was.
"""

from __future__ import annotations

import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from threading import Event
from typing import Any, TypeVar

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from ..datacite.client import DataCiteClient
from ..datacite.errors import (
    BudgetSpent,
    RateLimited,
    ServerFailed,
    Trouble,
    Unauthorized,
    Unavailable,
    Unreachable,
    Unreadable,
)
from ..datacite.held import Held
from ..datacite.listing import START, Entry, Page
from ..doi import doi_key
from ..records.source import Reader
from ..registration.delivery import policy_of
from ..registration.subject import load_all
from ..settings.model import Account, Settings
from ..timing import now
from . import here as here_
from . import runs
from .findings import Found, note
from .here import Here, claim_of
from .judge import Wanted, wanted_of
from .models import Job, Problem, Seen, Stage

logger = logging.getLogger(__name__)

SEEN = Seen.__table__
REGISTRATION = here_.REGISTRATION

SIZE = 1000
"""Registrations that are looked at in one transaction."""

PAUSES = (1, 5, 15, 30, 60)
"""Seconds before a question that failed for no reason of its own is asked again."""

PASSING = (BudgetSpent, RateLimited, ServerFailed, Unavailable, Unreachable)

Answer = TypeVar("Answer")

Progress = Callable[[Any], None]
"""Called after each page, with the row of the run."""


class Walk(ABC):
    """One run, for one account."""

    job: Job

    def __init__(
        self,
        settings: Settings,
        account: Account,
        client: DataCiteClient,
        run: Any,
        progress: Progress | None = None,
    ):
        """Constructor.

        :param run: of :func:`.runs.begin`.
        """
        self.settings = settings
        self.account = account
        self.client = client
        self.run = run
        self.progress = progress
        self.policy = policy_of(settings, account)
        self.requests = 0
        self._credentials_proven = False

    def go_on(self, seconds: float | None = None) -> bool:
        """Go on until the end, or for a time.

        :returns: whether it is finished.
        :raises Trouble: DataCite does not answer; the run can be taken up again.
        :raises runs.Lost: another process took it over.
        """
        end = None if seconds is None else now() + seconds
        try:
            self._prove_credentials()
            while self.run.stage is not Stage.DONE:
                if end is not None and now() >= end:
                    return False
                self._page()
                if self.progress:
                    self.progress(self.run)
            return True
        finally:
            if self.run.stage is not Stage.DONE:
                runs.leave(self.run)

    # What the jobs do

    @abstractmethod
    def listed(self, page: Page, entries: dict[str, Entry]) -> list[Found]:
        """Compare what is in a page of the list, in the transaction.

        :param entries: by comparison key.
        """

    @abstractmethod
    def unlisted(self, rows: Sequence[Any]) -> list[Found]:
        """Look at registrations that were not in the list, in the transaction."""

    @abstractmethod
    def rest(self) -> Any:
        """Which registrations should have been in the list: a condition."""

    @abstractmethod
    def done(self) -> None:
        """What is left to do at the end, in the transaction."""

    # How

    def _page(self) -> None:
        if self.run.stage is Stage.LIST:
            self._list_page()
        else:
            self._rest_page()
        db.session.commit()
        self.requests = 0

    def _list_page(self) -> None:
        cursor = self.run.cursor or START
        page = self.ask(
            lambda: self.client.list(cursor, self.is_complete, self.run.since)
        )
        entries, twice = self._entries(page)
        found = [*twice, *self.listed(page, entries)]
        note(self.run, found)
        if page.unreadable:
            logger.warning("doi.audit.unreadable", extra={"entries": page.unreadable})
        is_last = page.cursor is None
        self.run = runs.advance(
            self.run,
            cursor=page.cursor,
            stage=(Stage.REST if is_last else Stage.LIST).value,
            total=page.total,
            seen=runs.RUN.c.seen + len(entries),
            requests=runs.RUN.c.requests + self.requests,
        )

    is_complete = False
    """Whether the list is asked for all metadata."""

    def _entries(self, page: Page) -> tuple[dict[str, Entry], list[Found]]:
        """What is ours in a page, and what DataCite listed before."""
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
        before = db.session.scalars(
            sa.select(SEEN.c.doi_key).where(
                SEEN.c.doi_key.in_(entries), SEEN.c.run_id == self.run.id
            )
        )
        again = [Found(entries[key].doi, Problem.LISTED_TWICE) for key in before]
        if entries and len(again) == len(entries):
            raise Unreadable(
                "DataCite's list goes round in circles: a whole page of it was there "
                "before."
            )
        return entries, [*twice, *again]

    def saw(self, entries: dict[str, Entry], same: Collection[str] = ()) -> None:
        """Note what DataCite's list has, in the transaction.

        :param same: keys of those whose metadata were compared, and were the same.
        """
        if not entries:
            return
        statement = insert(SEEN).values(
            [
                {
                    "doi_key": key,
                    "run_id": self.run.id,
                    "account": self.run.account,
                    "state": entry.state,
                    "metadata_version": entry.version,
                    "same_version": entry.version if key in same else None,
                }
                for key, entry in entries.items()
            ]
        )
        new = statement.excluded
        known = sa.and_(new.same_version.is_(None), SEEN.c.account == new.account)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[SEEN.c.doi_key],
                set_={
                    "run_id": new.run_id,
                    "account": new.account,
                    "state": new.state,
                    "metadata_version": new.metadata_version,
                    "same_version": sa.case(
                        (known, SEEN.c.same_version), else_=new.same_version
                    ),
                },
            )
        )

    def _rest_page(self) -> None:
        after = uuid.UUID(self.run.cursor) if self.run.cursor else None
        given = REGISTRATION.c.prefix.in_(self.account.prefixes)
        if after is not None:
            given = sa.and_(given, REGISTRATION.c.id > after)
        ids = db.session.execute(
            sa.select(
                REGISTRATION.c.id,
                REGISTRATION.c.doi_key,
                self.rest().label("wanted"),
            )
            .where(given)
            .order_by(REGISTRATION.c.id)
            .limit(SIZE)
        ).all()
        wanted = {row.doi_key: row.id for row in ids if row.wanted}
        listed = db.session.scalars(
            sa.select(SEEN.c.doi_key).where(
                SEEN.c.doi_key.in_(wanted), SEEN.c.run_id == self.run.id
            )
        )
        for key in listed:
            wanted.pop(key, None)
        left = list(wanted.values())
        rows = here_.rows_of(REGISTRATION.c.id.in_(left)) if left else []
        found = self.unlisted(rows) if rows else []
        note(self.run, found)
        requests = runs.RUN.c.requests + self.requests
        if len(ids) == SIZE:
            self.run = runs.advance(self.run, cursor=str(ids[-1].id), requests=requests)
            return
        self.done()
        self.run = runs.advance(self.run, requests=requests)
        self.run = runs.finish(self.run)

    def look(self, doi: str) -> Held | None:
        """Ask DataCite about one DOI."""
        held = self.ask(lambda: self.client.look(doi))
        if held is None:
            self._prove_credentials()
        return held

    def _prove_credentials(self) -> None:
        """With a wrong password, DataCite shows findable DOIs, and nothing else."""
        if self._credentials_proven:
            return
        if not self.ask(self.client.credentials_accepted):
            raise Unauthorized(
                f"DataCite does not accept {self.account.symbol} with its password."
            )
        self._credentials_proven = True

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask DataCite, and again if it was only busy."""
        # No transaction is open while DataCite thinks about it.
        pauses = iter(PAUSES)
        while True:
            self.requests += 1
            try:
                return question()
            except PASSING as trouble:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self._wait(trouble, pause)

    @staticmethod
    def _wait(trouble: Trouble, pause: float) -> None:
        logger.info("doi.audit.waits", extra={"code": trouble.code, "seconds": pause})
        Event().wait(max(pause, trouble.retry_after or 0))

    def judge(
        self,
        items: Sequence[tuple[Here, str | None]],
        decide: Callable[[Here, Wanted], Answer],
    ) -> Iterator[tuple[Here, Answer | Found]]:
        """Read what is behind some DOIs, and decide about each.

        Nothing of the transaction stays: reading a record marks it as changed, and
        nothing of that may be written.

        :param items: what is here, and the state that DataCite has.
        :param decide: reads, and writes nothing.
        :returns: for each, the decision; a finding, if the record cannot be described.
        """
        reader = Reader.create(self.settings.metadata)
        decided: list[tuple[Here, Answer | Found]] = []
        with db.session.no_autoflush:
            try:
                load_all([claim_of(here.row) for here, _state in items], reader)
            except DBAPIError:
                raise
            except Exception as error:
                # One of them: each is read alone.
                logger.warning("doi.audit.unread", extra={"reason": repr(error)[:500]})
                db.session.rollback()
            for here, state in items:
                try:
                    wanted = wanted_of(here.row, state, reader, self.policy)
                    decided.append((here, decide(here, wanted)))
                except DBAPIError:
                    raise
                except Exception as error:
                    what = {"error": f"{type(error).__name__}: {error}"[:500]}
                    found = Found(here.row.doi, Problem.UNREADABLE, what)
                    decided.append((here, found))
        db.session.rollback()
        return iter(decided)

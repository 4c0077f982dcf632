# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Queries to DataCite, with retries and a time limit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from ..datacite.client import DataCiteClient
from ..datacite.errors import (
    BudgetSpent,
    Mismatch,
    RateLimited,
    ServerFailed,
    Trouble,
    Unauthorized,
    Unavailable,
    Unreachable,
    Unreadable,
)
from ..datacite.held import Held
from ..registration.outcomes import Blame, rule_for
from ..timing import now

logger = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 30, 60)
"""Seconds before a query that failed for a temporary reason is repeated."""

PASSING = (BudgetSpent, RateLimited, ServerFailed, Unavailable, Unreachable)

MOST_ODD = 20
"""If more than this number of queries in a row fail, the DOIs are not the cause."""

Answer = TypeVar("Answer")


class Interrupted(Exception):
    """The process must stop, or the time is up, while DataCite is busy."""


class Odd(Exception):
    """DataCite cannot be queried about one DOI; the run continues with the others.

    :ivar trouble: the reason.
    """

    def __init__(self, trouble: Trouble):
        """Constructor."""
        super().__init__(trouble.message)
        self.trouble = trouble


class Asker:
    """The queries of one run. No transaction is open during a query.

    :ivar requests: number of requests sent.
    """

    def __init__(self, client: DataCiteClient, keep: Callable[[], None]):
        """Constructor.

        :param keep: renews the lease of the run; called before each request and while
            waiting.
        """
        self.client = client
        self.requests = 0
        self._keep = keep
        self._proven = False
        self._odd = 0
        self._end: float | None = None
        self._stopping: Callable[[], bool] = lambda: False

    def limit(self, end: float | None, stopping: Callable[[], bool]) -> None:
        """Set when to stop: at a time of :func:`.timing.now`, or on ``stopping()``."""
        self._end, self._stopping = end, stopping

    def is_over(self) -> bool:
        """Return whether no further query may be sent."""
        return self._stopping() or (self._end is not None and now() >= self._end)

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Send a query, and repeat it if DataCite was only busy.

        :raises Interrupted: if the time is up while DataCite is busy.
        :raises Trouble: one of its subclasses, if the query fails.
        """
        pauses = iter(PAUSES)
        while True:
            self._keep()
            self.requests += 1
            try:
                return question()
            except PASSING as trouble:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self._wait(trouble.code, max(pause, trouble.retry_after or 0))

    def _wait(self, code: str, seconds: float) -> None:
        logger.info("doi.audit.waits", extra={"code": code, "seconds": seconds})
        until, pause = now() + seconds, Event()
        while (left := until - now()) > 0:
            if self._stopping() or (self._end is not None and until > self._end):
                raise Interrupted()
            pause.wait(min(left, 1))
            self._keep()

    def look(self, doi: str) -> Held | None:
        """Query DataCite about one DOI.

        :raises Odd: if DataCite cannot be queried about this DOI.
        :raises Trouble: if DataCite cannot be queried at all.
        """
        try:
            held = self.ask(lambda: self.client.look(doi))
        except Trouble as trouble:
            of_the_doi = rule_for(trouble).blame is Blame.RECORD
            if not (of_the_doi or isinstance(trouble, (Mismatch, Unreadable))):
                raise
            self._odd += 1
            if self._odd > MOST_ODD:
                raise
            raise Odd(trouble) from trouble
        self._odd = 0
        if held is None:
            self.prove_credentials()
        return held

    def prove_credentials(self) -> None:
        """Check once that DataCite accepts the credentials.

        With a wrong password, DataCite shows findable DOIs and nothing else.

        :raises Unauthorized: if DataCite does not accept them.
        """
        if self._proven:
            return
        if not self.ask(self.client.credentials_accepted):
            raise Unauthorized(
                f"DataCite does not accept {self.client.account.symbol} with its "
                "password."
            )
        self._proven = True

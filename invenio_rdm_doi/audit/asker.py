# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Asks DataCite patiently, and knows when to stop."""

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
"""Seconds before a question that failed for no reason of its own is asked again."""

PASSING = (BudgetSpent, RateLimited, ServerFailed, Unavailable, Unreachable)

MOST_ODD = 20
"""If so many questions in a row fail, the DOIs are not to blame."""

Answer = TypeVar("Answer")


class Interrupted(Exception):
    """The process is to end, or the time is over, while DataCite is busy."""


class Odd(Exception):
    """DataCite cannot be asked about one DOI; the others go on.

    :ivar trouble: why.
    """

    def __init__(self, trouble: Trouble):
        """Constructor."""
        super().__init__(trouble.message)
        self.trouble = trouble


class Asker:
    """The questions of one run. No transaction is open when one is asked.

    :ivar requests: how many were sent.
    """

    def __init__(self, client: DataCiteClient, keep: Callable[[], None]):
        """Constructor.

        :param keep: called before each request and while it waits: keeps the run.
        """
        self.client = client
        self.requests = 0
        self._keep = keep
        self._proven = False
        self._odd = 0
        self._end: float | None = None
        self._stopping: Callable[[], bool] = lambda: False

    def limit(self, end: float | None, stopping: Callable[[], bool]) -> None:
        """Set when to stop: at a time of :func:`.timing.now`, or when told to."""
        self._end, self._stopping = end, stopping

    def is_over(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._stopping() or (self._end is not None and now() >= self._end)

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask, and again if DataCite was only busy.

        :raises Interrupted: the time is over while it is.
        :raises Trouble: one of its subclasses.
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
        """Ask about one DOI.

        :raises Odd: DataCite cannot be asked about this one.
        :raises Trouble: it cannot be asked at all.
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
        """With a wrong password, DataCite shows findable DOIs, and nothing else.

        :raises Unauthorized: DataCite does not accept them.
        """
        if self._proven:
            return
        if not self.ask(self.client.credentials_accepted):
            raise Unauthorized(
                f"DataCite does not accept {self.client.account.symbol} with its "
                "password."
            )
        self._proven = True

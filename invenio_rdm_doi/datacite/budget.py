# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The rate budget: how many requests may be sent, over all workers and hosts.

DataCite counts requests per address and 5 minutes: 3000 in production, 750 on the test
system (https://support.datacite.org/docs/rate-limit). What goes over it is refused with
429, for everybody behind the same address.
"""

from __future__ import annotations

import logging
import math
import time
from threading import Event
from typing import Any

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

logger = logging.getLogger(__name__)

SMALLEST_STEP = 10
"""Requests in one step: small enough to be even, large enough for a short burst."""


class Budget:
    """So many requests per so many seconds, spread evenly.

    The window is cut into short steps. A budget that may be spent all at once would be:
    a backlog would eat it in a burst, and who publishes next would wait for minutes.
    """

    def __init__(self, requests: int, seconds: int, storage_uri: str, name: str):
        """Constructor; opens no connection.

        :param storage_uri: as the ``limits`` package reads it; shared by all workers.
        :param name: whose budget it is.
        """
        step = min(seconds, max(1, math.ceil(SMALLEST_STEP * seconds / requests)))
        self.item = RateLimitItemPerSecond(
            max(1, math.floor(requests * step / seconds)), step
        )
        self.name = name
        self._shared = MovingWindowRateLimiter(
            storage_from_string(storage_uri, wrap_exceptions=True)
        )
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._is_alone = False

    def remaining(self) -> int:
        """How many requests could be sent at once now."""
        return self._ask(
            lambda limiter: limiter.get_window_stats(self.item, self.name).remaining
        )

    def used(self) -> float:
        """Which share of the present step is spent, from 0 to 1."""
        return 1 - self.remaining() / self.item.amount

    def wait_seconds(self) -> float:
        """How long it takes until one more request may be sent; 0 if it may be now."""

        def ask(limiter: MovingWindowRateLimiter) -> float:
            stats = limiter.get_window_stats(self.item, self.name)
            return 0 if stats.remaining else max(0.0, stats.reset_time - time.time())

        return self._ask(ask)

    def take(self, patience: float) -> bool:
        """Take one request out of the budget, and wait for it if need be.

        :param patience: the longest wait, in seconds.
        :returns: False if none could be had in that time.
        """
        end = time.monotonic() + patience
        pause = Event()
        while not self._ask(lambda limiter: limiter.hit(self.item, self.name)):
            left = end - time.monotonic()
            if left <= 0:
                return False
            pause.wait(min(left, max(0.01, self.wait_seconds())))
        return True

    def _ask(self, question: Any) -> Any:
        """Ask the shared budget; a budget of this process if it cannot be reached.

        Sending at the same rate from several workers may then go over DataCite's limit,
        which delays; not sending at all would be worse.
        """
        try:
            answer = question(self._shared)
        except StorageError as error:
            if not self._is_alone:
                logger.warning("doi.budget.alone", extra={"reason": str(error)})
            self._is_alone = True
            return question(self._alone)
        self._is_alone = False
        return answer

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The rate budget: the number of requests that all workers and hosts may send.

DataCite limits requests per IP address and 5 minutes: 3000 in production, 750 on the
test system (https://support.datacite.org/docs/rate-limit). It refuses further requests
with 429, for all clients behind the same address.
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
"""Requests per step: few enough for an even rate, enough for a short burst."""


class Budget:
    """A number of requests per number of seconds, spread evenly.

    The window is divided into short steps. Without them, a backlog would spend the
    whole budget in one burst, and the next publish would wait for minutes.
    """

    def __init__(self, requests: int, seconds: int, storage_uri: str, name: str):
        """Constructor; opens no connection.

        :param storage_uri: URI for the ``limits`` package; shared by all workers.
        :param name: identifies the budget in the storage.
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
        """Return the number of requests that could be sent immediately."""
        return self._ask(
            lambda limiter: limiter.get_window_stats(self.item, self.name).remaining
        )

    def used(self) -> float:
        """Return the share of the current step that is spent, from 0 to 1."""
        return 1 - self.remaining() / self.item.amount

    def wait_seconds(self) -> float:
        """Return the seconds until another request may be sent; 0 if it may be now."""

        def ask(limiter: MovingWindowRateLimiter) -> float:
            stats = limiter.get_window_stats(self.item, self.name)
            return 0 if stats.remaining else max(0.0, stats.reset_time - time.time())

        return self._ask(ask)

    def take(self, patience: float) -> bool:
        """Take one request from the budget; wait for it if necessary.

        :param patience: the longest wait, in seconds.
        :returns: False if none was available in that time.
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
        """Query the shared budget, or one of this process if the shared is unreachable.

        Several workers that send at the full rate may then exceed DataCite's limit,
        which causes delays; not sending at all would be worse.
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

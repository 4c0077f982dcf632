# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A limit on the number of requests that are answered in a period."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Any


class RateLimit:
    """A sliding window over the API requests of all clients together.

    DataCite counts per address, over five minutes. Refused requests do not count, so a
    client that remains too fast still gets its share.
    """

    def __init__(
        self, requests: int, seconds: float, retry_after: bool = False
    ) -> None:
        """Allow ``requests`` requests in any period of ``seconds`` seconds."""
        self.requests = requests
        self.seconds = seconds
        self.retry_after = retry_after
        self._lock = threading.Lock()
        self._passed: deque[float] = deque()

    def wait(self) -> int | None:
        """Let a request pass, or return the seconds until the next one may pass."""
        now = _now()
        with self._lock:
            while self._passed and now - self._passed[0] >= self.seconds:
                self._passed.popleft()
            if len(self._passed) < self.requests:
                self._passed.append(now)
                return None
            return max(1, math.ceil(self._passed[0] + self.seconds - now))

    def as_json(self) -> dict[str, Any]:
        """Return the JSON that would set the same limit."""
        return {
            "requests": self.requests,
            "seconds": self.seconds,
            "retry_after": self.retry_after,
        }


def _now() -> float:
    return time.monotonic()

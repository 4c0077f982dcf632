# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The log of API requests, for tests and for people who look over a client's shoulder.

Passwords never get here: the Authorization header is not kept, nor is the body of
``POST /token``.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from flask import Request, Response

from .auth import Caller

_LIMIT = 200_000


@dataclass
class Exchange:
    """One API request while it is being answered."""

    n: int
    started: float
    caller: Caller = field(default_factory=Caller)
    body: Any = None
    doi: str | None = None
    dropped: list[str] = field(default_factory=list)


class Journal:
    """What was asked and answered so far, in memory, the newest 200 000."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=_LIMIT)
        self._last = 0

    def open(self) -> Exchange:
        """Give a request its number."""
        with self._lock:
            self._last += 1
            return Exchange(self._last, time.time())

    def close(self, exchange: Exchange, request: Request, response: Response) -> None:
        """Note the exchange."""
        account = exchange.caller.account
        is_secret = request.path == "/token"
        body = None if is_secret or exchange.body is None else json.dumps(exchange.body)
        entry = {
            "n": exchange.n,
            "method": request.method,
            "path": request.path,
            "query": {} if is_secret else request.args.to_dict(),
            "account": account.symbol if account else None,
            "headers": {
                "user-agent": request.headers.get("User-Agent"),
                "content-type": request.headers.get("Content-Type"),
            },
            "body": body,
            "status": response.status_code,
            "dropped": exchange.dropped,
            "doi": exchange.doi.lower() if exchange.doi else None,
            "started": exchange.started,
            "ended": time.time(),
        }
        with self._lock:
            self._entries.append(entry)

    def entries(self, doi: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Return the exchanges in the order in which they ended.

        ``since`` is the ``n`` after which to start; ``doi`` in any case.
        """
        with self._lock:
            found = list(self._entries)
        return [
            {**entry, "body": json.loads(entry["body"]) if entry["body"] else None}
            for entry in found
            if entry["n"] > since and (doi is None or entry["doi"] == doi.lower())
        ]

    def clear(self) -> None:
        """Forget everything but the last number."""
        with self._lock:
            self._entries.clear()

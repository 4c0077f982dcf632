# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The log of API requests, for tests and for inspecting the behavior of a client.

Passwords are never logged: neither the Authorization header nor the body of
``POST /token`` is kept.
"""

from __future__ import annotations

import heapq
import json
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Request, Response

from .auth import Caller
from .faults import Encounter

_LIMIT = 200_000
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass
class Exchange:
    """One API request while it is being answered.

    ``met`` has its faults. They may set ``is_processed`` to false, when the request has
    no effect regardless of the answer, and ``is_answered``, when no answer is sent.
    """

    n: int
    started: float
    caller: Caller = field(default_factory=Caller)
    body: Any = None
    doi: str | None = None
    dropped: list[str] = field(default_factory=list)
    met: Encounter | None = None
    is_processed: bool = True
    is_answered: bool = True


class Journal:
    """The newest 200,000 requests with their answers, in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=_LIMIT)
        self._last = 0

    def open(self) -> Exchange:
        """Start the exchange of a request, with the next number."""
        with self._lock:
            self._last += 1
            return Exchange(self._last, time.time())

    def close(self, exchange: Exchange, request: Request, response: Response) -> None:
        """Log an exchange that has ended."""
        entry = _entry(exchange, request, response)
        entry["ended"] = time.time()
        with self._lock:
            self._entries.append(entry)

    def note(
        self, exchange: Exchange, request: Request, response: Response
    ) -> dict[str, Any]:
        """Log an exchange that continues until ``end``."""
        entry = _entry(exchange, request, response)
        with self._lock:
            self._entries.append(entry)
        return entry

    def end(self, entry: dict[str, Any]) -> None:
        """Log that an exchange has ended."""
        with self._lock:
            entry["ended"] = time.time()

    def entries(self, doi: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Return the exchanges in the order in which they ended.

        Only requests that hang are included before that, with ``ended`` null.
        ``since`` is the ``n`` after which to start; ``doi`` is case-insensitive.
        """
        return [
            {**entry, "body": json.loads(entry["body"]) if entry["body"] else None}
            for entry in self._found(doi, since)
        ]

    def summary(self, doi: str | None = None, since: int = 0) -> dict[str, Any]:
        """Return the numbers of requests, by method and by status.

        ``overlaps`` counts pairs of writes to the same DOI of which one began before
        the other had ended.
        """
        found = self._found(doi, since)
        writes = [
            entry
            for entry in found
            if entry["method"] in _WRITES and entry["path"] != "/dois/validate"
        ]
        statuses = Counter(entry["status"] for entry in found)
        return {
            "requests": len(found),
            "by_method": dict(Counter(entry["method"] for entry in found)),
            "by_status": {
                "null" if status is None else str(status): number
                for status, number in statuses.items()
            },
            "overlaps": _overlaps(writes),
        }

    def _found(self, doi: str | None, since: int) -> list[dict[str, Any]]:
        """Return copies, because an entry may not have ended yet."""
        with self._lock:
            return [
                dict(entry)
                for entry in self._entries
                if entry["n"] > since and (doi is None or entry["doi"] == doi.lower())
            ]

    def clear(self) -> None:
        """Remove all entries, but keep the last number."""
        with self._lock:
            self._entries.clear()


def _entry(exchange: Exchange, request: Request, response: Response) -> dict[str, Any]:
    account = exchange.caller.account
    is_secret = request.path == "/token"
    body = None if is_secret or exchange.body is None else json.dumps(exchange.body)
    return {
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
        "status": response.status_code if exchange.is_answered else None,
        "fault": exchange.met.name if exchange.met else None,
        "processed": exchange.is_processed,
        "dropped": exchange.dropped,
        "doi": exchange.doi.lower() if exchange.doi else None,
        "started": exchange.started,
        "ended": None,
    }


def _overlaps(entries: Iterable[dict[str, Any]]) -> int:
    """Count pairs with the same DOI that overlap in time."""
    by_doi: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry in entries:
        if entry["doi"]:
            ended = float("inf") if entry["ended"] is None else entry["ended"]
            by_doi[entry["doi"]].append((entry["started"], ended))
    count = 0
    for spans in by_doi.values():
        running: list[float] = []
        for started, ended in sorted(spans):
            while running and running[0] <= started:
                heapq.heappop(running)
            count += len(running)
            heapq.heappush(running, ended)
    return count

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The active faults, and their selection for a request."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any

from .fault_scripts import Script, read_scripts
from .store import Store

_LISTS = frozenset({"list_dois"})
_WRITES = frozenset({"create_doi", "upsert_doi", "delete_doi"})
_SHOWS = frozenset({"create_doi", "upsert_doi", "show_doi", "list_dois"})
#: The only routes that a kind of fault affects; other kinds affect all routes.
_ROUTES = {"stale_list": _LISTS, "ignore_write": _WRITES, "wrong_state": _SHOWS}


@dataclass(frozen=True)
class Asked:
    """Properties of a request that faults match; ``route`` is the view's name."""

    method: str
    path: str
    doi: str | None
    route: str


class Pause:
    """An event that ends the waits of requests before their time.

    All waiting requests share one. It is set when the faults are removed or the server
    stops.
    """

    def __init__(self) -> None:
        """Begin; ``is_abandoned`` means that waiting requests get no answer."""
        self._over = threading.Event()
        self.is_abandoned = False

    @property
    def is_over(self) -> bool:
        """Whether the waits are over."""
        return self._over.is_set()

    def sleep(self, seconds: float) -> bool:
        """Wait; return whether the request is still to be answered."""
        self._over.wait(seconds)
        return not self.is_abandoned

    def end(self, is_abandoned: bool = False) -> None:
        """Wake all waiting requests."""
        self.is_abandoned = is_abandoned
        self._over.set()


class Fault:
    """One active fault."""

    def __init__(self, script: Script, mark: int) -> None:
        """Start counting; ``mark`` is the current end of the history of DOIs."""
        self.script = script
        self.kind = script.kind
        self.options = script.options
        self.mark = mark
        self.seen = 0
        self.fired = 0
        # Two generators: the choice of requests does not depend on earlier delays.
        self._chances = random.Random(script.seed)
        self._spans = random.Random(script.seed)

    def as_json(self) -> dict[str, Any]:
        """Return the script with the numbers of requests that matched and were hit."""
        return {**self.script.as_json(), "seen": self.seen, "fired": self.fired}

    def matches(self, asked: Asked) -> bool:
        """Return whether the fault applies to this request."""
        script = self.script
        if script.doi is not None and script.doi != asked.doi:
            return False
        if script.methods is not None and asked.method not in script.methods:
            return False
        if script.path is not None and not asked.path.startswith(script.path):
            return False
        routes = _ROUTES.get(self.kind)
        return routes is None or asked.route in routes

    def decide(self) -> bool:
        """Return whether the next matching request is to be hit.

        A random number is drawn for every request, even for skipped ones, so that the
        choice of the nth request depends only on the seed and on n.
        """
        self.seen += 1
        chosen = self._chances.random() < self.script.share
        is_used_up = self.script.times is not None and self.fired >= self.script.times
        return chosen and self.seen > self.script.after and not is_used_up

    def delay(self) -> float:
        """Return the next delay in seconds."""
        seconds = self.options["seconds"]
        if isinstance(seconds, list):
            return self._spans.uniform(*seconds)
        return float(seconds)


@dataclass(frozen=True)
class Encounter:
    """The faults of one request: at most one fault, and a delay before it.

    ``name`` appears in the log.
    """

    pause: Pause
    fault: Fault | None = None
    delay: float = 0
    is_delayed: bool = False

    @property
    def name(self) -> str | None:
        """The kind of the fault; ``latency`` if there was only a delay."""
        if self.fault is not None:
            return self.fault.kind
        return "latency" if self.is_delayed else None


class Faults:
    """All active faults, in order. Thread-safe."""

    def __init__(self, store: Store) -> None:
        """Start without faults; ``store`` has the history of DOIs."""
        self._store = store
        self._lock = threading.Lock()
        self._active: list[Fault] = []
        self._pause = Pause()

    def add(self, sent: Any) -> None:
        """Add all faults of a script, or raise ScriptError and add none."""
        scripts = read_scripts(sent)
        mark = self._store.mark()
        with self._lock:
            self._active += [Fault(script, mark) for script in scripts]

    def clear(self) -> None:
        """Remove all faults; delayed requests continue."""
        with self._lock:
            self._active = []
            if not self._pause.is_abandoned:
                self._pause.end()
                self._pause = Pause()

    def abandon(self) -> None:
        """Abandon all delayed requests, including future ones."""
        with self._lock:
            self._pause.end(is_abandoned=True)

    def resume(self) -> None:
        """Delay requests again."""
        with self._lock:
            self._pause = Pause()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the active faults and how often each fired."""
        with self._lock:
            return [fault.as_json() for fault in self._active]

    def meet(self, asked: Asked) -> Encounter:
        """Choose the faults of a request.

        Every matching fault counts it, even if another fault takes precedence.
        """
        winner: Fault | None = None
        delay, is_delayed = 0.0, False
        with self._lock:
            for fault in self._active:
                if not fault.matches(asked) or not fault.decide():
                    continue
                if fault.kind == "latency":
                    delay, is_delayed = delay + fault.delay(), True
                elif winner is None:
                    winner = fault
                else:
                    continue
                fault.fired += 1
            return Encounter(self._pause, winner, delay, is_delayed)

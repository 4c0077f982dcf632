# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The active faults, and which of them a request meets."""

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
#: The routes that a kind is about; others do not match it. Most are about all.
_ROUTES = {"stale_list": _LISTS, "ignore_write": _WRITES, "wrong_state": _SHOWS}


@dataclass(frozen=True)
class Asked:
    """What faults can tell a request by; ``route`` is the name of the view."""

    method: str
    path: str
    doi: str | None
    route: str


class Pause:
    """What waiting requests wait for besides the time.

    One for all of them, until it is over: the faults were removed, or the server stops.
    """

    def __init__(self) -> None:
        """Begin; ``is_abandoned`` tells that there is nobody left to answer."""
        self._over = threading.Event()
        self.is_abandoned = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be waited for any more."""
        return self._over.is_set()

    def sleep(self, seconds: float) -> bool:
        """Wait; return whether the request is still of interest to anybody."""
        self._over.wait(seconds)
        return not self.is_abandoned

    def end(self, is_abandoned: bool = False) -> None:
        """Wake everybody up."""
        self.is_abandoned = is_abandoned
        self._over.set()


class Fault:
    """One active fault."""

    def __init__(self, script: Script, mark: int) -> None:
        """Start counting; ``mark`` is how far the history of DOIs went."""
        self.script = script
        self.kind = script.kind
        self.options = script.options
        self.mark = mark
        self.seen = 0
        self.fired = 0
        # Two of them: the requests that are hit do not depend on how long others took.
        self._chances = random.Random(script.seed)
        self._spans = random.Random(script.seed)

    def as_json(self) -> dict[str, Any]:
        """Return the script, how many requests matched, and how many were hit."""
        return {**self.script.as_json(), "seen": self.seen, "fired": self.fired}

    def matches(self, asked: Asked) -> bool:
        """Tell whether the fault is about requests like this one."""
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
        """Tell whether the next matching request is to be hit.

        A number is drawn for every one, also for those that are skipped, so that the
        decision about the nth depends on the seed and on n alone.
        """
        self.seen += 1
        chosen = self._chances.random() < self.script.share
        is_used_up = self.script.times is not None and self.fired >= self.script.times
        return chosen and self.seen > self.script.after and not is_used_up

    def delay(self) -> float:
        """Return the seconds of the next latency."""
        seconds = self.options["seconds"]
        if isinstance(seconds, list):
            return self._spans.uniform(*seconds)
        return float(seconds)


@dataclass(frozen=True)
class Encounter:
    """What one request meets: at most one fault, and a delay before it.

    ``name`` is what the log says.
    """

    pause: Pause
    fault: Fault | None = None
    delay: float = 0
    is_delayed: bool = False

    @property
    def name(self) -> str | None:
        """The kind of the fault; that of a delay if there was nothing else."""
        if self.fault is not None:
            return self.fault.kind
        return "latency" if self.is_delayed else None


class Faults:
    """All active faults, in order. Safe between threads."""

    def __init__(self, store: Store) -> None:
        """Start without any; ``store`` says how far its history goes."""
        self._store = store
        self._lock = threading.Lock()
        self._active: list[Fault] = []
        self._pause = Pause()

    def add(self, sent: Any) -> None:
        """Add the faults of a script, all or none; raises ScriptError."""
        scripts = read_scripts(sent)
        mark = self._store.mark()
        with self._lock:
            self._active += [Fault(script, mark) for script in scripts]

    def clear(self) -> None:
        """Remove all faults; requests that are being held up go on."""
        with self._lock:
            self._active = []
            if not self._pause.is_abandoned:
                self._pause.end()
                self._pause = Pause()

    def abandon(self) -> None:
        """Give up all requests that are held up, and those still to come."""
        with self._lock:
            self._pause.end(is_abandoned=True)

    def resume(self) -> None:
        """Hold up requests again."""
        with self._lock:
            self._pause = Pause()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the active faults and how often each fired."""
        with self._lock:
            return [fault.as_json() for fault in self._active]

    def meet(self, asked: Asked) -> Encounter:
        """Choose what happens to a request.

        Every fault that matches sees it, also those that another one is faster than.
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

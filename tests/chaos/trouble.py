# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Failures in the chaos test, and their schedule."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from demo.site import Instance
from invenio_rdm_doi.registration.models import Registration
from stack.processes import Child, say, wait_until
from stack.services import Services

from .sandbox import ChaosSandbox

START_SECONDS = 180
CLAIM_SECONDS = 0.3
PATIENCE = 20
"""The number of turns to wait for the right moment."""

FAULTS: tuple[dict[str, Any], ...] = (
    # Well below the time-out: DataCite must not process a request that was given up
    # while the next one for the same DOI is sent. Only a protocol could prevent that.
    {"kind": "latency", "seconds": [0.05, 0.5]},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "processed": True},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}},
    {"kind": "status", "status": 504, "processed": True},
    {"kind": "status", "status": 409},
    {"kind": "rate_limit"},
    {"kind": "rate_limit", "retry_after": 1},
    # Longer than the time-out.
    {"kind": "hang", "seconds": 5},
    {"kind": "reset"},
    {"kind": "no_answer"},
    {"kind": "no_answer", "reset": True},
    {"kind": "wrong_state", "state": "draft"},
    {"kind": "wrong_state", "state": "registered"},
    {"kind": "wrong_state", "state": "findable"},
    {"kind": "html"},
    {"kind": "html", "status": 502, "processed": False},
    {"kind": "garbage"},
)
"""Faults of a request that end by themselves.

Not 401, 403 and 404, which stop an account until an operator acts; not 400, 413 and
422, which fail a record; not ``ignore_write``, which only an audit can find.
"""

SHARE = (0.02, 0.1)
AT_ONCE = 6
"""The number of kinds of faults in one phase.

With all kinds at once, DataCite would fail so often that the breaker would let hardly
any request through, and the test would cover less.
"""


class Worker(Child):
    """A Celery worker that can be killed with all of its processes."""

    def __init__(self, number: int, instance: Instance, log: Path) -> None:
        """Prepare the worker; the first one also runs the beat."""
        beat = ("--beat", "--schedule", instance.directory / "beat-schedule")
        super().__init__(
            f"worker {number}",
            [
                Path(sys.executable).with_name("celery"),
                *("--app", "tests.chaos.worker", "worker"),
                *("--hostname", f"worker{number}@%h", "--loglevel", "INFO"),
                *("--concurrency", "2", "--queues", "celery,low"),
                *(beat if number == 1 else ()),
            ],
            log,
            environ=instance.environ,
            cwd=instance.directory,
        )

    def is_ready(self) -> bool:
        """Return whether the worker accepts tasks."""
        return self.running and b" ready." in self.output()

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Wait until the worker accepts tasks."""
        self.wait_ready(self.is_ready, seconds)


@dataclass
class Blow:
    """An action that ends a process, ideally right after a claim of a delivery.

    :param victim: a worker that must have restarted after the last blow, or None.
    """

    strike: Callable[[], None]
    victim: Worker | None = None
    patience: int = PATIENCE


class Trouble:
    """Failures, each at its time in the story.

    :param length: the number of turns of the story.
    """

    def __init__(
        self,
        chance: random.Random,
        length: int,
        dois: int,
        services: Services,
        sandbox: ChaosSandbox,
        workers: list[Worker],
    ) -> None:
        """Plan the failures."""
        self.chance = chance
        self.services, self.sandbox, self.workers = services, sandbox, workers
        self.counts: Counter[str] = Counter()
        self.kills: list[float] = []
        self._faults: list[dict[str, Any]] = []
        self._blows: list[Blow] = []
        self._leased: datetime | None = None
        self._plan = self._make_plan(length, dois)

    def _make_plan(self, length: int, dois: int) -> dict[int, list[Callable]]:
        plan: dict[int, list[Callable]] = {}

        def at(share: float, event: Callable) -> None:
            plan.setdefault(int(share * length), []).append(event)

        # Every kind of fault has one phase, some kinds have two.
        kinds = self.chance.sample(FAULTS, len(FAULTS))
        phases = max(4, dois // 100)
        per_phase = -(-len(kinds) // 4)
        for number in range(phases):
            first = number % 4 * per_phase
            chosen = kinds[first : first + per_phase]
            more = self.chance.choices(FAULTS, k=max(0, AT_ONCE - len(chosen)))
            at(number / phases, self._phase([*chosen, *more]))
        kills = max(3, dois // 100)
        for number in range(kills):
            # Spread the kills, and begin only when there is something to lose.
            share = 0.1 + 0.85 * (number + self.chance.random()) / kills
            victim = self.chance.choice(self.workers)
            at(share, partial(self._add, Blow(partial(self.kill, victim), victim)))
        for strike in (self.lose_broker, self.lose_database, self.lose_sandbox):
            at(self.chance.uniform(0.15, 0.9), partial(self._add, Blow(strike)))
        return plan

    def go(self, number: int) -> None:
        """Cause the failures that are due after a turn of the story."""
        for event in self._plan.get(number, []):
            event()
        # Only one blow at a time.
        if self._blows and self._strike(self._blows[0]):
            del self._blows[0]

    def end(self) -> None:
        """Cause all remaining failures, end the faults, and wait for both workers."""
        for blow in self._blows:
            wait_until(lambda blow=blow: self._strike(blow), START_SECONDS)
        self._set_faults([])
        for worker in self.workers:
            worker.wait()

    def _strike(self, blow: Blow) -> bool:
        """Strike right after a claim; return False if there is none yet."""
        if blow.victim and not blow.victim.is_ready():
            return False
        blow.patience -= 1
        self._leased = _newest_lease()
        hits = wait_until(self._has_claimed, CLAIM_SECONDS, 0.003)
        if not hits and blow.patience:
            return False
        self.counts["blows right after a claim"] += hits
        blow.strike()
        return True

    def _has_claimed(self) -> bool:
        """Return whether a worker has just claimed a registration."""
        # The claims of a killed worker stay leased for a while.
        newest = _newest_lease()
        return newest is not None and (self._leased is None or newest > self._leased)

    def _add(self, blow: Blow) -> None:
        self._blows.append(blow)

    def _phase(self, kinds: list[dict[str, Any]]) -> Callable[[], None]:
        scripts = [
            {
                **kind,
                "share": round(self.chance.uniform(*SHARE), 3),
                "seed": self.chance.getrandbits(32),
            }
            for kind in kinds
        ]

        def begin() -> None:
            self._set_faults(scripts)
            names = (str(one.get("status", one["kind"])) for one in scripts)
            say(f"  faults: {', '.join(names)}")

        return begin

    def _set_faults(self, scripts: list[dict[str, Any]]) -> None:
        self._faults = scripts
        self.sandbox.set_faults(scripts)

    def kill(self, worker: Worker) -> None:
        """Kill a worker with all its processes, and start it again."""
        worker.kill()
        self.kills.append(time.time())
        worker.start()
        self.counts["kills"] += 1
        say(f"  {worker.name} was killed")

    def lose_broker(self) -> None:
        """Restart the broker, which loses all messages and caches."""
        self.services.restart("broker")
        self.counts["broker restarts"] += 1
        say("  the broker was restarted")

    def lose_database(self) -> None:
        """Restart the database during the run."""
        self.services.restart("database")
        db.session.remove()
        db.engine.dispose()
        self.counts["database restarts"] += 1
        say("  the database was restarted")

    def lose_sandbox(self) -> None:
        """Restart the sandbox, which keeps its DOIs, and set the faults again."""
        self.sandbox.restart()
        self._set_faults(self._faults)
        self.counts["sandbox restarts"] += 1
        say("  the sandbox was restarted")


def _newest_lease() -> datetime | None:
    newest = db.session.scalar(sa.select(sa.func.max(Registration.lease_until)))
    db.session.rollback()
    return newest

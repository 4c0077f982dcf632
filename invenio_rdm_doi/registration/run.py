# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Delivery of due registrations, for all accounts at once.

One thread owns the database session; other threads only wait for DataCite. No
transaction is open while they do. Nothing waits between the check and the request.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from ..records.source import Reader
from ..timing import now
from . import marks, queue
from .delivery import IDLE_SECONDS, Delivery, Progress
from .queue import Claim
from .sending import Reply

LONGEST_WAIT_SECONDS = 10
"""A run ends instead of waiting for the rate budget for longer than this."""

MARKS_SECONDS = 0.25
"""Seconds between two batches of marks, while there is other work."""


class Run:
    """A run for several accounts, none of which waits for another.

    Each account has its own window, and accounts at one DataCite address share the rate
    budget evenly.
    """

    def __init__(self, deliveries: Sequence[Delivery]):
        """Constructor.

        :param deliveries: one per account. The first one also settles DOIs whose prefix
            belongs to no account.
        """
        self.deliveries = list(deliveries)
        self._marks, self._marks_at = True, 0.0

    def run(
        self,
        seconds: float | None = None,
        progress: Progress | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Counter[str]:
        """Deliver until nothing is due, or nothing may be sent.

        :param seconds: claim nothing new after this time.
        :param progress: called after each DOI with its claim and outcome.
        :param stopping: returns whether the process is about to end: then nothing is
            claimed, requests in flight are settled, and the rest is given back.
        :returns: the number of deliveries that ended as ``done``, ``unchanged``,
            ``retry``, ``rejected``, ``paused``, ``lost``.
        """
        counts: Counter[str] = Counter()

        def note(claim: Claim, outcome: str) -> None:
            counts[outcome] += 1
            if progress:
                progress(claim, outcome)

        self._marks, self._marks_at = True, 0.0
        reader = Reader.create(self.deliveries[0].settings.metadata)
        self._take_in_strangers()
        end = None if seconds is None else now() + seconds
        threads = sum(delivery.window for delivery in self.deliveries)
        with ThreadPoolExecutor(threads, thread_name_prefix="datacite") as pool:
            while True:
                goes_on = not stopping() and (end is None or now() < end)
                marked = goes_on and self._go_through_marks()
                claimed, pauses = self._turn(pool, reader, goes_on, note)
                if pauses and self._would_wait_long():
                    # Other tasks need the worker; the schedule starts the next run.
                    end = 0.0
                if claimed or pauses or any(d.busy for d in self.deliveries):
                    self._await(min(pauses, default=None), note)
                elif marked:
                    self._marks_at = 0.0
                elif not self._goes_on(goes_on and end != 0.0):
                    return counts

    def _turn(
        self, pool: ThreadPoolExecutor, reader: Reader, goes_on: bool, note: Progress
    ) -> tuple[int, list[float]]:
        """Claim and send for each account.

        :returns: the number of claims, and the seconds to wait for each spent rate
            budget.
        """
        claimed, pauses = 0, []
        for delivery in self._in_turn():
            share = self._share(delivery)
            count, pause = delivery.fill(reader, share, goes_on, note)
            claimed += count
            if pause is not None:
                pauses.append(pause)
            for parcel, start_by in delivery.begin(note):
                future = pool.submit(delivery.sender.send, parcel, start_by)
                delivery.flying[future] = parcel
            if not delivery.busy:
                delivery.breaker.give_probe_back()
        return claimed, pauses

    def _would_wait_long(self) -> bool:
        """Return whether nothing is in flight, and nothing may be sent for long."""
        if any(delivery.flying for delivery in self.deliveries):
            return False
        waits = [
            delivery.client.budget.wait_seconds()
            for delivery in self.deliveries
            if delivery.client.budget is not None
            and (delivery.ready or delivery.is_waiting)
        ]
        return bool(waits) and min(waits) > LONGEST_WAIT_SECONDS

    def _prefixes(self) -> tuple[str, ...]:
        return self.deliveries[0].settings.prefixes

    def _go_through_marks(self) -> bool:
        """Process one more batch of marks; return False if nothing is left."""
        if now() >= self._marks_at:
            self._marks = marks.go_on(self._prefixes()) is not None
            self._marks_at = now() + (MARKS_SECONDS if self._marks else IDLE_SECONDS)
        return self._marks

    def _take_in_strangers(self) -> None:
        """Let the first account settle DOIs whose prefix no longer belongs to any."""
        owned: set[str] = set().union(*(d.account.prefixes for d in self.deliveries))
        known = owned.union(self.deliveries[0].settings.prefixes)
        strangers = set(queue.due_prefixes()) - known
        self.deliveries[0].prefixes = {
            *self.deliveries[0].account.prefixes,
            *strangers,
        }

    def _in_turn(self) -> list[Delivery]:
        """Return the deliveries, starting with another account each time."""
        self.deliveries.append(self.deliveries.pop(0))
        return self.deliveries

    def _share(self, delivery: Delivery) -> int:
        """Return the number of accounts that share a delivery's rate budget now."""
        address = delivery.account.address
        return max(
            1,
            sum(
                other.account.address == address and not other.is_idle
                for other in self.deliveries
            ),
        )

    def _goes_on(self, goes_on: bool) -> bool:
        """Return whether work may be left, now that nothing is in flight."""
        again = False
        for delivery in self.deliveries:
            again = not delivery.asked or again
            again = delivery.give_back_the_rest() or again
        for delivery in self.deliveries:
            delivery.look_again()
        return again and goes_on

    def _await(self, pause: float | None, note: Progress) -> None:
        """Wait for an answer, or for the rate budget.

        Waits no longer than an account may stay idle: a slow answer to one account must
        not delay the others.
        """
        flying: dict[Future[Reply], Delivery] = {
            future: delivery
            for delivery in self.deliveries
            for future in delivery.flying
        }
        if flying:
            longest = IDLE_SECONDS if pause is None else min(pause, IDLE_SECONDS)
            done = wait(flying, timeout=longest, return_when=FIRST_COMPLETED).done
            for delivery in self.deliveries:
                delivery.settle([f for f in done if flying[f] is delivery], note)
            return
        if pause is None:
            ready = [delivery for delivery in self.deliveries if delivery.ready]
            pause = min((delivery.pause() for delivery in ready), default=None)
        if pause is not None:
            time.sleep(pause)

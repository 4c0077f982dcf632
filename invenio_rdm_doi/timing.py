# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A clock for deadlines, and a bound for functions of the site."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def now() -> float:
    """Return seconds of a clock that goes on while the machine is suspended.

    The monotonic clock stands still then, so that a deadline would never pass.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class TookTooLong(Exception):
    """A function of the site did not end in time."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Stop what runs inside after so many seconds.

    By a signal, which only the main thread of a process gets, as in a worker of Celery
    (prefork) and on the command line. In other threads nothing can stop a function; it
    runs to its end there.

    :raises TookTooLong: inside of what runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGALRM) not in (signal.SIG_DFL, signal.SIG_IGN, None):
        # Somebody else uses the alarm; it is not ours to take.
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"it took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

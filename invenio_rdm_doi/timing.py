# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A clock for deadlines, and a time limit for functions of the site."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def now() -> float:
    """Return seconds of a clock that continues while the machine is suspended.

    The monotonic clock stops in this case, so that a deadline would not pass.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class TookTooLong(Exception):
    """A function of the site did not end in time."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Stop the code in the context after the given time.

    A signal stops it, which only the main thread of a process gets, as in a Celery
    worker (prefork) and on the command line. In other threads, a function cannot be
    stopped and runs to its end.

    :raises TookTooLong: inside the context, if the time is over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGALRM) not in (signal.SIG_DFL, signal.SIG_IGN, None):
        # Other code uses the alarm signal; its handler must not be replaced.
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Celery tasks, and the nudge that wakes a worker."""

from __future__ import annotations

import logging
import mmap
import threading
from datetime import timedelta
from typing import Any

from celery import current_app as current_celery
from celery import shared_task
from celery.signals import worker_shutting_down

from .proxies import current_doi

logger = logging.getLogger(__name__)

DELIVER_EVERY = timedelta(minutes=1)

BEAT_SCHEDULE = {
    "invenio-rdm-doi-deliver": {
        "task": "invenio_rdm_doi.tasks.deliver",
        "schedule": DELIVER_EVERY,
        # A worker that was away must not find a heap of the same.
        "options": {"expires": DELIVER_EVERY.total_seconds()},
    }
}
"""Added to the site's ``CELERY_BEAT_SCHEDULE``."""

RUN_SECONDS = 240
"""One task claims nothing new after this time, so that other tasks get their turn."""

LIMIT_MARGIN = 60
"""Seconds that a run ends before the site's time limit of tasks: what is in flight is
settled in that time."""

BROKER_SECONDS = 2
"""How long a web request waits for the broker, whatever the broker does."""

# Shared with the processes that a worker forks: only their parent gets the signal.
_stopping = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _stop(**_kwargs: Any) -> None:
    _stopping[0] = 1


def is_stopping() -> bool:
    """Whether the worker of this process is shutting down."""
    return bool(_stopping[0])


@shared_task(ignore_result=True)
def deliver() -> None:
    """Deliver what is due."""
    if current_doi.enabled:
        current_doi.delivery().run(seconds=run_seconds(), stopping=is_stopping)


def run_seconds() -> float:
    """Return how long a run may claim: less where the site limits its tasks.

    Celery would end a run in the middle otherwise, and leave its claims to their lease.
    """
    conf = current_celery.conf
    limits = [
        limit for limit in (conf.task_soft_time_limit, conf.task_time_limit) if limit
    ]
    if not limits:
        return RUN_SECONDS
    shortest = min(limits)
    return max(1, min(RUN_SECONDS, shortest - LIMIT_MARGIN, shortest / 2))


def nudge() -> bool:
    """Wake a worker, if the broker can be reached at once.

    Never raises and never waits for long: a lost nudge costs at most a minute.

    :returns: whether a worker was called.
    """
    if current_celery.conf.task_always_eager:
        # There is no worker to wake, and a web request must not deliver.
        return False
    return _nudger.call()


class _Nudger:
    """Calls a worker in a thread, and waits for it for a second or two.

    Not every library for brokers has a time-out for everything: one that accepts a
    connection and says nothing would hold a web request for as long as it likes.
    """

    def __init__(self) -> None:
        self._busy: threading.Thread | None = None

    def call(self) -> bool:
        if self._busy is not None and self._busy.is_alive():
            # The broker still has not answered the last one.
            logger.warning("doi.nudge.failed", extra={"reason": "no answer yet"})
            return False
        called = threading.Event()
        failed: list[str] = []

        def send() -> None:
            try:
                _send()
                called.set()
            except Exception as error:  # it is reported, and costs a minute
                failed.append(f"{type(error).__name__}: {error}")

        thread = threading.Thread(target=send, name="doi-nudge", daemon=True)
        thread.start()
        thread.join(BROKER_SECONDS)
        if called.is_set():
            return True
        if thread.is_alive():
            self._busy = thread
        reason = failed[0] if failed else f"no answer in {BROKER_SECONDS} s"
        logger.warning("doi.nudge.failed", extra={"reason": reason})
        return False


_nudger = _Nudger()


def _send() -> None:
    options = dict(current_celery.conf.broker_transport_options or {}) | {
        "max_retries": 0,
        "connect_retries_timeout": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
    }
    with current_celery.connection_for_write(transport_options=options) as broker:
        deliver.apply_async(
            connection=broker, retry=False, expires=DELIVER_EVERY.total_seconds()
        )

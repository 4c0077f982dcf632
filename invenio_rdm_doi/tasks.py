# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Celery tasks, and the nudge that wakes a worker."""

from __future__ import annotations

import logging
import mmap
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app as current_celery
from celery import shared_task
from celery.signals import worker_shutting_down
from sqlalchemy.exc import SQLAlchemyError

from .proxies import current_doi
from .registration import marks, queue, runners
from .timing import now

logger = logging.getLogger(__name__)

DELIVER_EVERY = timedelta(minutes=1)

BEAT_SCHEDULE = {
    "invenio-rdm-doi-deliver": {
        "task": "invenio_rdm_doi.tasks.deliver",
        "schedule": DELIVER_EVERY,
        # A worker that was down must not find many copies of the same task.
        "options": {"expires": DELIVER_EVERY.total_seconds()},
    }
}
"""Added to the site's ``CELERY_BEAT_SCHEDULE``."""

RUN_SECONDS = 60
"""A task makes no new claims after this time, so that other tasks get their turn."""

LIMIT_MARGIN = 60
"""Seconds between the end of a run and the site's time limit for tasks.

The deliveries in flight are settled in this time.
"""

BROKER_SECONDS = 2
"""Maximum time that a web request waits for the broker."""

# Shared with the processes that a worker forks: only the parent gets the signal.
_stopping = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _stop(**_kwargs: Any) -> None:
    _stopping[0] = 1


def is_stopping() -> bool:
    """Return whether the worker of this process is shutting down."""
    return bool(_stopping[0])


@shared_task(ignore_result=True)
def deliver() -> None:
    """Deliver registrations that are due, unless enough runs are already active."""
    if not current_doi.enabled:
        return
    place = runners.take(current_doi.settings.runs)
    if place is None:
        # Another run is active; before it ends, it reads the mark that was left.
        return
    end = now() + run_seconds()
    try:
        while True:
            current_doi.delivery().run(
                seconds=max(0.0, end - now()),
                stopping=lambda: is_stopping() or not place.keep(),
            )
            if is_stopping() or place.is_lost:
                return
            if now() >= end:
                break
            if place.leave():
                return
    finally:
        place.abandon()
    if queue.is_due() or marks.left():
        # The next run starts after the other tasks that wait for this worker.
        nudge()


def run_seconds() -> float:
    """Return for how long a run may claim: less if the site limits the time of tasks.

    Otherwise, Celery would kill a run, and its claims would last until the lease ends.
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
    """Ensure that committed changes are delivered soon.

    An active run gets a mark; otherwise, a message is sent to a worker if the broker is
    reachable immediately. Never raises and never waits for long: a lost nudge delays a
    delivery by at most a minute.

    :returns: whether a run or a worker was notified.
    """
    if _is_eager():
        # There is no worker to wake, and a web request must not deliver.
        return False
    try:
        if runners.call(current_doi.settings.runs):
            return True
    except SQLAlchemyError as error:
        logger.warning("doi.nudge.failed", extra={"reason": type(error).__name__})
        return False
    called = _broker.does(_send)
    if not called:
        _forget_call()
    return called


def _is_eager() -> bool:
    """Return whether tasks run in the calling process, without any workers."""
    return bool(current_celery.conf.task_always_eager)


def _forget_call() -> None:
    try:
        runners.forget_call()
    except SQLAlchemyError:
        # Until the record of the call expires, no other process calls a worker; the
        # schedule still starts a run.
        logger.warning(
            "doi.nudge.failed", extra={"reason": "the database is " "unavailable"}
        )


def reach_broker() -> bool:
    """Return whether the broker answers immediately; sends no message."""
    return _broker.does(_connect)


class _Broker:
    """Access to the broker in a thread, with a wait of at most two seconds.

    Not every broker library has timeouts for all operations: a broker that accepts a
    connection and does not answer would block a web request indefinitely.
    """

    def __init__(self) -> None:
        self._busy: threading.Thread | None = None

    def does(self, action: Callable[[], None]) -> bool:
        """Run an action with the broker; return False if the broker does not answer."""
        if self._busy is not None and self._busy.is_alive():
            # The broker has not answered the previous action yet.
            logger.warning("doi.nudge.failed", extra={"reason": "no answer yet"})
            return False
        done = threading.Event()
        failed: list[str] = []

        def act() -> None:
            try:
                action()
                done.set()
            except Exception as error:  # logged below; delays a delivery by a minute
                failed.append(f"{type(error).__name__}: {error}")

        thread = threading.Thread(target=act, name="doi-nudge", daemon=True)
        thread.start()
        thread.join(BROKER_SECONDS)
        if done.is_set():
            return True
        if thread.is_alive():
            self._busy = thread
        reason = failed[0] if failed else f"no answer in {BROKER_SECONDS} s"
        logger.warning("doi.nudge.failed", extra={"reason": reason})
        return False


_broker = _Broker()


def _connection() -> Any:
    options = dict(current_celery.conf.broker_transport_options or {}) | {
        "max_retries": 0,
        "connect_retries_timeout": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
    }
    return current_celery.connection_for_write(transport_options=options)


def _send() -> None:
    with _connection() as broker:
        deliver.apply_async(
            connection=broker, retry=False, expires=DELIVER_EVERY.total_seconds()
        )


def _connect() -> None:
    with _connection() as broker:
        # Opening the channel requires an answer from the broker.
        broker.default_channel  # noqa: B018

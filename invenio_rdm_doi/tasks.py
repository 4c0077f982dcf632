# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Celery tasks."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import current_app as current_celery
from celery import shared_task
from kombu.exceptions import OperationalError

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


@shared_task(ignore_result=True)
def deliver() -> None:
    """Deliver what is due."""
    if current_doi.enabled:
        current_doi.delivery().run(seconds=RUN_SECONDS)


def nudge() -> bool:
    """Wake a worker, if the broker can be reached at once.

    Never raises and never waits for long: a lost nudge costs at most a minute.

    :returns: whether a worker was called.
    """
    if current_celery.conf.task_always_eager:
        # There is no worker to wake, and a web request must not deliver.
        return False
    options = current_celery.conf.broker_transport_options | {
        "max_retries": 0,
        "connect_retries_timeout": 1,
        "socket_connect_timeout": 1,
    }
    try:
        with current_celery.connection_for_write(transport_options=options) as broker:
            deliver.apply_async(
                connection=broker, retry=False, expires=DELIVER_EVERY.total_seconds()
            )
    except (OperationalError, OSError) as error:
        logger.warning("doi.nudge.failed", extra={"reason": str(error)})
        return False
    return True

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What happens after the commit of a unit of work. None of it may fail a request."""

from __future__ import annotations

import logging

from celery.exceptions import OperationalError as CeleryError
from invenio_rdm_records.services.pids.tasks import register_or_update_pid
from invenio_records_resources.services.uow import Operation, TaskOp
from kombu.exceptions import OperationalError as BrokerError

from .doi import managed_doi
from .tasks import nudge

logger = logging.getLogger(__name__)

UNREACHABLE = (BrokerError, CeleryError, OSError)


class NudgeOp(Operation):
    """Wakes a worker, if one can be reached.

    Best effort: without it, the schedule delivers within a minute.
    """

    def on_post_commit(self, uow) -> None:
        """Run after the commit."""
        nudge()


class HostTasksOp(Operation):
    """Keeps the host's own tasks for identifiers from failing a committed request.

    The host queues ``register_or_update_pid`` for each identifier. For DOIs that this
    package registers it has nothing to do; where a record has no DOI it crashes. For
    all others (OAI, external DOIs) it only changes the local database, so that it can
    run at once when the broker is down; otherwise the request would answer 500 though
    the record is published.
    """

    def __init__(self, record):
        """Constructor.

        :param record: the record of the request.
        """
        self.record = record

    def on_commit(self, uow) -> None:
        """Run before any operation's ``on_post_commit``."""
        # Components see only the operations before them; the host queues some later.
        uow._operations = [
            _Sturdy(op) if _is_host_task(op) else op
            for op in uow._operations
            if not (_is_host_task(op) and self._has_nothing_to_do(op))
        ]

    def _has_nothing_to_do(self, op: TaskOp) -> bool:
        scheme = op._args[1]
        owner = self.record.parent if op._kwargs.get("parent") else self.record
        attributes = (owner.get("pids") or {}).get(scheme)
        return attributes is None or (scheme == "doi" and bool(managed_doi(owner)))


class _Sturdy(Operation):
    """A host's task that runs here and now if the broker does not take it."""

    def __init__(self, op: TaskOp):
        self.op = op

    def on_post_commit(self, uow) -> None:
        """Queue it, or else run it."""
        try:
            self.op.on_post_commit(uow)
        except UNREACHABLE as error:
            logger.warning("doi.broker.unreachable", extra={"reason": str(error)})
            try:
                register_or_update_pid(*self.op._args, **self.op._kwargs)
            except Exception:
                # The record is published; who waits for it must hear that.
                logger.exception("doi.host_task.failed", extra={"args_": self.op._args})


def _is_host_task(op: Operation) -> bool:
    return (
        isinstance(op, TaskOp) and op._celery_task.name == register_or_update_pid.name
    )

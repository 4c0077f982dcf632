# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What happens after the commit of a unit of work. None of it may fail a request."""

from __future__ import annotations

import logging
from typing import Any

from celery.exceptions import OperationalError as CeleryError
from invenio_drafts_resources.services.records.uow import ParentRecordCommitOp
from invenio_rdm_records.services.pids.tasks import register_or_update_pid
from invenio_records_resources.services.uow import Operation, TaskOp
from kombu.exceptions import OperationalError as BrokerError

from ..doi import managed_doi
from ..tasks import nudge

logger = logging.getLogger(__name__)

UNREACHABLE = (BrokerError, CeleryError, OSError)


class NudgeOp(Operation):
    """Wakes a worker, if one can be reached.

    Best effort: without it, the schedule delivers within a minute.
    """

    def on_post_commit(self, uow: Any) -> None:
        """Run after the commit."""
        nudge()


class BrokerMayBeDownOp(Operation):
    """Keeps what comes after the commit from failing a request that succeeded.

    The record is published: who clicked must not read "internal server error" because
    the broker is down. Everything that the host wanted to queue is queued if the broker
    takes it, and done at once otherwise.

    The host's task ``register_or_update_pid`` is left out for DOIs that this package
    registers: it has nothing to do for them, and crashes where a record has no DOI.
    """

    def __init__(self, record: Any):
        """Constructor.

        :param record: the record of the request.
        """
        self.record = record

    def on_commit(self, uow: Any) -> None:
        """Run before any operation's ``on_post_commit``."""
        # Components see only the operations before them; the host queues some later.
        uow._operations = [
            _Sturdy(op)
            for op in uow._operations
            if not (_is_host_task(op) and self._has_nothing_to_do(op))
        ]

    def _has_nothing_to_do(self, op: TaskOp) -> bool:
        scheme = op._args[1]
        owner = self.record.parent if op._kwargs.get("parent") else self.record
        attributes = (owner.get("pids") or {}).get(scheme)
        return attributes is None or (scheme == "doi" and bool(managed_doi(owner)))


class _Sturdy(Operation):
    """An operation that does at once what the broker does not take."""

    def __init__(self, op: Operation):
        self.op = op

    def on_commit(self, uow: Any) -> None:
        self.op.on_commit(uow)

    def on_post_commit(self, uow: Any) -> None:
        try:
            self.op.on_post_commit(uow)
        except UNREACHABLE as error:
            extra = {"operation": type(self.op).__name__, "reason": str(error)}
            logger.warning("doi.broker.unreachable", extra=extra)
            try:
                self._do_at_once(uow)
            except Exception:
                logger.exception("doi.broker.lost", extra=extra)

    def _do_at_once(self, uow: Any) -> None:
        if _is_host_task(self.op):
            register_or_update_pid(*self.op._args, **self.op._kwargs)
        elif isinstance(self.op, ParentRecordCommitOp):
            self.op._bulk_index = False
            self.op.on_post_commit(uow)
        else:
            raise NoFallback(type(self.op).__name__)


class NoFallback(Exception):
    """An operation needs the broker, and there is no other way; it is lost."""


def _is_host_task(op: Operation) -> bool:
    return (
        isinstance(op, TaskOp) and op._celery_task.name == register_or_update_pid.name
    )

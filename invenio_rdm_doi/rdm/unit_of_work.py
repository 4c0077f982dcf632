# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Operations after the commit of a unit of work. None of them may fail a request."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app as current_celery
from celery.exceptions import OperationalError as CeleryError
from flask import Flask
from invenio_drafts_resources.services.records.uow import ParentRecordCommitOp
from invenio_rdm_records.services.pids.tasks import register_or_update_pid
from invenio_records_resources.services.uow import Operation, TaskOp, UnitOfWork
from kombu.exceptions import OperationalError as BrokerError

from .. import hooks
from ..doi import managed_doi
from ..tasks import nudge, reach_broker

logger = logging.getLogger(__name__)

UNREACHABLE = (BrokerError, CeleryError, OSError)


def use(app: Flask) -> None:
    """Note whether operations have the private attributes that are needed here."""
    op = TaskOp(register_or_update_pid)
    private = ("_celery_task", "_args", "_kwargs")
    found = all(hasattr(op, name) for name in private)
    hooks.note(app, "unit_of_work", found and hasattr(UnitOfWork(), "_operations"))


class NudgeOp(Operation):
    """Wakes a worker, if one can be reached.

    This is a best effort: without it, the schedule delivers within a minute.
    """

    def on_post_commit(self, uow: Any) -> None:
        """Run after the commit."""
        nudge()


class BrokerMayBeDownOp(Operation):
    """Prevents operations after the commit from failing a request that succeeded.

    The record is published: the depositor must not see "internal server error" because
    the broker is down, and must not wait for a broker that accepts connections but does
    not answer. InvenioRDM's tasks are queued if the broker accepts them, and run
    immediately otherwise.

    InvenioRDM's task ``register_or_update_pid`` is left out for DOIs of this record
    that this package registers, because it has nothing to do for them.
    """

    def __init__(self, record: Any):
        """Constructor.

        :param record: the record of the request.
        """
        self.record = record

    def on_commit(self, uow: Any) -> None:
        """Run before any operation's ``on_post_commit``."""
        # Components see only earlier operations; InvenioRDM adds some later.
        broker = _Broker()
        uow._operations = [
            _Sturdy(op, broker)
            for op in uow._operations
            if not has_nothing_to_do(op, self.record)
        ]


def has_nothing_to_do(op: Operation, record: Any) -> bool:
    """Return whether an operation is a ``register_or_update_pid`` task without work.

    It has no work for a DOI that this package registers, and for a missing PID.

    :param record: only tasks for this record and its parent are considered: a unit of
        work may contain tasks for other records, too.
    """
    if not _is_host_task(op) or op._args[0] != record.get("id"):
        return False
    scheme = op._args[1]
    owner = record.parent if op._kwargs.get("parent") else record
    attributes = (owner.get("pids") or {}).get(scheme)
    return attributes is None or (scheme == "doi" and bool(managed_doi(owner)))


class _Broker:
    """The state of the broker; checked once per unit of work, for a second or two."""

    def __init__(self) -> None:
        self._answers: bool | None = None

    @property
    def answers(self) -> bool:
        if self._answers is None:
            # A site that runs its tasks eagerly needs no broker.
            self._answers = current_celery.conf.task_always_eager or reach_broker()
        return self._answers


class _Sturdy(Operation):
    """An operation that runs immediately if the broker does not accept it."""

    def __init__(self, op: Operation, broker: _Broker):
        self.op = op
        self.broker = broker

    def on_register(self, uow: Any) -> None:
        self.op.on_register(uow)

    def on_commit(self, uow: Any) -> None:
        self.op.on_commit(uow)

    def on_exception(self, uow: Any, exception: Any) -> None:
        self.op.on_exception(uow, exception)

    def on_rollback(self, uow: Any) -> None:
        self.op.on_rollback(uow)

    def on_post_rollback(self, uow: Any) -> None:
        self.op.on_post_rollback(uow)

    def on_post_commit(self, uow: Any) -> None:
        if self._needs_broker and not self.broker.answers:
            self._do_without_broker(uow, "the broker does not answer")
            return
        try:
            self.op.on_post_commit(uow)
        except UNREACHABLE as error:
            self._do_without_broker(uow, str(error))

    @property
    def _needs_broker(self) -> bool:
        return isinstance(self.op, TaskOp) or (
            isinstance(self.op, ParentRecordCommitOp) and self.op._bulk_index
        )

    def _do_without_broker(self, uow: Any, reason: str) -> None:
        extra = {"operation": type(self.op).__name__, "reason": reason}
        logger.warning("doi.broker.unreachable", extra=extra)
        try:
            self._do_at_once(uow)
        except Exception:
            logger.exception("doi.broker.lost", extra=extra)

    def _do_at_once(self, uow: Any) -> None:
        if _is_host_task(self.op):
            register_or_update_pid(*self.op._args, **self.op._kwargs)
        elif isinstance(self.op, TaskOp):
            # Run another task of InvenioRDM immediately, as a worker would.
            self.op._celery_task.apply(self.op._args, self.op._kwargs, throw=True)
        elif isinstance(self.op, ParentRecordCommitOp):
            self.op._bulk_index = False
            self.op.on_post_commit(uow)
        else:
            raise NoFallback(type(self.op).__name__)


class NoFallback(Exception):
    """An operation cannot run without the broker, and is lost."""


def _is_host_task(op: Operation) -> bool:
    return (
        isinstance(op, TaskOp) and op._celery_task.name == register_or_update_pid.name
    )

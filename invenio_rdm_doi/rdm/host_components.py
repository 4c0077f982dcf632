# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: InvenioRDM's PID components, without their tasks for managed DOIs."""

from __future__ import annotations

from typing import Any

from invenio_rdm_records.services.components import ParentPIDsComponent, PIDsComponent

from .unit_of_work import has_nothing_to_do


class _LeavesOutTasks:
    """A unit of work that ignores InvenioRDM's tasks for managed DOIs.

    These tasks have nothing to do, because the delivery does their work.
    """

    def __init__(self, uow: Any, component: _WithoutTasks):
        self._uow = uow
        self._component = component

    def register(self, op: Any) -> None:
        if not self._component.is_needless(op):
            self._uow.register(op)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)


class _WithoutTasks:
    """Registers no InvenioRDM tasks for DOIs that this package registers."""

    _record: Any = None
    _uow: Any = None

    @property
    def uow(self) -> Any:
        """The unit of work."""
        return _LeavesOutTasks(self._uow, self)

    @uow.setter
    def uow(self, value: Any) -> None:
        self._uow = value

    def is_needless(self, op: Any) -> bool:
        """Return whether an operation is a task for a managed DOI or a missing PID."""
        return self._record is not None and has_nothing_to_do(op, self._record)

    def publish(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Process PIDs on publish."""
        self._record = record
        super().publish(identity, draft=draft, record=record, **kwargs)  # type: ignore[misc]

    def delete_record(
        self, identity: Any, data: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Process PIDs on delete record."""
        self._record = record
        super().delete_record(identity, data=data, record=record, **kwargs)  # type: ignore[misc]

    def restore_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """Restore previously invalidated PIDs."""
        self._record = record
        super().restore_record(identity, record=record, **kwargs)  # type: ignore[misc]


class DOIPIDsComponent(_WithoutTasks, PIDsComponent):
    """InvenioRDM's component for PIDs of records, without tasks for managed DOIs."""


class DOIParentPIDsComponent(_WithoutTasks, ParentPIDsComponent):
    """InvenioRDM's component for PIDs of parents, without tasks for managed DOIs."""

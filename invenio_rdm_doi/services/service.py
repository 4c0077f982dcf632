# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI of a record or a draft, as somebody may know it."""

from __future__ import annotations

from typing import Any

from invenio_rdm_records.proxies import current_rdm_records
from invenio_records_resources.services import Service

from ..doi import doi_attributes, managed_doi
from ..provider import DOIClient
from ..proxies import current_doi
from ..records.find import other_owner
from ..registration.models import Registration, Status
from ..typed import Typed, verdict
from .form import choices, chosen

QUIET = {
    Status.REGISTERED: "registered",
    Status.PENDING: "pending",
    Status.RETRYING: "pending",
    # What is wrong is for those who can mend it; others wait.
    Status.FAILED: "pending",
    Status.HELD: "held",
    Status.HIDDEN: "hidden",
    Status.RESERVED: "reserved",
}
"""A registration's status, for those who may read the record."""


class DOIService(Service):
    """Reads; everything is changed through the records service."""

    def read_draft(
        self, identity, id_: str, typed: str | None = None
    ) -> dict[str, Any]:
        """What the deposit form's field needs to know of a draft's DOI.

        :param id_: identifier of the draft.
        :param typed: a DOI that was typed as one that exists already; it is looked at.
        :returns: ``doi`` (``identifier`` and ``provider``, or None), ``status`` of its
            registration (or None), ``will_be`` (the DOI that a new one would be),
            ``restricted``, ``embargo_until``, ``test_mode``, ``delayed`` (nothing is
            sent at present, and it is nobody's fault here), ``choices`` (what may be
            chosen instead, see :class:`~.form.Choices`), and ``typed`` if asked for.
        :raises PermissionDeniedError: who may not see the draft.
        :raises RecordDeletedException: its published record was deleted.
        """
        draft = self._records.read_draft(identity, id_)._record
        access = draft.get("access") or {}
        attributes = doi_attributes(draft)
        registration = _registration(draft)
        found = {
            "doi": {
                key: attributes[key]
                for key in ("identifier", "provider")
                if key in attributes
            }
            or None,
            "chosen": chosen(draft),
            "choices": choices(identity, draft).to_dict(),
            "status": registration.status.value if registration else None,
            "will_be": DOIClient(current_doi.settings).foresee_doi(draft),
            "restricted": access.get("record") == "restricted",
            "embargo_until": (access.get("embargo") or {}).get("until"),
            "test_mode": current_doi.settings.test_mode,
            "delayed": current_doi.breaker().report()["state"] != "closed",
        }
        if typed is not None:
            found["typed"] = self._look_at(identity, typed, draft).to_dict()
        return found

    def look_at(self, identity, typed: str) -> dict[str, Any]:
        """What is to be said about a DOI typed into a draft that was never saved.

        :returns: ``typed``, as :meth:`read_draft`.
        :raises PermissionDeniedError: who may not make drafts.
        """
        self._records.require_permission(identity, "create")
        return {"typed": self._look_at(identity, typed).to_dict()}

    def read(self, identity, id_: str) -> dict[str, Any]:
        """How far the DOI of a published record is.

        :returns: ``doi``, ``status`` (registered, pending, held, hidden, reserved, or
            None: this package does not register it), ``concept`` with the same two of
            the concept DOI; and, for those who may edit the record, ``problem``: None,
            or ``code`` and ``complaints`` with the field to mend.
        :raises PermissionDeniedError: who may not see the record.
        :raises RecordDeletedException: who may not see deleted records.
        """
        record = self._records.read(identity, id_, include_deleted=True)._record
        found = _quiet(record)
        found["concept"] = _quiet(record.parent)
        if self._records.check_permission(identity, "edit", record=record):
            found["problem"] = _problem(record)
        return found

    @property
    def _records(self):
        return current_rdm_records.records_service

    def _look_at(self, identity, typed: str, draft=None) -> Typed:
        found = verdict(typed, current_doi.settings.account.prefixes)
        if not found.ok:
            return found
        other = other_owner(found.doi, draft)
        return found.used_by(self._page(identity, other)) if other else found

    def _page(self, identity, owner_id) -> str | None:
        """The identifier of another record, if the reader may see it."""
        records = list(self._records.record_cls.get_records([owner_id]))
        if records and self._records.check_permission(
            identity, "read", record=records[0]
        ):
            return records[0].pid.pid_value
        return None


def _registration(owner) -> Registration | None:
    """Of the owner's DOI, if it is the owner's: a draft may say that it has any."""
    doi = managed_doi(owner)
    return (
        Registration.query.filter_by(doi=doi, owner_id=owner.id).one_or_none()
        if doi
        else None
    )


def _quiet(owner) -> dict[str, Any]:
    registration = _registration(owner)
    status = QUIET[registration.status] if registration else None
    return {"doi": managed_doi(owner), "status": status}


def _problem(owner) -> dict[str, Any] | None:
    """Why DataCite has not got it; without what is only for operators."""
    registration = _registration(owner)
    if registration is None or registration.status is not Status.FAILED:
        return None
    error = registration.error or {}
    return {
        "code": error.get("code"),
        "complaints": [
            {"field": item.get("field"), "title": item.get("title")}
            for item in error.get("complaints", [])
        ],
    }

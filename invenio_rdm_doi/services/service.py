# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI of a record or a draft, as somebody may know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from invenio_rdm_records.proxies import current_rdm_records
from invenio_records_resources.services import Service
from invenio_records_resources.services.uow import unit_of_work

from ..choices.existing_doi import Typed, verdict
from ..choices.new_doi import foresee_doi
from ..choices.options import MANAGED, choices, chosen, is_required
from ..choices.prefix import may_change
from ..doi import doi_attributes, doi_key, managed_doi, same_doi
from ..metadata.describe import describe_record
from ..proxies import current_doi
from ..records.pids import other_owner
from ..records.source import Reader
from ..registration import intake, report
from ..registration.breaker import RUNNING
from ..registration.dead import is_dead, is_delayed
from ..registration.models import Kind, Registration, Status
from ..states import FINDABLE
from ..validation.draft import draft_notes, payload
from .attention import failed
from .ownership import NotRemovable
from .problems import problem
from .refusals import refusal
from .results import DOIResult

COMMONS = {
    False: "https://commons.datacite.org/doi.org/",
    True: "https://commons.stage.datacite.org/doi.org/",
}
"""DataCite Commons, of production and of the test system."""

STATUS_FOR_READERS = {
    Status.FINDABLE: "findable",
    Status.PENDING: "pending",
    Status.RETRYING: "pending",
    # What is wrong is for those who can mend it; others wait.
    Status.FAILED: "pending",
    Status.WITHHELD: "withheld",
    Status.HIDDEN: "hidden",
    Status.RESERVED: "reserved",
}
"""A registration's status, for those who may read the record."""


class DOIService(Service):
    """Reads; everything is changed through the records service."""

    def read_draft(
        self, identity: Any, id_: str, typed: str | None = None
    ) -> DOIResult:
        """What the deposit form's field needs to know of a draft's DOI.

        :param id_: identifier of the draft.
        :param typed: a DOI that was typed as one that exists already; it is looked at.
        :returns: ``doi`` (``identifier`` and ``provider``, or None), ``status`` of its
            registration (or None), ``will_be`` (the DOI that a new one would be),
            ``may_change`` (it would be another one in another community),
            ``restricted``, ``embargo_until``, ``test_mode``, ``delayed`` (nothing is
            sent at present, and it is nobody's fault here), ``restricted_policy``
            (RDM_RECORDS_DOI_DATACITE_RESTRICTED of its account), ``reviewed`` (somebody
            else accepts it before it is published), ``discard_changes`` (discarding the
            reserved DOI has an effect: the draft would not get the same one again),
            ``problem`` (for those who may edit it: why DataCite refused what was
            published, as :meth:`read`, as far as the draft did not change it),
            ``choices`` (what may be
            chosen instead, see :class:`.choices.options.Choices`), ``notes`` (what
            DataCite would get in another form, or not at all: ``field`` and
            ``message``), and ``typed`` if asked for.
        :raises PermissionDeniedError: who may not see the draft.
        :raises RecordDeletedException: its published record was deleted.
        """
        draft = self._records.read_draft(identity, id_)._record
        if typed is not None:
            # Who may only look at a draft learns nothing about other records.
            self._records.require_permission(identity, "update_draft", record=draft)
        may_edit = self._records.check_permission(
            identity, "update_draft", record=draft
        )
        access = draft.get("access") or {}
        attributes = doi_attributes(draft)
        registration = _registration(draft)
        will_be = foresee_doi(current_doi.settings, draft)
        account = current_doi.account_of(will_be)
        saved = managed_doi(draft)
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
            "will_be": will_be,
            "may_change": not managed_doi(draft)
            and may_change(current_doi.settings, draft),
            "restricted": access.get("record") == "restricted",
            "embargo_until": (access.get("embargo") or {}).get("until"),
            "test_mode": account.test_mode,
            "delayed": current_doi.breaker(account).report()["state"] != RUNNING,
            "restricted_policy": account.restricted,
            "reviewed": _is_reviewed(draft),
            "discard_changes": saved is not None
            and (account.reserve_remotely or not same_doi(saved, _anew(draft))),
            "problem": refusal(draft) if may_edit else None,
            "notes": draft_notes(draft, chosen(draft) == MANAGED),
        }
        if typed is not None:
            found["typed"] = self._look_at(identity, typed, draft).to_dict()
        return self.result_item(self, identity, found)

    def look_at(self, identity: Any, typed: str) -> DOIResult:
        """What is to be said about a DOI typed into a draft that was never saved.

        :returns: ``typed``, as :meth:`read_draft`.
        :raises PermissionDeniedError: who may not make drafts.
        """
        self._records.require_permission(identity, "create")
        found = {"typed": self._look_at(identity, typed).to_dict()}
        return self.result_item(self, identity, found)

    def read(self, identity: Any, id_: str) -> DOIResult:
        """How far the DOI of a published record is.

        :returns: ``doi``, ``status`` (findable, pending, withheld, hidden, reserved, or
            None: this package does not register it), ``active`` (DataCite has it, and
            it leads to the record), ``overdue`` (it should be, and nobody knows when it
            will), ``concept`` with the same of the concept DOI, and
            ``test_mode``. For those who may edit the record, a status may be failed;
            they get, of each DOI, ``problem`` (None, or ``code`` and ``complaints``
            with the field to mend) and ``delayed`` (it takes longer than usual, and
            nobody has to do anything), ``embargo_until`` of a restricted record, and
            ``is_latest``: whether the concept DOI speaks of this version.
        :raises PermissionDeniedError: who may not see the record.
        :raises RecordDeletedException: who may not see deleted records.
        """
        record = self._records.read(identity, id_, include_deleted=True)._record
        may_edit = self._records.check_permission(identity, "edit", record=record)
        found = _standing(record, may_edit)
        found["concept"] = _standing(record.parent, may_edit)
        account = current_doi.account_of(
            managed_doi(record) or managed_doi(record.parent)
        )
        found["test_mode"] = account.test_mode
        if may_edit:
            found["embargo_until"] = _embargo_until(record)
            found["is_latest"] = record.versions.is_latest
        return self.result_item(self, identity, found)

    def describe(self, identity: Any, id_: str) -> DOIResult:
        """What DataCite gets of a published record; for those who may edit it.

        :returns: ``attributes`` (as its REST API takes them; None: it gets nothing of
            this record), ``notes`` (as :meth:`read_draft`) and ``commons``: the page of
            the DOI in DataCite Commons.
        :raises PermissionDeniedError: who may not edit the record.
        """
        record = self._records.read(identity, id_, include_deleted=True)._record
        self._records.require_permission(identity, "edit", record=record)
        doi = managed_doi(record)
        is_public = (record.get("access") or {}).get("record") == "public"
        found: dict[str, Any] = {"attributes": None, "notes": [], "commons": None}
        if doi and is_public and not record.deletion_status.is_deleted:
            source = Reader.create(current_doi.metadata_settings).source(record)
            description = describe_record(source)
            base = COMMONS[current_doi.account_of(doi).test_mode]
            found = {
                "attributes": payload(doi, description),
                "notes": [note.to_dict() for note in description.notes],
                "commons": f"{base}{quote(doi, safe='/')}",
            }
        return self.result_item(self, identity, found)

    @unit_of_work()
    def remove(self, identity: Any, id_: str, uow: Any = None) -> DOIResult:
        """Take a published DOI off its record, with the record's next publish.

        :returns: as :meth:`read`.
        :raises PermissionDeniedError: who may not manage identifiers.
        :raises NotRemovable: it has no DOI of this repository, or every record has one.
        """
        record = self._records.record_cls.pid.resolve(id_)
        self._records.require_permission(identity, "pid_manage", record=record)
        doi = managed_doi(record)
        if doi is None:
            raise NotRemovable("The record has no DOI of this repository.")
        if is_required():
            raise NotRemovable(
                "Every record of this repository has a DOI: it cannot be taken away."
            )
        intake.request_removal(doi, Kind.RECORD, record.id)
        return self.result_item(self, identity, {"doi": doi, "removal": True})

    def attention(self, identity: Any, ids: Sequence[str]) -> DOIResult:
        """Which records have DOIs that the reader must look after.

        :param ids: identifiers of records; what is no record, or one that the reader
            may not edit, is passed over.
        :returns: by identifier, ``status`` (failed), ``code`` and ``complaints`` as
            :meth:`read` has them.
        :raises PermissionDeniedError: who has no uploads: nobody is logged in.
        """
        self._records.require_permission(identity, "search_drafts")
        found: dict[str, dict[str, Any]] = {}
        for pid_value, record, registration in failed(ids):
            if pid_value not in found and self._records.check_permission(
                identity, "edit", record=record
            ):
                status = registration.status.value
                found[pid_value] = {"status": status, **(problem(registration) or {})}
        return self.result_item(self, identity, found)

    @property
    def _records(self) -> Any:
        return current_rdm_records.records_service

    def _look_at(self, identity: Any, typed: str, draft: Any = None) -> Typed:
        found = verdict(typed, current_doi.settings.prefixes)
        if not found.ok:
            return found
        other = other_owner(found.doi, draft)
        return found.used_by(self._page(identity, other)) if other else found

    def _page(self, identity: Any, owner_id: Any) -> str | None:
        """The identifier of another record, if the reader may see it."""
        records = list(self._records.record_cls.get_records([owner_id]))
        if records and self._records.check_permission(
            identity, "read", record=records[0]
        ):
            return records[0].pid.pid_value
        return None


def _registration(owner: Any) -> Registration | None:
    """Of the owner's DOI, if it is the owner's: a draft may say that it has any."""
    doi = managed_doi(owner)
    return (
        Registration.query.filter_by(
            doi_key=doi_key(doi), owner_id=owner.id
        ).one_or_none()
        if doi
        else None
    )


def _standing(owner: Any, may_edit: bool) -> dict[str, Any]:
    """How far a DOI is; why it is no further is for those who can do something."""
    registration = _registration(owner)
    found: dict[str, Any] = {
        "doi": managed_doi(owner),
        "status": None,
        "active": False,
        "overdue": False,
    }
    if registration:
        account = current_doi.account_of(registration.doi)
        unknown = report.is_unknown(registration, account.id)
        found["status"] = STATUS_FOR_READERS[registration.status]
        found["active"] = registration.confirmed_state == FINDABLE and not unknown
        if unknown and registration.status is Status.FINDABLE:
            # Another account confirmed it, or another address: this one was not asked.
            found["status"] = Status.PENDING.value
        is_withheld = registration.status is Status.WITHHELD
        found["overdue"] = is_dead(registration) and not is_withheld
    if may_edit:
        found["problem"] = problem(registration)
        found["delayed"] = is_delayed(registration)
        if found["problem"]:
            found["status"] = Status.FAILED.value
    return found


def _anew(draft: Any) -> str | None:
    """The DOI that a draft would get if its own was discarded."""
    return foresee_doi(current_doi.settings, draft, as_saved=False)


def _is_reviewed(draft: Any) -> bool:
    """Whether a curator publishes the draft."""
    return not draft.is_published and draft.parent.review is not None


def _embargo_until(record: Any) -> str | None:
    """When the record becomes public by itself."""
    access = record.get("access") or {}
    embargo = access.get("embargo") or {}
    restricted = access.get("record") == "restricted"
    return embargo.get("until") if restricted and embargo.get("active") else None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI of a record or a draft, as far as the user may see it."""

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
"""DataCite Commons by test mode: production (False) and the test system (True)."""

STATUS_FOR_READERS = {
    Status.FINDABLE: "findable",
    Status.PENDING: "pending",
    Status.RETRYING: "pending",
    # Only users who can fix a failure see it; for others the DOI is pending.
    Status.FAILED: "pending",
    Status.WITHHELD: "withheld",
    Status.HIDDEN: "hidden",
    Status.RESERVED: "reserved",
}
"""Status of a registration as shown to users who may read the record."""


class DOIService(Service):
    """Service that reads DOIs; most changes go through the records service."""

    def read_draft(
        self, identity: Any, id_: str, typed: str | None = None
    ) -> DOIResult:
        """Return the data about a draft's DOI that the deposit form's field needs.

        :param id_: identifier of the draft.
        :param typed: a DOI that was entered as an existing (external) DOI, to be
            checked.
        :returns: ``doi`` (``identifier`` and ``provider``, or None), ``chosen`` (the
            current choice), ``status`` of its registration (or None), ``will_be`` (the
            DOI that the draft has or would get), ``may_change`` (the new DOI depends on
            the draft's community), ``restricted``, ``embargo_until``, ``test_mode``,
            ``delayed`` (deliveries of the account are not running at present; the draft
            is not the cause), ``restricted_policy``
            (RDM_RECORDS_DOI_DATACITE_RESTRICTED of its account), ``reviewed`` (the
            draft is reviewed before it is published), ``discard_changes`` (discarding
            the reserved DOI has an effect: the draft would not get the same one again),
            ``problem`` (for users who may edit the draft: why DataCite refused the
            published record, as in :meth:`read`, without the fields that the draft has
            changed since), ``choices`` (the choices that are allowed, see
            :class:`.choices.options.Choices`), ``notes`` (values that DataCite would
            get in another form, or not at all: ``field`` and ``message``), and
            ``typed`` (the result of the check) if the parameter is given.
        :raises PermissionDeniedError: if the user may not read the draft.
        :raises RecordDeletedException: if the draft's published record was deleted.
        """
        draft = self._records.read_draft(identity, id_)._record
        if typed is not None:
            # Users who may only read a draft must not learn about other records.
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
        """Check an existing DOI that was entered into a draft that was never saved.

        :returns: ``typed``, as in :meth:`read_draft`.
        :raises PermissionDeniedError: if the user may not create drafts.
        """
        self._records.require_permission(identity, "create")
        found = {"typed": self._look_at(identity, typed).to_dict()}
        return self.result_item(self, identity, found)

    def read(self, identity: Any, id_: str) -> DOIResult:
        """Return the status of a published record's DOI and concept DOI.

        :returns: ``doi``, ``status`` (findable, pending, withheld, hidden, reserved, or
            None: this package does not register it), ``active`` (DataCite has the DOI,
            and it leads to the record), ``overdue`` (the DOI should be active, and it
            is not known when it will be), ``concept`` with the same fields for the
            concept DOI, and ``test_mode``. Users who may edit the record can also get
            the status failed; for each DOI, they get ``problem`` (None, or ``code`` and
            ``complaints`` with the field to correct) and ``delayed`` (it takes longer
            than usual, but no action is needed), and for the record ``embargo_until``
            (if it is restricted) and ``is_latest`` (whether the concept DOI describes
            this version).
        :raises PermissionDeniedError: if the user may not read the record.
        :raises RecordDeletedException: if the record was deleted and the user may not
            read deleted records.
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
        """Return the metadata that DataCite gets of a published record.

        Only users who may edit the record may see them.

        :returns: ``attributes`` (in the form of DataCite's REST API; None: DataCite
            gets nothing of this record), ``notes`` (as in :meth:`read_draft`) and
            ``commons``: the page of the DOI in DataCite Commons.
        :raises PermissionDeniedError: if the user may not edit the record.
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
        """Request the removal of a record's DOI with the record's next publish.

        :returns: ``doi`` and ``removal`` (always True).
        :raises PermissionDeniedError: if the user may not manage identifiers.
        :raises NotRemovable: if the record has no DOI of this repository, or if DOIs
            are required for all records.
        """
        record = self._records.record_cls.pid.resolve(id_)
        self._records.require_permission(identity, "pid_manage", record=record)
        doi = managed_doi(record)
        if doi is None:
            raise NotRemovable("The record has no DOI of this repository.")
        if is_required():
            raise NotRemovable(
                "Every record of this repository has a DOI: it cannot be removed."
            )
        intake.request_removal(doi, Kind.RECORD, record.id)
        return self.result_item(self, identity, {"doi": doi, "removal": True})

    def attention(self, identity: Any, ids: Sequence[str]) -> DOIResult:
        """Return the records with failed DOIs that the user can correct.

        :param ids: identifiers of records; other identifiers, and records that the user
            may not edit, are skipped.
        :returns: by identifier, ``status`` (failed), ``code`` and ``complaints`` as in
            :meth:`read`.
        :raises PermissionDeniedError: if the user is not logged in, and so has no
            uploads.
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
        """Return the identifier of another record, if the user may read it."""
        records = list(self._records.record_cls.get_records([owner_id]))
        if records and self._records.check_permission(
            identity, "read", record=records[0]
        ):
            return records[0].pid.pid_value
        return None


def _registration(owner: Any) -> Registration | None:
    """Return the registration of the owner's DOI.

    Filters by the owner as well, because a draft may claim any DOI.
    """
    doi = managed_doi(owner)
    return (
        Registration.query.filter_by(
            doi_key=doi_key(doi), owner_id=owner.id
        ).one_or_none()
        if doi
        else None
    )


def _standing(owner: Any, may_edit: bool) -> dict[str, Any]:
    """Return the status of a DOI; the reasons only for users with edit access."""
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
            # Confirmed by another account or at another address, not by this one.
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
    """Return the DOI that a draft would get if its reserved DOI were discarded."""
    return foresee_doi(current_doi.settings, draft, as_saved=False)


def _is_reviewed(draft: Any) -> bool:
    """Return whether a reviewer publishes the draft."""
    return not draft.is_published and draft.parent.review is not None


def _embargo_until(record: Any) -> str | None:
    """Return the day on which an embargo ends and the record becomes public."""
    access = record.get("access") or {}
    embargo = access.get("embargo") or {}
    restricted = access.get("record") == "restricted"
    return embargo.get("until") if restricted and embargo.get("active") else None

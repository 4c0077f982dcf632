# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hooks of the records service: request a registration in the same transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Flask
from invenio_db import db
from invenio_drafts_resources.services.records.components import ServiceComponent
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.services.components import (
    DefaultRecordsComponents,
    ParentPIDsComponent,
    PIDsComponent,
)
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from .. import hooks
from ..choices.next_version import provider_error, site_validator
from ..doi import (
    DATACITE,
    any_doi,
    doi_attributes,
    is_embargoed,
    managed_doi,
    same_doi,
    wants_managed,
)
from ..records.versions import Around, around
from ..registration import intake
from ..registration.intake import Request
from ..registration.models import Kind, Priority
from ..validation.draft import draft_errors
from . import publishing
from .choice_component import DOIChoiceComponent
from .field_errors import explain, one_message_each
from .host_components import DOIParentPIDsComponent, DOIPIDsComponent
from .unit_of_work import BrokerMayBeDownOp, NudgeOp


class DOIComponent(ServiceComponent):
    """Requests the registration of a record's DOI and of its concept DOI.

    It also reports to depositors the metadata that DataCite would refuse: while they
    edit, and at the latest when they publish.
    """

    def create(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kw: Any,
    ) -> None:
        """Report the errors of a draft that is saved for the first time."""
        if errors is not None:
            explain(record, errors)
        self._add_errors(record, errors)

    def update_draft(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Report the errors of a draft that is saved again, and release unused DOIs."""
        if errors is not None:
            errors += self._provider_errors(identity, record, around(record))
            explain(record, errors)
        if not any(error["field"] == "pids.doi" for error in errors or []):
            # A refused DOI may be a typing error, so the reserved DOI is kept then.
            self._give_back(record)
        self._add_errors(record, errors)

    def delete_draft(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Release the DOIs of a discarded draft, which no longer has identifiers."""
        self._give_back(draft)

    def publish(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Check a first version, new version or edit, and request its registration.

        :raises ValidationErrorWithMessageAsList: if DataCite would refuse it, or if its
            DOI provider is not allowed.
        """
        made = publishing.end(draft, record)
        found = around(record)
        errors = self._provider_errors(identity, record, found)
        errors += draft_errors(record, will_have_doi=bool(managed_doi(record)))
        if errors:
            raise ValidationErrorWithMessageAsList(message=errors)
        self._request(identity, record, found, made)

    def lift_embargo(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Request the registration of a restricted record that becomes public."""
        self._request(identity, record)

    def delete_record(
        self, identity: Any, data: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Request the update of a record that gets a tombstone."""
        self._request(identity, record)

    def restore_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """Request the update of a deleted record that is restored."""
        self._request(identity, record)

    def mark_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """Request the update of a deleted record that is marked for purge."""
        self._request(identity, record)

    def unmark_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """Request the update of a deleted record whose mark for purge is removed."""
        self._request(identity, record)

    def update_tombstone(
        self, identity: Any, data: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Request the update of a tombstone's date and reason; DataCite has both."""
        self._request(identity, record)

    @property
    def _is_required(self) -> bool:
        """Whether every record must have a DOI."""
        return "doi" in self.service.config.pids_required

    def _request(
        self,
        identity: Any,
        record: Any,
        found: Around | None = None,
        made: Collection[str] = (),
    ) -> None:
        wanted = []
        before = managed_doi(record.model.data or {})
        if before and not same_doi(before, managed_doi(record)):
            # InvenioRDM allowed the record to have another DOI, or none.
            wanted.append(Request(before, Kind.RECORD, record.id, Priority.HIDE))
            intake.end_removal(before)
        priority = Priority.URGENT if _is_shown(record) else Priority.HIDE
        for owner_kind, owner in (
            (Kind.RECORD, record),
            (Kind.CONCEPT, record.parent),
        ):
            doi = managed_doi(owner)
            if doi:
                wanted.append(
                    Request(
                        doi, owner_kind, owner.id, priority, _who(identity), doi in made
                    )
                )
        if found is None:
            found = around(record)
        # The metadata of the previous and the following version refer to this one. Both
        # versions get their own registration, even if they are older than this package.
        wanted += [
            Request(version.doi, Kind.RECORD, version.id, Priority.BULK)
            for version in (found.previous, found.following)
            if version and version.managed and version.doi
        ]
        intake.request_all(wanted)
        self.uow.register(BrokerMayBeDownOp(record))
        self.uow.register(NudgeOp())

    def _provider_errors(
        self, identity: Any, draft: Any, found: Around
    ) -> list[dict[str, Any]]:
        """Return an error if the previous version does not allow the DOI provider."""
        required = self._is_required
        if not required and site_validator():
            return []
        if self.service.check_permission(identity, "pid_manage"):
            return []
        published = found.own.provider if found.own else None
        error = provider_error(draft, published, required, found.before)
        return [error] if error else []

    @staticmethod
    def _give_back(draft: Any) -> None:
        """Release reserved DOIs of a draft that now has another DOI, or none.

        InvenioRDM keeps them, so that no record could ever have them again.
        """
        current = any_doi(draft)
        reserved = PersistentIdentifier.query.filter_by(
            pid_type="doi",
            pid_provider=DATACITE,
            object_type="rec",
            object_uuid=draft.id,
            status=PIDStatus.NEW,
        )
        for pid in reserved.all():
            if not same_doi(pid.pid_value, current):
                db.session.delete(pid)
                intake.discard(pid.pid_value)

    def _add_errors(self, draft: Any, errors: list[dict[str, Any]] | None) -> None:
        """Add errors for the metadata that DataCite would refuse."""
        if errors is None:
            return
        # A record restricted without an end date gets a DOI only on request.
        gets_one = (
            self._is_required
            and not doi_attributes(draft)
            and (not _is_restricted(draft) or is_embargoed(draft))
        )
        will_have_doi = wants_managed(draft) or gets_one
        reported = {error["field"] for error in errors}
        errors += [
            error
            for error in draft_errors(draft, will_have_doi)
            if not any(_covers(error["field"], field) for field in reported)
        ]
        one_message_each(errors, "pids.doi")


def _who(identity: Any) -> str | None:
    """Return the ID of the requesting user, as stored in registrations."""
    return None if identity.id is None else str(identity.id)


def _is_shown(record: Any) -> bool:
    """Return whether the record is public, so that nothing has to be hidden."""
    # Read the fields: they are written into the record only when it is committed.
    return not (
        record.access.protection.record == "restricted"
        or record.deletion_status.is_deleted
    )


def _is_restricted(draft: Any) -> bool:
    return (draft.get("access") or {}).get("record") == "restricted"


def _covers(field: str, reported: str) -> bool:
    """Return whether an error was reported already for the field or a part of it."""
    return reported == field or reported.startswith(f"{field}.")


def use(app: Flask) -> None:
    """Install this package's components around the others.

    One runs directly before InvenioRDM's PID component, which decides on the DOIs, and
    one runs after all others.
    """
    components = (
        app.config.get("RDM_RECORDS_SERVICE_COMPONENTS") or DefaultRecordsComponents
    )
    replaced = {
        PIDsComponent: DOIPIDsComponent,
        ParentPIDsComponent: DOIParentPIDsComponent,
    }
    others = [
        replaced.get(component, component)
        for component in components
        if component not in (DOIChoiceComponent, DOIComponent)
    ]
    for needed in replaced:
        found = any(issubclass(component, needed) for component in others)
        hooks.note(app, "components", found)
    # After the component that sets the draft's identifier: DOIs are generated from it.
    place = next(
        (
            index
            for index, component in enumerate(others)
            if issubclass(component, PIDsComponent)
        ),
        0,
    )
    app.config["RDM_RECORDS_SERVICE_COMPONENTS"] = [
        *others[:place],
        DOIChoiceComponent,
        *others[place:],
        DOIComponent,
    ]

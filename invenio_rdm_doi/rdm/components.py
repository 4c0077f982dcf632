# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The records service's hooks: ask for a registration in the same transaction."""

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
    """Asks that DataCite is brought up to date about a record and its parent.

    And tells depositors what DataCite would refuse: while they write, and at the
    latest when they publish.
    """

    def create(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kw: Any,
    ) -> None:
        """A draft is saved for the first time."""
        if errors is not None:
            explain(record, errors)
        self._tell(record, errors)

    def update_draft(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kwargs: Any,
    ) -> None:
        """A draft is saved again."""
        if errors is not None:
            errors += self._provider_errors(identity, record, around(record))
            explain(record, errors)
        if not any(error["field"] == "pids.doi" for error in errors or []):
            # What is refused may be a slip of the keyboard: then it is kept.
            self._give_back(record)
        self._tell(record, errors)

    def delete_draft(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """A draft is discarded, and has no identifiers any more."""
        self._give_back(draft)

    def publish(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """A first version, a new version or an edit is published.

        :raises ValidationErrorWithMessageAsList: DataCite would refuse it.
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
        """A restricted record becomes public."""
        self._request(identity, record)

    def delete_record(
        self, identity: Any, data: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """A record gets a tombstone."""
        self._request(identity, record)

    def restore_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """A deleted record comes back."""
        self._request(identity, record)

    def mark_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """A deleted record is marked for purge."""
        self._request(identity, record)

    def unmark_record(self, identity: Any, record: Any = None, **kwargs: Any) -> None:
        """The mark is taken away again."""
        self._request(identity, record)

    def update_tombstone(
        self, identity: Any, data: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Date or reason of a deletion change; DataCite has both."""
        self._request(identity, record)

    @property
    def _is_required(self) -> bool:
        """Whether every record has a DOI."""
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
            # The host let the record have another DOI, or none.
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
        # The versions before and after it say so in their metadata. They get a row of
        # their own, also if they were there before this package.
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
        """Return the error of a provider that does not fit the version before."""
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
        """DOIs that were reserved for a draft that has another one now, or none.

        The host keeps them, and nobody could ever have them again.
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

    def _tell(self, draft: Any, errors: list[dict[str, Any]] | None) -> None:
        """Add what DataCite would refuse to the draft's errors."""
        if errors is None:
            return
        # A record that is restricted without end gets none, unless somebody asks.
        gets_one = (
            self._is_required
            and not doi_attributes(draft)
            and (not _is_restricted(draft) or is_embargoed(draft))
        )
        will_have_doi = wants_managed(draft) or gets_one
        told = {error["field"] for error in errors}
        errors += [
            error
            for error in draft_errors(draft, will_have_doi)
            if not any(_covers(error["field"], field) for field in told)
        ]
        one_message_each(errors, "pids.doi")


def _who(identity: Any) -> str | None:
    """Who asks, as the registrations name people."""
    return None if identity.id is None else str(identity.id)


def _is_shown(record: Any) -> bool:
    """Whether the public may see the record: then nothing has to be hidden."""
    # Asked of the fields: they are written into the record when it is committed.
    return not (
        record.access.protection.record == "restricted"
        or record.deletion_status.is_deleted
    )


def _is_restricted(draft: Any) -> bool:
    return (draft.get("access") or {}).get("record") == "restricted"


def _covers(field: str, told: str) -> bool:
    """Whether something was said of the field, or of a part of it, already."""
    return told == field or told.startswith(f"{field}.")


def use(app: Flask) -> None:
    """Put this package's components around the others.

    One runs right before the host's component of PIDs, which decides on the DOIs, and
    one after all others.
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
    # After the component that gives the draft its identifier: DOIs are made of it.
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

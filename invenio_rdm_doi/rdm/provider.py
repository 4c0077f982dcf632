# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The PID provider: creates, reserves, validates and discards DOIs. No network use."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_i18n import lazy_gettext as _
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_rdm_records.services.pids.providers import PIDProvider

from .. import hooks
from ..choices.new_doi import collision, make_doi
from ..doi import DATACITE
from ..records.pids import lock, managed_pid, other_owner
from ..registration import intake
from ..registration.models import Kind
from ..settings.model import Settings
from .publishing import note_made

logger = logging.getLogger(__name__)


class DOIClient:
    """A substitute for InvenioRDM's DataCite client: has its name and generates DOIs.

    The name is stored with every record (``pids.doi.client``).
    """

    name = DATACITE

    def __init__(self, settings: Settings):
        """Constructor."""
        self.settings = settings

    def generate_doi(
        self, record: Any, prefix: str | None = None, **kwargs: Any
    ) -> str:
        """Generate the DOI of a record or parent.

        See :func:`.choices.new_doi.make_doi`.
        """
        return make_doi(self.settings, record, prefix)


class DataCitePIDProvider(PIDProvider):
    """The provider of DataCite DOIs.

    It replaces InvenioRDM's provider of the same name. It never connects to DataCite:
    it only requests registrations (:mod:`.registration.intake`), and the delivery does
    the rest.
    """

    def __init__(
        self,
        settings: Settings,
        kind: Kind = Kind.RECORD,
        name: str = DATACITE,
        label: Any = None,
    ):
        """Constructor.

        :param kind: the kind of objects with these DOIs: records or parents.
        """
        super().__init__(
            name,
            client=DOIClient(settings),
            pid_type="doi",
            default_status=PIDStatus.NEW,
            label=label,
        )
        self.settings = settings
        self.kind = kind

    @classmethod
    def is_enabled(cls, app: Any) -> bool:
        """Return whether DOIs are registered with DataCite in this application."""
        return app.config.get("DATACITE_ENABLED", False)

    def can_modify(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Return whether a DOI can still be released."""
        return not pid.is_registered() and not pid.is_reserved()

    def generate_id(self, record: Any, **kwargs: Any) -> str:
        """Generate a DOI; see :meth:`DOIClient.generate_doi`."""
        return self.client.generate_doi(record, **kwargs)

    def create(
        self, record: Any, pid_value: Any = None, status: Any = None, **kwargs: Any
    ) -> PersistentIdentifier:
        """Create the DOI in PIDStore, and note that it is reserved for the record.

        :param pid_value: an existing DOI, or None to generate one from the FORMAT.
        :raises ValidationErrorWithMessageAsList: if another owner has the DOI, in any
            spelling, even if it was deleted there.
        """
        doi = pid_value or self.generate_id(record, **kwargs)
        lock(doi)
        if other_owner(doi, record) is not None:
            raise collision(doi, record)
        pid = super().create(record, pid_value=doi, status=status, **kwargs)
        if note_made(record, None if pid_value else pid.pid_value):
            # Published in this transaction: the component requests its registration.
            return pid
        account = self.settings.account_of(doi)
        intake.reserve(
            pid.pid_value,
            self.kind,
            record.id,
            remotely=account is not None and account.reserve_remotely,
            made_here=not pid_value,
        )
        return pid

    def create_and_reserve(self, record: Any, **kwargs: Any) -> None:
        """Give a DOI to a record that becomes public, and request its registration.

        InvenioRDM calls it for one record after the other when embargoes are lifted: an
        error here would leave all records after this one under embargo. A record whose
        DOI cannot be created becomes public without one, and an error is logged.
        """
        if "doi" not in record.pids:
            try:
                with db.session.begin_nested():
                    pid = self.create(record)
                    self.reserve(pid, record=record)
            except ValidationErrorWithMessageAsList as error:
                logger.error(
                    "doi.embargo.no_doi",
                    extra={"owner_id": str(record.id), "reason": str(error)},
                )
                return
            record.pids["doi"] = {
                "identifier": pid.pid_value,
                "provider": self.name,
                "client": self.client.name,
            }
        doi = record.pids["doi"]["identifier"]
        intake.request(doi, self.kind, record.id, by=str(system_identity.id))

    def register(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Request a registration; PIDStore's status changes when DataCite confirms it.

        InvenioRDM's task ``register_or_update_pid`` calls it, if that task is run.
        """
        intake.request_again(pid.pid_value)
        return False

    def update(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Request a delivery; unchanged data is not sent."""
        intake.request_again(pid.pid_value)
        return True

    def restore(self, pid: PersistentIdentifier, **kwargs: Any) -> None:
        """Do nothing: the component requests the delivery of a restored record."""

    def delete(
        self, pid: PersistentIdentifier, soft_delete: bool = False, **kwargs: Any
    ) -> bool | None:
        """Release a DOI.

        :param soft_delete: whether the record is deleted with a tombstone. In that
            case, its DOI stays, and the component requests the delivery.
        """
        if soft_delete:
            return None
        record = kwargs.get("record")
        if record is not None and pid.object_uuid != record.id:
            # A draft may contain any DOI, but may release only its own.
            return None
        doi = pid.pid_value
        deleted = super().delete(pid)
        intake.discard(doi)
        return deleted

    def validate(
        self, record: Any, identifier: Any = None, provider: Any = None, **kwargs: Any
    ) -> tuple[bool, list[dict[str, Any]]]:
        """Check that a draft's DOI belongs to this repository.

        An empty one means that a new DOI is wanted. A DOI that PIDStore has for this
        record is always valid, regardless of the current configuration. The component
        checks the metadata.

        :returns: the same as :meth:`PIDProvider.validate`.
        """
        if not identifier or managed_pid(identifier, record):
            return True, []
        success, errors = super().validate(record, identifier, None, **kwargs)
        if self.settings.account_of(identifier) is None:
            self._insert_pid_type_error_msg(
                errors,
                _(
                    "The DOI %(doi)s cannot be registered here: DOIs of this "
                    "repository start with %(prefixes)s. If the DOI already exists, "
                    "choose “I already have a DOI”; otherwise remove it and get a new "
                    "one.",
                    doi=identifier,
                    prefixes=", ".join(
                        f"{prefix}/" for prefix in self.settings.prefixes
                    ),
                ),
            )
        return not errors, errors

    def validate_restriction_level(
        self, record: Any, identifier: Any = None, **kwargs: Any
    ) -> None:
        """Keep the DOI of a restricted record: it stays reserved and is not sent."""


def use(app: Flask, settings: Settings) -> None:
    """Replace InvenioRDM's provider with this one, for records and for parents."""
    for name, identifiers, kind in (
        (
            "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PERSISTENT_IDENTIFIERS",
            Kind.RECORD,
        ),
        (
            "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PARENT_PERSISTENT_IDENTIFIERS",
            Kind.CONCEPT,
        ),
    ):
        # A new list, because all applications of a process share InvenioRDM's default.
        providers = [
            (
                DataCitePIDProvider(settings, kind, label=provider.label)
                if provider.name == DATACITE
                else provider
            )
            for provider in app.config[name]
        ]
        if not any(provider.name == DATACITE for provider in providers):
            providers.append(DataCitePIDProvider(settings, kind))
        app.config[name] = providers
        schemes = app.config.get(identifiers) or {}
        chosen = schemes.get("doi", {}).get("providers", [])
        # Concept DOIs can be turned off; then the scheme is not there.
        is_off = kind is Kind.CONCEPT and "doi" not in schemes
        hooks.note(app, "identifiers", is_off or DATACITE in chosen)


class RefusingProvider(PIDProvider):
    """Creates no DOIs, because the settings are wrong; leaves existing DOIs alone."""

    def __init__(self, label: Any = None):
        """Constructor."""
        super().__init__(
            DATACITE, pid_type="doi", default_status=PIDStatus.NEW, label=label
        )

    @classmethod
    def is_enabled(cls, app: Any) -> bool:
        """Return True, so that this provider is used instead of another one."""
        return True

    def generate_id(self, record: Any, **kwargs: Any) -> str:
        """Refuse to generate a DOI.

        :raises ValidationErrorWithMessageAsList: always.
        """
        message = _(
            "No DOI can be generated: the settings of DOI registration are invalid. "
            "Run "
            "'invenio doi check'."
        )
        raise ValidationErrorWithMessageAsList(
            message=[{"field": "pids.doi", "messages": [message]}]
        )


def use_refusing(app: Flask) -> None:
    """Replace InvenioRDM's provider with one that creates no DOIs."""
    for name in (
        "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
        "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
    ):
        app.config[name] = [
            (
                RefusingProvider(label=provider.label)
                if provider.name == DATACITE
                else provider
            )
            for provider in app.config[name]
        ]

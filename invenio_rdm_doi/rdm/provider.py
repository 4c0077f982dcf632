# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The PID provider: makes, reserves, validates and discards DOIs. No network."""

from __future__ import annotations

import logging
from typing import Any

from invenio_db import db
from invenio_i18n import lazy_gettext as _
from invenio_pidstore.errors import PIDAlreadyExists
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_rdm_records.services.pids.providers import PIDProvider

from ..doi import DOI_MAX_LENGTH, is_valid_doi, managed_doi
from ..registration import wanted
from ..registration.models import Kind
from ..settings.model import Settings

logger = logging.getLogger(__name__)

PROVIDER_NAME = "datacite"
"""The host looks for this name in several places."""


class DOIClient:
    """Stands where the host expects a client: it has its name, and makes DOIs.

    The name is stored with every record (``pids.doi.client``).
    """

    name = PROVIDER_NAME

    def __init__(self, settings: Settings):
        """Constructor."""
        self.settings = settings

    def generate_doi(self, record, prefix: str | None = None, **kwargs: Any) -> str:
        """Make the DOI of a record or parent from the configured FORMAT.

        :param prefix: one of the account's prefixes; the default one if None.
        :raises ValidationErrorWithMessageAsList: the prefix is not the account's, or
            the FORMAT made something that DataCite would refuse.
        """
        prefix = prefix or self.settings.prefix
        make = self.settings.format
        doi = (
            make(prefix, record)
            if callable(make)
            else make.format(prefix=prefix, id=record.pid.pid_value)
        )
        if not self.settings.account.owns(doi):
            raise _error(
                _(
                    "The DOI %(doi)s that would be made has no prefix of this "
                    "repository. Please tell the people who run it.",
                    doi=doi,
                )
            )
        if not is_valid_doi(doi):
            raise _error(
                _(
                    "The DOI %(doi)s that would be made has characters that are not "
                    "allowed, or more than %(most)s. Please tell the people who run "
                    "this repository.",
                    doi=doi,
                    most=DOI_MAX_LENGTH,
                )
            )
        return doi

    def foresee_doi(self, record) -> str | None:
        """The DOI that a draft has or would get; makes nothing.

        :returns: None if it cannot be known: a function of the site may count, and
            is asked only when the DOI is made.
        """
        if managed_doi(record) or callable(self.settings.format):
            return managed_doi(record)
        try:
            return self.generate_doi(record)
        except ValidationErrorWithMessageAsList:
            # Publishing says what is wrong with it.
            return None


class DataCitePIDProvider(PIDProvider):
    """DOIs of DataCite.

    Takes the place of the host's provider of the same name. It never talks to
    DataCite: it says what is wanted (:mod:`.registration.wanted`), and the delivery
    does the rest.
    """

    def __init__(
        self,
        settings: Settings,
        kind: Kind = Kind.RECORD,
        name: str = PROVIDER_NAME,
        label: Any = None,
    ):
        """Constructor.

        :param kind: whose DOIs these are: of records or of parents.
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
    def is_enabled(cls, app) -> bool:
        """Whether DOIs are registered with DataCite in this application."""
        return app.config.get("DATACITE_ENABLED", False)

    def can_modify(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Whether a DOI can still be given back."""
        return not pid.is_registered() and not pid.is_reserved()

    def generate_id(self, record, **kwargs: Any) -> str:
        """Make a DOI; see :meth:`DOIClient.generate_doi`."""
        return self.client.generate_doi(record, **kwargs)

    def create(self, record, pid_value=None, status=None, **kwargs: Any):
        """Make the DOI in PIDStore, and note that it is kept for the record."""
        pid = super().create(record, pid_value=pid_value, status=status, **kwargs)
        wanted.reserve(
            pid.pid_value,
            self.kind,
            record.id,
            remotely=self.settings.reserve_remotely,
        )
        return pid

    def create_and_reserve(self, record, **kwargs: Any) -> None:
        """Give a DOI to a record that becomes public, and ask for its registration.

        The host calls it when an embargo is lifted, for one record after the other: an
        error here would leave all records after this one under embargo. A record whose
        DOI cannot be made becomes public without one, and the log says so.
        """
        if "doi" not in record.pids:
            try:
                with db.session.begin_nested():
                    pid = self.create(record)
                    self.reserve(pid, record=record)
            except (PIDAlreadyExists, ValidationErrorWithMessageAsList) as error:
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
        wanted.request(record.pids["doi"]["identifier"], self.kind, record.id)

    def register(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Ask for a registration; PIDStore waits for DataCite.

        The host's task ``register_or_update_pid`` calls it, where somebody runs it.
        """
        wanted.request_again(pid.pid_value)
        return False

    def update(self, pid: PersistentIdentifier, **kwargs: Any) -> bool:
        """Ask for a delivery; what did not change is not sent."""
        wanted.request_again(pid.pid_value)
        return True

    def restore(self, pid: PersistentIdentifier, **kwargs: Any) -> None:
        """Do nothing: the component asks for what a restored record needs."""

    def delete(
        self, pid: PersistentIdentifier, soft_delete: bool = False, **kwargs: Any
    ) -> bool | None:
        """Give a DOI back.

        :param soft_delete: the record is deleted with a tombstone: its DOI stays, and
            the component asks for what it needs.
        """
        if soft_delete:
            return None
        record = kwargs.get("record")
        if record is not None and pid.object_uuid != record.id:
            # A draft may say that it has any DOI; only its own is its to give back.
            return None
        doi = pid.pid_value
        deleted = super().delete(pid)
        wanted.discard(doi)
        return deleted

    def validate(
        self, record, identifier=None, provider=None, **kwargs: Any
    ) -> tuple[bool, list[dict[str, Any]]]:
        """Check that a draft's DOI is one of this repository.

        An empty one says that a new DOI is wanted. The component checks its metadata.

        :returns: as :meth:`PIDProvider.validate`.
        """
        success, errors = super().validate(record, identifier, provider, **kwargs)
        # Empty: a new one is wanted, and made when the record is published.
        if identifier and not self.settings.account.owns(identifier):
            self._insert_pid_type_error_msg(
                errors,
                _(
                    "The DOI %(doi)s cannot be registered here: DOIs of this "
                    "repository start with %(prefixes)s. If it exists already, choose "
                    "that you have a DOI; otherwise remove it and get a new one.",
                    doi=identifier,
                    prefixes=", ".join(
                        f"{prefix}/" for prefix in self.settings.account.prefixes
                    ),
                ),
            )
        return not errors, errors

    def validate_restriction_level(self, record, identifier=None, **kwargs: Any):
        """Keep the DOI of a restricted record: it stays reserved, and is not sent."""


def _error(message: Any) -> ValidationErrorWithMessageAsList:
    return ValidationErrorWithMessageAsList(
        message=[{"field": "pids.doi", "messages": [message]}]
    )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: InvenioRDM's service and manager of PIDs.

If a draft has a DOI already, InvenioRDM's manager fails before it calls a provider.
InvenioRDM's service looks up DOIs case-sensitively.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from invenio_pidstore.errors import PIDDoesNotExistError
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from .. import hooks
from ..choices.request import managed_error
from ..doi import DATACITE, doi_attributes, is_storable_doi, provider_of
from ..records.pids import find_pid, managed_pid
from ..settings.model import Settings


class DOIManagerMixin:
    """Creates a DOI only once, regardless of how often it is requested."""

    _doi_settings: Settings

    def _get_provider(self, scheme: str, provider_name: str | None = None) -> Any:
        """Return a provider; InvenioRDM's method fails for an unknown scheme.

        :raises PIDDoesNotExistError: if the scheme is unknown.
        """
        if scheme not in self._providers:  # type: ignore[attr-defined]
            raise PIDDoesNotExistError(scheme, provider_name)
        return super()._get_provider(scheme, provider_name)  # type: ignore[misc]

    def create(
        self,
        draft: Any,
        scheme: str,
        identifier: str | None = None,
        provider_name: str | None = None,
    ) -> dict[str, str]:
        """Create a PID for a draft, or return the managed DOI that it already has.

        :raises ValidationErrorWithMessageAsList: if the draft contains a managed DOI
            that is not its own.
        """
        asked = provider_name or provider_of(draft) == DATACITE
        if scheme == "doi" and identifier is None and asked:
            error = managed_error(draft, self._doi_settings)
            if error is not None:
                raise ValidationErrorWithMessageAsList(message=[error])
            value = doi_attributes(draft).get("identifier")
            pid = managed_pid(value, draft) if value else None
            if pid is not None:
                return {
                    "identifier": pid.pid_value,
                    "provider": DATACITE,
                    "client": DATACITE,
                }
        if scheme == "doi" and identifier == "" and provider_name == DATACITE:
            # An empty identifier is the choice of a new DOI.
            identifier = None
        return super().create(draft, scheme, identifier, provider_name)  # type: ignore[misc]


class DOIServiceMixin:
    """Finds the record of a DOI in any spelling."""

    def resolve(
        self, identity: Any, id_: str, scheme: str, expand: bool = False
    ) -> Any:
        """Resolve a PID to a record (not a draft)."""
        if scheme == "doi":
            pid = find_pid(id_) if is_storable_doi(id_) else None
            if pid is None:
                raise PIDDoesNotExistError(scheme, id_)
            id_ = pid.pid_value
        return super().resolve(identity, id_, scheme, expand)  # type: ignore[misc]


def use(app: Flask, settings: Settings) -> None:
    """Extend the site's service and manager, regardless of their classes."""
    records = app.extensions["invenio-rdm-records"].records_service
    service = records.pids
    if isinstance(service, DOIServiceMixin):
        return
    hooks.note(app, "pid_service", hasattr(service, "resolve"))
    for name in ("create", "_get_provider"):
        hooks.note(app, "pid_manager", hasattr(service.manager_cls, name))
    manager = type(
        "DOIManager",
        (DOIManagerMixin, service.manager_cls),
        {"_doi_settings": settings},
    )
    service_cls = type("DOIPIDsService", (DOIServiceMixin, type(service)), {})
    records._pids = service_cls(service.config, manager)

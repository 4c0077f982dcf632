# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: reads the DOI choice of a request, before InvenioRDM's PID component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import current_app
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_drafts_resources.services.records.components import ServiceComponent
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from ..choices.request import managed_error, read_request
from ..doi import (
    DATACITE,
    EXTERNAL,
    any_doi,
    doi_attributes,
    is_embargoed,
    managed_doi,
    same_doi,
    wants_managed,
)
from ..proxies import current_doi
from ..records.pids import lock, managed_pid, owned_pid
from ..registration import intake
from . import publishing
from .external_provider import used_error
from .field_errors import typed_error

DOI_SCHEME = "doi"


def published_doi(draft: Any) -> dict[str, str]:
    """Return ``pids.doi`` of a draft's published record; empty if there is none."""
    if not draft.is_published:
        return {}
    model = current_rdm_records.records_service.record_cls.model_cls
    data = db.session.scalar(
        sa.select(model.json["pids"]["doi"]).where(
            model.id == draft.id, model.is_deleted.is_(False)
        )
    )
    return data or {}


def enabled_providers(service: Any) -> list[str]:
    """Return the names of the DOI providers that this site has enabled."""
    providers = service.config.pids_providers.get("doi", {})
    return [
        name
        for name, provider in providers.items()
        if name != "default" and _is_enabled(provider)
    ]


def _is_enabled(provider: Any) -> bool:
    try:
        return bool(provider.is_enabled(current_app))
    except (NotImplementedError, TypeError):
        # InvenioRDM's base class does not implement it.
        return True


class DOIChoiceComponent(ServiceComponent):
    """Translates the DOI choice of a request for InvenioRDM's PID components.

    It must run before them.
    """

    def create(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Read the DOI choice when a draft is saved for the first time."""
        self._read(identity, data, record, {}, errors)

    def update_draft(
        self,
        identity: Any,
        data: Any = None,
        record: Any = None,
        errors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Read the DOI choice when a draft is saved again."""
        self._read(identity, data, record, published_doi(record), errors)

    def publish(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Check and complete the DOI choice of a draft that is about to be published.

        :raises ValidationErrorWithMessageAsList: if another record has the DOI, or if
            the DOI was typed and not created here.
        """
        publishing.begin(draft, record)
        before = doi_attributes(record.model.data or {})
        doi = any_doi(draft)
        if doi:
            lock(doi)
        if before.get("provider") == DATACITE:
            if intake.is_removal_requested(before["identifier"]):
                draft.pids = _without_doi(draft)
            elif not doi or same_doi(doi, before["identifier"]):
                # A published DOI is removed only by an explicit action.
                draft.pids = {**(draft.pids or {}), "doi": dict(before)}
        elif not before and not doi and self._reserves_for_embargo(draft):
            draft.pids = {**(draft.pids or {}), "doi": {"provider": DATACITE}}
        said = doi_attributes(draft)
        is_published = same_doi(doi, before.get("identifier"))
        if not is_published or said.get("provider") != before.get("provider"):
            self._check(draft)
        self._let_go(draft, before)
        if (
            before.get("provider") != DATACITE
            and wants_managed(draft)
            and not managed_doi(draft)
        ):
            # InvenioRDM would treat an empty identifier as the DOI itself.
            unmade = {"provider": DATACITE}
            if before:
                # InvenioRDM compares it with the published identifier.
                unmade["identifier"] = ""
            draft.pids = {**draft.pids, "doi": unmade}

    def delete_draft(
        self, identity: Any, draft: Any = None, record: Any = None, **kwargs: Any
    ) -> None:
        """Remove a DOI that is not the draft's own before the draft is discarded.

        A draft may contain any DOI, even one of another record: InvenioRDM would delete
        that DOI, or refuse to delete the draft.
        """
        doi = any_doi(draft)
        if doi and owned_pid(doi, draft) is None:
            draft.pids = _without_doi(draft)

    def _read(
        self,
        identity: Any,
        data: Any,
        draft: Any,
        published: Mapping[str, str],
        errors: list[dict[str, Any]] | None,
    ) -> None:
        reading = read_request(
            data.get("pids"),
            draft,
            published,
            current_doi.settings,
            enabled_providers(self.service),
            identity.id == system_identity.id,
            self.service.check_permission(identity, "pid_manage"),
        )
        if reading.errors and errors is None:
            raise ValidationErrorWithMessageAsList(message=reading.errors)
        if errors is not None:
            errors += reading.errors
        if reading.pids is None:
            data.pop("pids", None)
        else:
            data["pids"] = reading.pids
        if reading.brought is not None:
            provider = self.service.config.pids_providers["doi"][DATACITE]
            provider.create(draft, pid_value=reading.brought)

    def _reserves_for_embargo(self, draft: Any) -> bool:
        """Return whether to reserve a DOI now for a draft that is under embargo.

        The DOI is reserved now so that the record can be cited when the embargo ends. A
        record that is restricted without an end date gets a DOI only on request.
        """
        is_open = not doi_attributes(draft)
        return self._is_required and is_open and is_embargoed(draft)

    @property
    def _is_required(self) -> bool:
        return DOI_SCHEME in self.service.config.pids_required

    def _let_go(self, draft: Any, before: Mapping[str, str]) -> None:
        """Release a published external DOI that the draft no longer has.

        InvenioRDM keeps its PIDStore entry, so that no record could ever have the DOI
        again. Where DOIs are required, InvenioRDM keeps the DOI on the record; it is
        not released then.
        """
        if before.get("provider") != EXTERNAL or doi_attributes(draft):
            return
        if self._is_required:
            draft.pids = {**(draft.pids or {}), "doi": dict(before)}
            return
        pid = owned_pid(before["identifier"], draft)
        if pid is not None and pid.pid_provider == EXTERNAL:
            db.session.delete(pid)

    @staticmethod
    def _check(draft: Any) -> None:
        error = (
            typed_error(draft)
            or used_error(draft)
            or managed_error(draft, current_doi.settings)
        )
        if error is not None:
            raise ValidationErrorWithMessageAsList(message=[error])
        if managed_doi(draft) and managed_pid(managed_doi(draft) or "", draft) is None:
            # This is the DOI that publishing is about to create.
            draft.pids["doi"] = {"provider": DATACITE, "identifier": ""}


def _without_doi(draft: Any) -> dict[str, Any]:
    return {key: value for key, value in (draft.pids or {}).items() if key != "doi"}

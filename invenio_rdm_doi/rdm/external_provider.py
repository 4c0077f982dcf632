# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""External DOIs, none of which may belong to this repository."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from flask import Flask
from invenio_rdm_records.services.pids.providers import BlockedPrefixes

from .. import hooks
from ..choices.existing_doi import USED, own_prefix, own_prefix_message
from ..doi import DATACITE, EXTERNAL, doi_attributes
from ..records.pids import managed_pid, other_owner, owned_pid
from ..settings.model import Settings

WATCHED = "DATACITE_PREFIX"
"""The setting by which InvenioRDM recognizes DOIs of this repository."""


class OwnPrefixes:
    """Refuses DOIs with a prefix of this repository, including the additional ones.

    InvenioRDM's validator compares only the beginning, and so refuses ``10.12345/x`` if
    the repository has the prefix ``10.1234``.
    """

    def __init__(self, prefixes: Iterable[str]):
        """Constructor."""
        self.prefixes = tuple(prefixes)

    def __call__(
        self, record: Any, identifier: Any, provider: Any, errors: list[Any]
    ) -> None:
        """Append a message if the DOI belongs to this repository."""
        prefix = own_prefix(identifier or "", self.prefixes)
        # A published DOI stays valid when its prefix is added to the account.
        is_kept = owned_pid(identifier, record) and not managed_pid(identifier, record)
        if prefix and not is_kept:
            errors.append(own_prefix_message(prefix))


class _DeletesItsOwn:
    """Deletes PIDStore entries of the given record's external DOIs, and no others."""

    def delete(
        self,
        pid: Any,
        soft_delete: bool = False,
        record: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Delete a PID.

        :param soft_delete: whether the record gets a tombstone. It may be restored, so
            it keeps its DOI.
        """
        foreign = record is not None and pid.object_uuid != record.id
        if soft_delete or foreign or pid.pid_provider == DATACITE:
            return None
        return super().delete(pid, record=record, **kwargs)  # type: ignore[misc]


def used_error(draft: Any) -> dict[str, Any] | None:
    """Return an error in InvenioRDM's format if another record has the draft's DOI."""
    doi = doi_attributes(draft)
    if doi.get("provider") != EXTERNAL or not doi.get("identifier"):
        return None
    if other_owner(doi["identifier"], draft) is None:
        return None
    return {"field": "pids.doi", "messages": [USED]}


def with_own_prefixes(provider: Any, prefixes: Iterable[str]) -> Any:
    """Return a copy of an external DOI provider with :class:`OwnPrefixes`.

    It replaces InvenioRDM's validator; other prefixes that a site blocks stay blocked.
    """
    validators = []
    for validator in getattr(provider, "_validators", []):
        names = getattr(validator, "_config_names", None) or []
        if not isinstance(validator, BlockedPrefixes) or WATCHED not in names:
            validators.append(validator)
            continue
        others = [name for name in names if name != WATCHED]
        validators += [
            OwnPrefixes(prefixes),
            BlockedPrefixes(validator._prefixes, config_names=others),
        ]
    changed = copy(provider)
    changed.__class__ = type(
        type(provider).__name__, (_DeletesItsOwn, type(provider)), {}
    )
    changed._validators = validators
    return changed


def use(app: Flask, settings: Settings) -> None:
    """Refuse DOIs of this repository in all providers that validate DOIs."""
    for name in (
        "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
        "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
    ):
        app.config[name] = [
            (
                with_own_prefixes(provider, settings.prefixes)
                if hasattr(provider, "_validators")
                else provider
            )
            for provider in app.config[name]
        ]
    external = [
        provider
        for provider in app.config["RDM_PERSISTENT_IDENTIFIER_PROVIDERS"]
        if provider.name == EXTERNAL
    ]
    hooks.note(app, "external_provider", all(map(refuses_own_prefixes, external)))


def refuses_own_prefixes(provider: Any) -> bool:
    """Return whether a provider refuses the DOIs of this repository."""
    validators = getattr(provider, "_validators", [])
    return any(isinstance(validator, OwnPrefixes) for validator in validators)

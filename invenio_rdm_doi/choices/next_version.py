# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The providers that a version may use, depending on the previous version.

Versions whose DOIs come from different providers have no concept DOI in common. So if a
version has a DOI of this repository, the next version must have one, too; and if it has
none of this repository, the next version must not have one either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from invenio_i18n import lazy_gettext as _

from ..doi import DATACITE, EXTERNAL, NO_PROVIDER, provider_of
from ..records.versions import Version, around

VALIDATOR_SETTING = "RDM_OPTIONAL_DOI_VALIDATOR"

Transitions = Mapping[str, Mapping[str, Any]]
"""Provider of the previous version -> ``allowed_providers`` and ``message``."""

_LEAVE = _(
    "A previous version was published with a DOI from an external provider or without "
    "one. You cannot use a DOI registered from {sitename} for this version."
)

TRANSITIONS: Transitions = {
    DATACITE: {
        "allowed_providers": [DATACITE],
        "message": _(
            "A previous version used a DOI registered from {sitename}. This version "
            "must also use a DOI from {sitename}."
        ),
    },
    EXTERNAL: {"allowed_providers": [EXTERNAL, NO_PROVIDER], "message": _LEAVE},
    NO_PROVIDER: {"allowed_providers": [EXTERNAL, NO_PROVIDER], "message": _LEAVE},
}
"""Like ``OPTIONAL_DOI_TRANSITIONS`` of invenio-rdm-records.

There is no rule for other providers.
"""


def validate_optional_doi(
    draft: Any,
    previous_published_record: Any,
    errors: list[dict[str, Any]] | None = None,
    transitions_config: Transitions | None = None,
) -> dict[str, Any]:
    """Replace InvenioRDM's function of the same name.

    InvenioRDM calls it before the draft has the DOI of the request, and passes the
    latest version, regardless of which version is edited. So this function adds no
    errors; :class:`~invenio_rdm_doi.rdm.components.DOIComponent` adds them, with
    :func:`provider_error`.

    :returns: ``allowed_providers`` and ``message`` for the form; empty if every
        provider is allowed. It is a new dictionary each time, because the form writes
        into it.
    """
    return allowed_after(around(draft).before, transitions_config)


def allowed_after(
    previous: Version | None, transitions: Transitions | None = None
) -> dict[str, Any]:
    """Return ``allowed_providers`` and ``message`` for the version after this one.

    :param previous: this version.
    """
    if previous is None:
        return {}
    return dict((transitions or TRANSITIONS).get(previous.provider, {}))


def provider_error(
    draft: Any, published: str | None, required: bool, previous: Version | None
) -> dict[str, Any] | None:
    """Return an error in InvenioRDM's format if the draft's provider is not allowed.

    :param published: the provider with which the record was published, or None if it
        was never published. That provider is always allowed.
    :param required: whether every record must have a DOI; in that case, publishing
        creates a missing one.
    :param previous: the newest earlier version that is not deleted.
    """
    provider = provider_of(draft)
    if provider == published or (required and provider == NO_PROVIDER):
        return None
    if required and not (previous and previous.managed):
        # InvenioRDM lets versions change from external DOIs to managed ones.
        return None
    allowed = allowed_after(previous)
    if not allowed or provider in allowed["allowed_providers"]:
        return None
    return {"field": "pids.doi", "messages": [with_site_name(allowed["message"])]}


def with_site_name(message: Any) -> str:
    """Return a message with ``{sitename}`` replaced by the name of the site."""
    sitename = current_app.config.get("THEME_SITENAME", "this repository")
    return str(message).format(sitename=sitename)


def site_validator() -> Callable[..., dict[str, Any]] | None:
    """Return the site's own validator for optional DOIs, or None if it has none."""
    validator: Callable[..., dict[str, Any]] = current_app.config[VALIDATOR_SETTING]
    return None if validator is validate_optional_doi else validator

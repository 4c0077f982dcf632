# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Which kind of DOI a version may have, after that of the version before it.

Versions whose DOIs come from different places have no concept DOI in common: so a
version after one with a DOI of this repository has such a DOI too, and a version after
one without has none of this repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from invenio_rdm_records.services.components.pids import (
    OPTIONAL_DOI_TRANSITIONS,
)
from invenio_rdm_records.services.components.pids import (
    validate_optional_doi as host_validator,
)
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from .provider import PROVIDER_NAME

NOT_NEEDED = "not_needed"
"""What the host calls it when there is no DOI."""

SETTING = "RDM_OPTIONAL_DOI_VALIDATOR"


def validate_optional_doi(
    draft,
    previous_published_record,
    errors: list[dict[str, Any]] | None = None,
    transitions_config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """In the place of the host's function of the same name.

    :param errors: the draft is saved, or looked at: the host asks before it gives the
        draft the DOI that came with the request, so nothing can be said yet;
        :class:`~.component.DOIComponent` says it. None: it is published.
    :returns: ``allowed_providers`` and ``message``; empty if everything is allowed. A
        new dictionary every time: the host's form writes into it.
    :raises ValidationErrorWithMessageAsList: it may not be published like this.
    """
    allowed = transitions(previous_published_record, transitions_config)
    error = disallowed(draft, allowed)
    if error and errors is None:
        raise ValidationErrorWithMessageAsList(message=[error])
    return allowed


def transitions(
    previous, transitions_config: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the next version may have after this one.

    :param previous: the last published version, or None.
    """
    if not previous:
        return {}
    config = transitions_config or OPTIONAL_DOI_TRANSITIONS
    return dict(config.get(_provider(previous), {}))


def disallowed(draft, allowed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The error of a draft's DOI, as the host's services return errors."""
    if not allowed or _provider(draft) in allowed["allowed_providers"]:
        return None
    sitename = current_app.config.get("THEME_SITENAME", "this repository")
    message = str(allowed["message"]).format(sitename=sitename)
    return {"field": "pids.doi", "messages": [message]}


def leaves_the_repository(previous, draft) -> dict[str, Any] | None:
    """The error of a version whose DOI would come from elsewhere now.

    For repositories where every record has a DOI; the host asks only the others.
    """
    if not previous or _provider(previous) != PROVIDER_NAME:
        return None
    if _provider(draft) in (PROVIDER_NAME, NOT_NEEDED):
        # None at all: the host makes one on publishing.
        return None
    return disallowed(draft, transitions(previous))


def use(config: dict[str, Any]) -> None:
    """Configure it, unless the site has a validator of its own."""
    if config.get(SETTING) is host_validator:
        config[SETTING] = validate_optional_doi


def _provider(owner) -> str:
    doi = (owner.get("pids") or {}).get("doi") or {}
    return doi.get("provider") or NOT_NEEDED

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Which kind of DOI a version may have, after that of the version before it.

Versions whose DOIs come from different places have no concept DOI in common: so a
version after one with a DOI of this repository has such a DOI too, and a version after
one without has none of this repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from invenio_rdm_records.services.components.pids import (
    OPTIONAL_DOI_TRANSITIONS,
)
from invenio_rdm_records.services.components.pids import (
    validate_optional_doi as host_validator,
)

from ..doi import doi_attributes
from ..records.versions import NOT_NEEDED, Version, versions

SETTING = "RDM_OPTIONAL_DOI_VALIDATOR"


def validate_optional_doi(
    draft,
    previous_published_record,
    errors: list[dict[str, Any]] | None = None,
    transitions_config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """In the place of the host's function of the same name.

    The host asks before it gives the draft the DOI that came with the request, and
    hands over the latest version whichever version is edited. So this complains of
    nothing: :class:`~.component.DOIComponent` does, with :func:`kind_error`.

    :returns: for the form, what may be chosen: ``allowed_providers``, ``message``;
        empty if that is everything. New every time: the form writes into it.
    """
    previous = before(draft, versions(draft.parent.id))
    return transitions(previous, transitions_config)


def before(draft, known: Sequence[Version]) -> Version | None:
    """The version before a draft or a record that stands, whoever may see it.

    :param known: all versions, the newest first.
    """
    index = draft.versions.index
    older = (v for v in known if v.index < index and not v.deleted)
    return next(older, None)


def transitions(
    previous: Version | None, transitions_config: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the version after this one may have."""
    if previous is None:
        return {}
    config = transitions_config or OPTIONAL_DOI_TRANSITIONS
    return dict(config.get(previous.kind, {}))


def kind_error(
    draft, published: str | None, required: bool, known: Sequence[Version]
) -> dict[str, Any] | None:
    """The error of a draft whose kind of DOI does not fit, as the host returns errors.

    :param published: the kind that it was published with (:func:`kind`), None: never.
        What was published once may be published again.
    :param required: every record has a DOI; then a missing one is made on publishing.
    :param known: all versions, the newest first.
    """
    new = kind(draft)
    if new == published or (required and new == NOT_NEEDED):
        return None
    previous = before(draft, known)
    if required and not (previous and previous.managed):
        # The host lets versions come here from elsewhere.
        return None
    allowed = transitions(previous)
    if not allowed or new in allowed["allowed_providers"]:
        return None
    sitename = current_app.config.get("THEME_SITENAME", "this repository")
    message = str(allowed["message"]).format(sitename=sitename)
    return {"field": "pids.doi", "messages": [message]}


def is_ours() -> bool:
    """Whether the site has no validator of its own."""
    return current_app.config.get(SETTING) is validate_optional_doi


def kind(owner: Mapping[str, Any]) -> str:
    """The provider of a DOI, or ``not_needed``."""
    return doi_attributes(owner).get("provider") or NOT_NEEDED


def use(config: dict[str, Any]) -> None:
    """Configure it, unless the site has a validator of its own."""
    if config.get(SETTING) is host_validator:
        config[SETTING] = validate_optional_doi

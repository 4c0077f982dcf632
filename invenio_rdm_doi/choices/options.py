# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a depositor may choose for a draft: a new DOI, one that exists, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from invenio_rdm_records.proxies import current_rdm_records

from ..doi import EXTERNAL as EXTERNAL_PROVIDER
from ..doi import NO_PROVIDER, any_doi, provider_of
from ..records.versions import Version, around
from ..settings.model import Settings
from .next_version import allowed_after, site_validator, with_site_name
from .request import EXTERNAL_STAYS

MANAGED, EXTERNAL, NONE = "managed", "external", "none"

CHOICES = {EXTERNAL_PROVIDER: EXTERNAL, NO_PROVIDER: NONE}
"""Choices by provider; every other provider makes new DOIs."""

DEFAULTS = {"new": MANAGED, "existing": EXTERNAL, "none": NONE}
"""Choices by RDM_RECORDS_DOI_DATACITE_FORM_DEFAULT.

The host's ``default_selected`` has a default that cannot be told from a site's choice.
"""


@dataclass(frozen=True)
class Choices:
    """What may be chosen.

    :param allowed: of ``managed``, ``external`` and ``none``.
    :param locked: the record is published with a DOI of this repository, which stays.
    :param message: why not all may be chosen, for people.
    """

    allowed: tuple[str, ...]
    locked: bool = False
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "allowed": list(self.allowed),
            "locked": self.locked,
            "message": self.message,
        }


def form_defaults(settings: Settings) -> dict[str, Any]:
    """What the form's field shows of a draft that was never saved."""
    default = DEFAULTS[settings.form_default]
    if default == NONE and is_required():
        # Nothing is saved, and publishing makes a DOI then.
        default = MANAGED
    return {
        "default": default,
        "allowed": list(_all()),
        "prefixes": list(settings.prefixes),
        "test_mode": settings.account.test_mode,
        "restricted_policy": settings.account.restricted,
    }


def is_required() -> bool:
    """Whether every record has a DOI."""
    return "doi" in _records().config.pids_required


def choices(identity: Any, draft: Any) -> Choices:
    """What may be chosen for a draft."""
    found = around(draft)
    published = found.own
    if published and published.doi:
        return _of_published(published)
    if _records().check_permission(identity, "pid_manage"):
        return Choices(_all())
    allowed, message = _after(draft, found.before)
    if published and not is_required():
        # What was published once may be published again.
        allowed = {*allowed, NONE}
    return Choices(
        tuple(c for c in (MANAGED, EXTERNAL, NONE) if c in allowed), False, message
    )


def _of_published(published: Version) -> Choices:
    """A published DOI stays; one of somebody else can be corrected."""
    if CHOICES.get(published.provider) != EXTERNAL:
        return Choices((MANAGED,), locked=True)
    return Choices((EXTERNAL,), message=str(EXTERNAL_STAYS))


def _after(draft: Any, previous: Version | None) -> tuple[set[str], str | None]:
    """What the version after the ones before it may have, and why not all."""
    required = is_required()
    if required and not (previous and previous.managed):
        return set(_all()), None
    validator = None if required else site_validator()
    found = _ask(validator, draft) if validator else allowed_after(previous)
    if not found:
        return set(_all()), None
    allowed = {CHOICES.get(name, MANAGED) for name in found["allowed_providers"]}
    return allowed & set(_all()), with_site_name(found["message"])


def _ask(validator: Callable[..., dict[str, Any]], draft: Any) -> dict[str, Any]:
    """Ask a site's own validator as the host's form asks it."""
    latest = _records().record_cls.get_latest_published_by_parent(draft.parent)
    return validator(draft, latest, errors=[]) or {}


def _all() -> tuple[str, ...]:
    return (MANAGED, EXTERNAL) if is_required() else (MANAGED, EXTERNAL, NONE)


def _records() -> Any:
    return current_rdm_records.records_service


def chosen(draft: Any) -> str:
    """What a saved draft says; ``new``, if nothing is said and a DOI is required."""
    found = provider_of(draft)
    if found == NO_PROVIDER and is_required() and not any_doi(draft):
        return MANAGED
    return CHOICES.get(found, MANAGED)

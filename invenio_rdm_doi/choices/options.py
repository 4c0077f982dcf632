# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI options of a draft: a new DOI, an existing one, or none."""

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
"""Choices by provider; every other provider creates new DOIs."""

DEFAULTS = {"new": MANAGED, "existing": EXTERNAL, "none": NONE}
"""Choices by RDM_RECORDS_DOI_DATACITE_FORM_DEFAULT.

InvenioRDM's ``default_selected`` is not used, because its default value cannot be
distinguished from a site's own setting.
"""


@dataclass(frozen=True)
class Choices:
    """The DOI options of a draft.

    :param allowed: any of ``managed``, ``external`` and ``none``.
    :param locked: whether the record is published with a DOI of this repository, which
        cannot be changed.
    :param message: the reason why some options are not allowed, for users.
    """

    allowed: tuple[str, ...]
    locked: bool = False
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "allowed": list(self.allowed),
            "locked": self.locked,
            "message": self.message,
        }


def form_defaults(settings: Settings) -> dict[str, Any]:
    """Return the values of the form's field for a draft that was never saved."""
    default = DEFAULTS[settings.form_default]
    if default == NONE and is_required():
        # No choice is saved in this case, and publishing creates a DOI.
        default = MANAGED
    return {
        "default": default,
        "allowed": list(_all()),
        "prefixes": list(settings.prefixes),
        "test_mode": settings.account.test_mode,
        "restricted_policy": settings.account.restricted,
    }


def is_required() -> bool:
    """Return whether every record must have a DOI."""
    return "doi" in _records().config.pids_required


def choices(identity: Any, draft: Any) -> Choices:
    """Return the DOI options of a draft."""
    found = around(draft)
    published = found.own
    if published and published.doi:
        return _of_published(published)
    if _records().check_permission(identity, "pid_manage"):
        return Choices(_all())
    allowed, message = _after(draft, found.before)
    if published and not is_required():
        # A record that was published without a DOI may be published without one again.
        allowed = {*allowed, NONE}
    return Choices(
        tuple(c for c in (MANAGED, EXTERNAL, NONE) if c in allowed), False, message
    )


def _of_published(published: Version) -> Choices:
    """Return the options of a published DOI: only an external one can be corrected."""
    if CHOICES.get(published.provider) != EXTERNAL:
        return Choices((MANAGED,), locked=True)
    return Choices((EXTERNAL,), message=str(EXTERNAL_STAYS))


def _after(draft: Any, previous: Version | None) -> tuple[set[str], str | None]:
    """Return the options of the next version, and the reason why some are excluded."""
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
    """Call a site's own validator with the same arguments as InvenioRDM's form."""
    latest = _records().record_cls.get_latest_published_by_parent(draft.parent)
    return validator(draft, latest, errors=[]) or {}


def _all() -> tuple[str, ...]:
    return (MANAGED, EXTERNAL) if is_required() else (MANAGED, EXTERNAL, NONE)


def _records() -> Any:
    return current_rdm_records.records_service


def chosen(draft: Any) -> str:
    """Return a draft's saved choice.

    :returns: ``managed`` if no choice is saved and a DOI is required.
    """
    found = provider_of(draft)
    if found == NO_PROVIDER and is_required() and not any_doi(draft):
        return MANAGED
    return CHOICES.get(found, MANAGED)

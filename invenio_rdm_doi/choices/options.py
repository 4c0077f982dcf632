# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a depositor may choose for a draft: a new DOI, one that exists, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.proxies import current_rdm_records

from ..doi import any_doi
from ..records.versions import NOT_NEEDED, Version, versions
from ..settings.model import Settings
from .kinds import SETTING, before, is_ours, kind, transitions

NEW, EXISTING, NONE = "new", "existing", "none"

CHOICES = {"external": EXISTING, NOT_NEEDED: NONE}
"""Kinds of DOIs, by provider; every other provider makes new ones."""

DEFAULTS = {"yes": EXISTING, "no": NEW, "not_needed": NONE}
"""The host's ``default_selected``: does the depositor have a DOI already?"""


@dataclass(frozen=True)
class Choices:
    """What may be chosen.

    :param allowed: of ``new``, ``existing`` and ``none``.
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
    identifiers = current_app.config["RDM_PERSISTENT_IDENTIFIERS"]
    ui = identifiers.get("doi", {}).get("ui", {})
    default = DEFAULTS.get(ui.get("default_selected"), EXISTING)
    if default == NONE and is_required():
        # Nothing is saved, and publishing makes a DOI then.
        default = NEW
    return {
        "default": default,
        "allowed": list(_all()),
        "prefixes": list(settings.account.prefixes),
        "test_mode": settings.test_mode,
    }


def is_required() -> bool:
    """Whether every record has a DOI."""
    return "doi" in _records().config.pids_required


def choices(identity, draft) -> Choices:
    """What may be chosen for a draft."""
    known = versions(draft.parent.id)
    published = next((v for v in known if v.id == draft.id), None)
    if published and published.doi:
        return _of_published(published)
    if _records().check_permission(identity, "pid_manage"):
        return Choices(_all())
    allowed, message = _after(draft, known)
    if published and not is_required():
        # What was published once may be published again.
        allowed = {*allowed, NONE}
    return Choices(
        tuple(c for c in (NEW, EXISTING, NONE) if c in allowed), False, message
    )


def _of_published(published: Version) -> Choices:
    """A published DOI stays; one of somebody else can be corrected."""
    if CHOICES.get(published.kind) != EXISTING:
        return Choices((NEW,), locked=True)
    message = _(
        "The record is published with a DOI of somebody else. You can correct it; to "
        "exchange it for another kind, ask the people who run this repository."
    )
    return Choices((EXISTING,), message=str(message))


def _after(draft, known) -> tuple[set[str], str | None]:
    """What the version after the ones before it may have, and why not all."""
    previous = before(draft, known)
    required = is_required()
    if required and not (previous and previous.managed):
        return set(_all()), None
    found = transitions(previous) if required or is_ours() else _sites(draft)
    if not found:
        return set(_all()), None
    allowed = {CHOICES.get(name, NEW) for name in found["allowed_providers"]}
    sitename = current_app.config.get("THEME_SITENAME", "this repository")
    return allowed & set(_all()), str(found["message"]).format(sitename=sitename)


def _sites(draft) -> dict[str, Any]:
    """What a site's own validator says, asked as the host's form asks it."""
    latest = _records().record_cls.get_latest_published_by_parent(draft.parent)
    return current_app.config[SETTING](draft, latest, errors=[]) or {}


def _all() -> tuple[str, ...]:
    return (NEW, EXISTING) if is_required() else (NEW, EXISTING, NONE)


def _records():
    return current_rdm_records.records_service


def chosen(draft) -> str:
    """What a saved draft says; ``new``, if nothing is said and a DOI is required."""
    found = kind(draft)
    if found == NOT_NEEDED and is_required() and not any_doi(draft):
        return NEW
    return CHOICES.get(found, NEW)

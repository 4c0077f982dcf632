# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a request says of a draft's DOI, and how far it is believed.

A depositor chooses: a new DOI, one that exists, or none. A managed DOI is made by this
package and never typed: an identifier in a request is believed only where it names the
DOI that PIDStore already has for this very record or draft. Only ``system_identity``
(imports, migrations) may bring another one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from invenio_i18n import lazy_gettext as _

from ..doi import (
    DATACITE,
    EXTERNAL,
    doi_attributes,
    is_valid_doi,
    same_doi,
)
from ..records.pids import managed_pid, other_owner
from ..settings.model import Settings
from .existing_doi import OWN_USED, own_prefix, own_prefix_message
from .new_doi import is_new_doi
from .spelling import MOST_TYPED, read_doi

FIELD = "pids.doi"

UNREADABLE = _(
    "The choice of a DOI could not be read. Choose a new DOI, a DOI that exists "
    "already, or none, and save again."
)
MADE_HERE = _(
    "DOIs of this repository are made by it and cannot be typed. Choose to get a new "
    "DOI."
)
EXTERNAL_STAYS = _(
    "The record was published with an external DOI. You can correct it; to replace it "
    "with another kind of DOI, contact the people who run this repository."
)
NO_SUCH_KIND = _(
    "This repository does not know this kind of DOI. Choose another one and save again."
)
NOT_STORABLE = _(
    "This is not a valid DOI: it is much too long, or has characters that no DOI has."
)


@dataclass
class Reading:
    """What is made of a request.

    :param pids: what is saved; None: the request says nothing, and nothing changes.
    :param errors: as the host's services return errors.
    :param brought: a DOI that a migration brings, and that PIDStore does not have yet.
    """

    pids: dict[str, dict[str, str]] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    brought: str | None = None


def read_request(
    sent: Any,
    draft: Any,
    published: Mapping[str, str],
    settings: Settings,
    providers: Collection[str],
    is_system: bool,
    may_exchange: bool = True,
) -> Reading:
    """Read what a request says in ``pids``.

    :param sent: the request's value, whatever it is.
    :param draft: the draft, with what was saved before.
    :param published: ``pids.doi`` with which the record is published, or empty.
    :param providers: names of the providers of DOIs that are enabled.
    :param is_system: whether an import or a migration sends it.
    :param may_exchange: whether a published external DOI may make place for another
        kind of DOI, or for none.
    """
    if sent is None:
        return Reading()
    if not isinstance(sent, Mapping):
        return Reading(errors=[_error(UNREADABLE)])
    errors: list[dict[str, Any]] = []
    reading = Reading(pids=_other_schemes(sent, draft, errors), errors=errors)
    assert reading.pids is not None
    if "doi" in sent:
        found, error = _read_doi(
            sent["doi"], draft, published, settings, providers, is_system, reading
        )
        stays = published.get("provider") == EXTERNAL and not may_exchange
        if error is None and stays and found and found["provider"] != EXTERNAL:
            error = EXTERNAL_STAYS
        if error is not None:
            reading.errors.append(_error(error))
            # What is refused is not stored; what was saved before stays.
            found = dict(doi_attributes(draft)) or _chosen_at_least(sent["doi"])
        if found:
            reading.pids["doi"] = found
    is_kept = published.get("provider") == DATACITE or not may_exchange
    if published and is_kept and "doi" not in reading.pids:
        # A published DOI goes by an act of its own only, never by leaving it out.
        reading.pids["doi"] = dict(published)
    return reading


def _chosen_at_least(value: Any) -> dict[str, str] | None:
    """Of a DOI that is not stored, that it exists: else publishing would make one."""
    plain = _plain(value, required=("provider",))
    is_external = plain is not None and plain["provider"] == EXTERNAL
    return {"identifier": "", "provider": EXTERNAL} if is_external else None


def _other_schemes(
    sent: Mapping[str, Any], draft: Any, errors: list[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """Return the identifiers of other schemes, as far as they can be read."""
    kept = draft.get("pids") or {}
    found = {}
    for scheme, value in sent.items():
        if scheme == "doi":
            continue
        plain = _plain(value)
        if plain is not None:
            found[scheme] = plain
        else:
            errors.append(_error(UNREADABLE, f"pids.{scheme}"))
            if scheme in kept:
                found[scheme] = dict(kept[scheme])
    return found


def managed_error(draft: Any, settings: Settings) -> dict[str, Any] | None:
    """Return the error of a draft whose managed DOI is not its own.

    Asked before it is published or reserved: what counts is who saved it, and drafts
    may have been saved before this package was there.
    """
    attributes = doi_attributes(draft)
    identifier = attributes.get("identifier")
    if attributes.get("provider") != DATACITE or not identifier:
        return None
    if managed_pid(identifier, draft) or is_new_doi(settings, draft, identifier):
        return None
    return _error(MADE_HERE)


def _read_doi(
    value: Any,
    draft: Any,
    published: Mapping[str, str],
    settings: Settings,
    providers: Collection[str],
    is_system: bool,
    reading: Reading,
) -> tuple[dict[str, str] | None, Any]:
    """Return what is saved, and the message if it is refused."""
    if value is None or value == {}:
        return None, None
    plain = _plain(value, required=("provider",))
    if plain is None:
        return None, UNREADABLE
    provider, identifier = plain["provider"], plain.get("identifier", "")
    if provider not in providers:
        return None, NO_SUCH_KIND
    if provider == DATACITE:
        return _read_managed(identifier, draft, published, settings, is_system, reading)
    if provider == EXTERNAL:
        # As the form shows it; what is not a DOI is kept, to be corrected there.
        identifier = read_doi(identifier).doi
    prefix = own_prefix(identifier, settings.prefixes)
    is_published = same_doi(identifier, published.get("identifier"))
    if prefix and provider != EXTERNAL and not is_published:
        return None, own_prefix_message(prefix)
    if provider == EXTERNAL:
        own = published if published.get("provider") == DATACITE else {}
        if same_doi(identifier, own.get("identifier")) or (
            prefix and managed_pid(identifier, draft)
        ):
            # Called external, it is still the DOI that was made here for this record.
            return _read_managed(
                identifier, draft, published, settings, is_system, reading
            )
        if not _is_typable(identifier):
            return None, NOT_STORABLE
        return {"identifier": identifier, "provider": provider}, None
    return plain | {"identifier": identifier}, None


def _read_managed(
    identifier: str,
    draft: Any,
    published: Mapping[str, str],
    settings: Settings,
    is_system: bool,
    reading: Reading,
) -> tuple[dict[str, str] | None, Any]:
    unmade = {"identifier": "", "provider": DATACITE}
    own = {"provider": DATACITE, "client": DATACITE}
    if published.get("provider") == DATACITE and (
        not identifier or same_doi(identifier, published.get("identifier"))
    ):
        return dict(published), None
    if not identifier:
        return unmade, None
    pid = managed_pid(identifier, draft)
    if pid is not None:
        return own | {"identifier": pid.pid_value}, None
    if is_new_doi(settings, draft, identifier):
        # The DOI that this draft would get is a new DOI, and made on publishing.
        return unmade, None
    if not is_system:
        return None, MADE_HERE
    if settings.account_of(identifier) is None or not is_valid_doi(identifier):
        return None, MADE_HERE
    if other_owner(identifier, draft) is not None:
        return None, OWN_USED
    reading.brought = identifier
    return own | {"identifier": identifier}, None


def _plain(
    value: Any, required: tuple[str, ...] = ("identifier", "provider")
) -> dict[str, str] | None:
    """Return the known keys of a PID's attributes; None if they cannot be read."""
    if not isinstance(value, Mapping):
        return None
    plain = {}
    for key in ("identifier", "provider", "client"):
        if value.get(key) is None:
            continue
        if not isinstance(value[key], str):
            return None
        plain[key] = value[key]
    if any(key not in plain for key in required) or not plain["provider"]:
        return None
    return plain


def _is_typable(identifier: str) -> bool:
    """Whether a draft may keep it: a typing error can be corrected there."""
    return len(identifier) <= MOST_TYPED and all(
        character.isprintable() or character.isspace() for character in identifier
    )


def _error(message: Any, where: str = FIELD) -> dict[str, Any]:
    return {"field": where, "messages": [message]}

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Judgment of a single DOI: a comparison of the local data with DataCite's.

A page of the list only raises suspicion, because the list lags behind; DataCite's
answer about the single DOI decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from invenio_pidstore.models import PIDStatus
from sqlalchemy.exc import DBAPIError

from ..datacite.answers import clean
from ..datacite.held import Held, version_of
from ..datacite.listing import Entry
from ..links import landing_page
from ..metadata.attributes import Attributes
from ..metadata.comparison import differences
from ..metadata.kernel import MAPPING
from ..records.source import Reader
from ..registration.checked import checked_target
from ..registration.models import Status
from ..registration.subject import load
from ..registration.target import Policy, Subject, Target
from ..settings.model import Account
from ..states import FINDABLE, REGISTERED
from .findings import Found
from .here import Here, claim_of
from .models import Problem

LENGTH = 300
"""Maximum length of a value that is kept, in characters."""


@dataclass(frozen=True)
class Wanted:
    """The subject of a DOI, and its target.

    :param subject: has DataCite's current state.
    :param target: None: the record cannot be described.
    :param error: the reason, if it cannot be described.
    """

    subject: Subject
    target: Target | None
    error: str = ""


def wanted_of(row: Any, state: str | None, reader: Reader, policy: Policy) -> Wanted:
    """Return the subject and the target of a registration.

    :param state: DataCite's current state.
    """
    subject = replace(load(claim_of(row), reader), remote_state=state)
    try:
        return Wanted(subject, checked_target(subject, policy))
    except DBAPIError:
        raise
    except Exception as error:
        # The record, or one of the site's functions, failed. The visibility is known
        # anyway.
        return Wanted(subject, None, f"{type(error).__name__}: {error}"[:500])


def suspicions(
    here: Here, entry: Entry, account: str, same_version: int | None
) -> Iterator[Problem]:
    """Yield the problems that an entry of the list suggests; DataCite must be queried.

    :param account: see ``settings.model.Account.id``.
    :param same_version: the metadata of this version were compared and are equal.
    """
    row = here.row
    if entry.state == FINDABLE and not here.is_shown:
        yield Problem.EXPOSED
    if here.is_pending or row.confirmed_account != account:
        return
    if entry.state != row.confirmed_state:
        yield Problem.WRONG_STATE
    if not here.is_settled:
        return
    if entry.url != (row.confirmed_url or landing_page(row.doi)):
        yield Problem.WRONG_URL
    known = same_version if row.metadata_version is None else row.metadata_version
    if entry.version != known and entry.version != same_version:
        yield Problem.CHANGED


def verdict(
    here: Here, held: Held | None, wanted: Wanted, account: Account
) -> list[Found]:
    """Return the findings for a DOI that DataCite was queried about.

    :param here: the local data, read after the answer arrived.
    :param held: DataCite's data; None: DataCite does not have the DOI.
    """
    row = here.row
    doi = row.doi
    if held is not None and held.client != account.symbol.lower():
        owners = {"datacite": held.client.upper(), "here": account.symbol.upper()}
        return [] if here.is_pending else [Found(doi, Problem.NOT_OURS, owners)]
    if held is None:
        gone = row.confirmed_state is not None and not here.is_pending
        return [Found(doi, Problem.MISSING)] if gone else []
    found: list[Found] = []
    what: dict[str, Any]
    if held.state == FINDABLE and wanted.subject.visibility.must_hide:
        what = {"here": wanted.subject.visibility.value, "pending": here.is_pending}
        return [Found(doi, Problem.EXPOSED, what)]
    if here.is_pending:
        return []
    if wanted.target is None:
        return [Found(doi, Problem.UNREADABLE, {"error": wanted.error})]
    if held.state != row.confirmed_state:
        what = {"datacite": held.state, "here": row.confirmed_state}
        found.append(Found(doi, Problem.WRONG_STATE, what))
    if not here.is_settled:
        return found
    url = row.confirmed_url or landing_page(doi)
    if held.url != url:
        what = {"datacite": _short(held.url), "here": url}
        found.append(Found(doi, Problem.WRONG_URL, what))
    fields = _changed(row, wanted.target, held)
    if fields:
        found.append(Found(doi, Problem.CHANGED, {"fields": fields}))
    return found


def _changed(row: Any, target: Target, held: Held) -> dict[str, Any]:
    """Return the properties that were changed at DataCite.

    Nothing is compared if DataCite's metadata version is still the confirmed one: then
    any difference was caused here, for example by a change in a vocabulary. Nothing is
    compared either if it is unknown what an older version of the mapping sent:
    'sync --older-mapping' sends such DOIs again.
    """
    mapping, known = row.mapping_version or 0, row.metadata_version
    is_known = known is not None
    if version_of(held.attributes) == known if is_known else mapping < MAPPING:
        return {}
    return _fields(target.attributes, held.attributes, mapping)


def adopted(here: Here, held: Held, wanted: Wanted) -> list[Found]:
    """Return the findings for a DOI of ours that was never confirmed.

    :param held: all data that DataCite has of it.
    """
    doi, subject = here.row.doi, wanted.subject
    if held.state == FINDABLE and subject.visibility.must_hide:
        return [Found(doi, Problem.EXPOSED, {"here": subject.visibility.value})]
    if wanted.target is None:
        return [Found(doi, Problem.UNREADABLE, {"error": wanted.error})]
    details: dict[str, Any] = {}
    if held.state != wanted.target.state:
        details["state"] = {"datacite": held.state, "here": wanted.target.state}
    if wanted.target.state is not None:
        if held.url != subject.url:
            details["url"] = {"datacite": _short(held.url), "here": subject.url}
        details |= _fields(wanted.target.attributes, held.attributes, 0)
    return [Found(doi, Problem.DIFFERS, {"fields": details})] if details else []


def confirmation(held: Held, target: Target) -> tuple[str, int | None]:
    """Return digest and mapping version for a DOI that :func:`adopted` finds correct.

    If another system sent the metadata, they may lack properties that only this mapping
    sends. Then the digest matches no target, and the next synchronization sends the
    DOI.
    """
    if target.attributes and differences(target.attributes, held.attributes):
        return f"older {target.digest}"[: len(target.digest)], None
    return target.digest, MAPPING


def exposed_by_flags(here: Here, state: str | None) -> bool:
    """Return whether a findable DOI appears to belong to a record that is not public.

    This is a first check. A draft does not count: it was never public.
    """
    is_draft = here.row.status is Status.RESERVED
    return state == FINDABLE and not here.is_shown and not is_draft


def about_pids(here: Here) -> Iterator[Found]:
    """Yield findings where PIDStore disagrees with what DataCite confirmed."""
    row, status = here.row, here.pid_status
    if len(here.spellings) > 1:
        yield Found(
            row.doi, Problem.DUPLICATE, {"spellings": sorted(here.spellings)[:10]}
        )
    if here.is_pending or row.in_doubt or status is None:
        return
    expected, wrong = PIDStatus.RESERVED, [PIDStatus.REGISTERED]
    if row.confirmed_state in (FINDABLE, REGISTERED):
        expected, wrong = PIDStatus.REGISTERED, [PIDStatus.NEW, PIDStatus.RESERVED]
    if status in wrong:
        what = {"pidstore": status.name.lower(), "here": expected.name.lower()}
        yield Found(row.doi, Problem.PIDSTORE, what)


def _fields(
    sent: Attributes, served: Mapping[str, Any], mapping: int
) -> dict[str, Any]:
    """Return the local and the remote value of each property that differs, by name."""
    if not sent:
        return {}
    try:
        names = differences(sent, served, mapping)
    except Exception:
        # The data do not even have the expected structure.
        return {"metadata": {"datacite": "unreadable", "here": "readable"}}
    return {
        name: {"datacite": _short(served.get(name)), "here": _short(sent.get(name))}
        for name in names
        if name != "url"
    }


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text, LENGTH)

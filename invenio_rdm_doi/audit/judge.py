# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Judges one DOI: what is here against what DataCite has.

A page of the list only raises suspicion, because the list lags behind; what DataCite
answers about the single DOI decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from invenio_pidstore.models import PIDStatus

from ..datacite.answers import clean
from ..datacite.held import Held
from ..datacite.listing import Entry
from ..links import landing_page, site_host
from ..metadata.attributes import Attributes
from ..metadata.comparison import differences
from ..records.source import Reader
from ..registration.subject import load
from ..registration.target import Policy, Subject, Target, target
from ..registration.turns import leads_here
from ..settings.model import Account
from ..states import FINDABLE, REGISTERED
from .findings import Found
from .here import Here, claim_of
from .models import Problem

LENGTH = 300
"""Characters of a value that are kept."""


@dataclass(frozen=True)
class Wanted:
    """What is behind a DOI, and what DataCite should hold of it.

    :param subject: with the state that DataCite has.
    """

    subject: Subject
    target: Target


def wanted_of(row: Any, state: str | None, reader: Reader, policy: Policy) -> Wanted:
    """What DataCite should hold of a registration.

    :param state: what DataCite has.
    :raises DumperError: one of the site's own dumpers failed.
    """
    subject = replace(load(claim_of(row), reader), remote_state=state)
    return Wanted(subject, target(subject, policy))


def suspicions(
    here: Here, entry: Entry, account: str, same_version: int | None
) -> Iterator[Problem]:
    """What an entry of the list gives reason to ask DataCite about.

    :param account: see ``settings.model.Account.id``.
    :param same_version: the metadata of this version were compared, and were the same.
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
    """What is wrong with a DOI that DataCite was asked about.

    :param here: read after the answer came.
    :param held: None: DataCite does not have it.
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
    if held.state != row.confirmed_state:
        what = {"datacite": held.state, "here": row.confirmed_state}
        found.append(Found(doi, Problem.WRONG_STATE, what))
    if not here.is_settled:
        return found
    url = row.confirmed_url or landing_page(doi)
    if held.url != url:
        what = {"datacite": _short(held.url), "here": url}
        found.append(Found(doi, Problem.WRONG_URL, what))
    fields = _fields(wanted.target.attributes, held.attributes)
    if fields:
        found.append(Found(doi, Problem.CHANGED, {"fields": fields}))
    return found


def adopted(
    here: Here,
    client: str | None,
    state: str,
    attributes: Attributes,
    wanted: Wanted,
    account: Account,
) -> list[Found]:
    """What is wrong with a DOI that was never confirmed; nothing: it is as it should.

    :param client: that has it at DataCite.
    :param attributes: all that DataCite has of it.
    """
    doi, subject = here.row.doi, wanted.subject
    what: dict[str, Any]
    if client != account.symbol.lower():
        what = {"datacite": (client or "?").upper(), "here": account.symbol.upper()}
        return [Found(doi, Problem.NOT_OURS, what)]
    url = attributes.get("url")
    if (
        url != subject.url
        and not here.row.taken_over
        and not _leads_here(url, subject, account)
    ):
        what = {"datacite": _short(url), "here": subject.url}
        return [Found(doi, Problem.NOT_OURS, what)]
    if state == FINDABLE and subject.visibility.must_hide:
        return [Found(doi, Problem.EXPOSED, {"here": subject.visibility.value})]
    details: dict[str, Any] = {}
    if state != wanted.target.state:
        details["state"] = {"datacite": state, "here": wanted.target.state}
    if wanted.target.state is not None:
        if url != subject.url:
            details["url"] = {"datacite": _short(url), "here": subject.url}
        details |= _fields(wanted.target.attributes, attributes)
    return [Found(doi, Problem.DIFFERS, {"fields": details})] if details else []


def _leads_here(url: Any, subject: Subject, account: Account) -> bool:
    hosts = {site_host(), *account.former_hosts}
    return leads_here(url, subject.doi, subject.record_ids(), hosts)


def about_pids(here: Here) -> Iterator[Found]:
    """Where PIDStore says something else than DataCite confirmed."""
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


def _fields(sent: Attributes, served: Mapping[str, Any]) -> dict[str, Any]:
    """By name: what is here and there, of the metadata that are not the same."""
    if not sent:
        return {}
    try:
        names = differences(sent, served)
    except Exception:
        # It has not even the shape.
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

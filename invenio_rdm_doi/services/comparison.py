# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Comparison of the target of a DOI with the data that DataCite has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from invenio_db import db

from ..audit.judge import wanted_of
from ..datacite.errors import NotFound, PrefixUnknown, Trouble
from ..metadata.attributes import Attributes
from ..metadata.comparison import differences
from ..proxies import current_doi
from ..records.source import Reader
from ..registration.delivery import policy_of
from ..registration.preview import preview
from ..registration.target import ABSENT
from ..settings.model import Account


@dataclass(frozen=True)
class Change:
    """The changes that a delivery of a DOI would make at DataCite.

    :param differences: by name, the value in this repository and DataCite's value.
    :param trouble: why the DOI could not be compared.
    """

    doi: str
    differences: dict[str, tuple[Any, Any]]
    trouble: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        return {
            "doi": self.doi,
            "differences": {
                name: {"here": here, "datacite": held}
                for name, (here, held) in self.differences.items()
            },
            "trouble": self.trouble,
        }


def changes(rows: Sequence[Any], everything: bool = False) -> Iterator[Change]:
    """Yield the changes of registrations whose target differs from the confirmed one.

    Reads their DOIs from DataCite, to show what would change there.

    :param everything: also yield registrations whose target is unchanged.
    """
    settings = current_doi.settings
    for row in rows:
        account = settings.account_of(row.doi)
        if account is None:
            continue
        with db.session.no_autoflush:
            reader = Reader.create(settings.metadata)
            policy = policy_of(settings, account)
            wanted = wanted_of(row, row.confirmed_state, reader, policy)
        db.session.rollback()
        target = wanted.target
        if target is None:
            yield Change(row.doi, {}, wanted.error)
            continue
        absent = target.state is None and row.confirmed_state is None
        unchanged = row.confirmed_digest == target.digest or absent
        if unchanged and not everything:
            continue
        try:
            there = _held(account, row.doi)
        except Trouble as error:
            yield Change(row.doi, {}, str(error))
            continue
        yield Change(row.doi, _differences(target.state, target.attributes, there))


def _held(account: Account, doi: str) -> Attributes | None:
    try:
        return current_doi.client(account).read(doi)
    except NotFound:
        return None


def compare(registration: Any) -> Change:
    """Compare the target of a DOI with the data that DataCite has now.

    For a draft, the target is what would be sent if it were published unchanged.

    :param registration: the registration, or its row.
    :returns: the changes, without ``trouble``.
    :raises DumperError: if the record cannot be described.
    :raises Trouble: if DataCite does not answer, or if no account has the prefix.
    """
    account = current_doi.settings.account_of(registration.doi)
    if account is None:
        raise PrefixUnknown(f"No account has the prefix of {registration.doi}.")
    with db.session.no_autoflush:
        reader = Reader.create(current_doi.settings.metadata)
        policy = policy_of(current_doi.settings, account)
        wanted = preview(
            registration.doi, registration.kind, registration.owner_id, reader, policy
        )
    db.session.rollback()
    there = _held(account, wanted.doi)
    return Change(wanted.doi, _differences(wanted.state, wanted.payload, there))


def _differences(
    state: str | None, payload: Attributes, there: Attributes | None
) -> dict[str, tuple[Any, Any]]:
    """Return, by name, the value in this repository and DataCite's value."""
    if state in (None, ABSENT):
        held = there["state"] if there else None
        return {"state": (None, held)} if held else {}
    if there is None:
        return {"state": (state, None)}
    found: dict[str, tuple[Any, Any]] = {}
    if there["state"] != state:
        found["state"] = (state, there["state"])
    for name in differences(payload, there):
        found[name] = (payload.get(name), there.get(name))
    return found

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What DataCite should have of a DOI, and what it has."""

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
    """What would be sent for a DOI.

    :param differences: by name: what it is here, and what DataCite has.
    :param trouble: why it could not be compared.
    """

    doi: str
    differences: dict[str, tuple[Any, Any]]
    trouble: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "doi": self.doi,
            "differences": {
                name: {"here": here, "datacite": held}
                for name, (here, held) in self.differences.items()
            },
            "trouble": self.trouble,
        }


def changes(rows: Sequence[Any], everything: bool = False) -> Iterator[Change]:
    """What would be sent for some registrations: what is not as it was confirmed.

    DataCite is asked about those, to show what would change there.

    :param everything: also what is as it was confirmed.
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
    """Compare what a DOI should be with what DataCite has now.

    Also of a draft: what would be sent if it were published as it is.

    :param registration: it, or its row.
    :returns: ``trouble`` is never set.
    :raises DumperError: the record cannot be described.
    :raises Trouble: DataCite has no answer, or no account has the prefix.
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
    """By name: what it is here, and what DataCite has."""
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

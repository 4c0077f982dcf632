# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Turns: the queries and writes of which a delivery consists.

The functions depend only on their arguments: no application, no database, no network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import unquote, urlsplit

from ..datacite.errors import Trouble
from ..doi import doi_key
from ..states import FINDABLE, REGISTERED
from ..timing import now
from .queue import Claim
from .results import CHECKS_OF_HIDDEN, CHECKS_OF_OTHERS
from .target import ABSENT, Policy, Subject, Target, Visibility

LONGEST = 6
"""Maximum number of turns of one delivery, regardless of DataCite's answers."""


class Turn(Enum):
    """One request to DataCite."""

    LOOK = "look"
    """Query DataCite's state of the DOI, because it is not known."""

    CREATE = "create"
    """Create the DOI; overwrites nothing."""

    UPDATE = "update"
    """Make DataCite hold the target."""

    MOVE = "move"
    """Set URL and state only, because the metadata were refused."""

    HIDE = "hide"
    """Hide only, because the placeholder was refused."""

    REMOVE = "remove"
    """Delete a draft."""

    CHECK = "check"
    """Query whether DataCite still has what it confirmed."""

    @property
    def writes(self) -> bool:
        """Whether DataCite may hold something else afterwards."""
        return self not in (Turn.LOOK, Turn.CHECK)


@dataclass(frozen=True)
class Parcel:
    """A registration on its way to DataCite.

    :param remote_state: the state that DataCite is known to have; None: no DOI.
    :param number: the number of the turn in this delivery.
    :param refused: the reason why only a short form is sent.
    :param taken: whether DataCite reported that the DOI exists.
    :param unexplained: whether DataCite refused the account, which is in order.
    :param repaired: whether the state was sent a second time.
    :param compared: whether DataCite was queried, and did not have what it confirmed.
    """

    claim: Claim
    subject: Subject
    target: Target
    turn: Turn
    remote_state: str | None
    started_at: datetime
    started: float
    number: int = 0
    refused: Trouble | None = None
    taken: bool = False
    unexplained: bool = False
    repaired: bool = False
    compared: bool = False

    @property
    def must_hide(self) -> bool:
        """Whether a DOI that DataCite may have must be hidden."""
        return self.subject.visibility.must_hide

    @property
    def is_known(self) -> bool:
        """Whether DataCite certainly has the DOI, and permanently."""
        return self.remote_state in (REGISTERED, FINDABLE)

    @property
    def checks(self) -> int:
        """The number of checks that follow if a request may arrive later."""
        return CHECKS_OF_HIDDEN if self.must_hide else CHECKS_OF_OTHERS

    def then(self, turn: Turn, **changes: object) -> Parcel:
        """Return the parcel of the next turn."""
        return replace(
            self,
            turn=turn,
            number=self.number + 1,
            started_at=datetime.now(UTC),
            started=now(),
            **changes,  # type: ignore[arg-type]
        )


def needs_look(claim: Claim, account: str, subject: Subject, policy: Policy) -> bool:
    """Return whether DataCite has to be queried before anything is decided.

    A DOI without a confirmation by this account at this address is unknown. A DOI that
    was generated here and never sent needs no look: its first request can only create.
    """
    if claim.never_sent or is_confirmed(claim, account):
        return False
    if subject.visibility is not Visibility.RESERVED or policy.reserve_remotely:
        return True
    # Reserved for a draft: DataCite does not have it, unless the stored state is old.
    return claim.confirmed_state is not None or not claim.made_here


def is_confirmed(claim: Claim, account: str) -> bool:
    """Return whether this account at this address confirmed the state at DataCite."""
    if claim.confirmed_account != account:
        return False
    # After a creation without an answer, DataCite may have the DOI by now.
    return claim.confirmed_state is not None or not (claim.in_doubt or claim.after_loss)


def next_write(target: Target, remote_state: str | None) -> Turn:
    """Return the turn that sends a target."""
    if target.state == ABSENT:
        return Turn.REMOVE
    return Turn.CREATE if remote_state is None else Turn.UPDATE


def leads_here(url: str | None, doi: str, pids: Iterable[str], hosts: set[str]) -> bool:
    """Return whether a URL at DataCite leads to this DOI or its record, at this site.

    :param pids: identifiers of the record or of all versions.
    :param hosts: current and former hosts of this site, in lower case.
    """
    try:
        parts = urlsplit(url or "")
        host = parts.netloc.lower()
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or host not in hosts:
        return False
    path = unquote(parts.path).strip("/")
    kind, _slash, rest = path.partition("/")
    if kind == "doi":
        return doi_key(rest) == doi_key(doi)
    return kind in ("records", "record") and rest in set(pids)

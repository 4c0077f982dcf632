# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Delivery for one account.

A delivery claims registrations, builds their targets, takes each request out of the
rate budget, checks that it may still be sent, and settles the answer. :mod:`.run` does
this for all accounts.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime

from invenio_db import db
from sqlalchemy.exc import DBAPIError

from ..datacite.client import DataCiteClient
from ..datacite.errors import Invalid, PrefixUnknown
from ..records.source import Reader
from ..settings.model import Account, Settings
from ..timing import now
from . import queue
from .breaker import Breaker
from .checked import checked_target
from .queue import Claim
from .sending import Reply, Sender
from .settlements import Settlement
from .settling import STATUS, Settler
from .subject import load, load_all
from .target import Policy, Subject, Target, Visibility
from .turns import Parcel, Turn, is_confirmed, needs_look, next_write

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""Seconds before an idle account is checked again, while other accounts continue."""

LEASE_MARGIN = 60
"""Seconds by which a claim outlasts the longest exchange."""

START_SECONDS = 1.0
"""A request starts within this time after the check that it may be sent."""

PATIENCE = 5.0
"""Seconds at the end of a run to wait for rows that web requests have locked."""

Progress = Callable[[Claim, str], None]
"""Called after each DOI with its claim and outcome."""


def policy_of(settings: Settings, account: Account) -> Policy:
    """Return the part of the settings that affects targets."""
    return Policy(
        placeholders=account.restricted == "placeholder",
        reserve_remotely=account.reserve_remotely,
        keeps_deleted=settings.deleted == "metadata",
    )


class Delivery:
    """Delivery of due registrations for one account.

    :ivar ready: parcels that are prepared and wait for the rate budget.
    :ivar flying: parcels that were sent and wait for DataCite.
    :ivar prefixes: prefixes of the DOIs that are claimed.
    :ivar is_waiting: whether the last :meth:`fill` found the rate budget spent.
    :ivar asked: whether the last :meth:`fill` looked for due registrations.
    """

    def __init__(
        self,
        settings: Settings,
        client: DataCiteClient,
        breaker: Breaker,
        window: int = 16,
    ):
        """Constructor.

        :param client: the client of the account.
        :param window: the maximum number of requests in flight.
        """
        self.settings = settings
        self.client = client
        self.account = client.account
        self.breaker = breaker
        self.window = window
        self.policy = policy_of(settings, self.account)
        self.sender = Sender(client)
        self.settler = Settler(settings, self.account, breaker, self.plan)
        # One exchange, and three queries about the cause of a refusal.
        self.lease = 4 * sum(self.account.timeout) + LEASE_MARGIN
        self.prefixes: set[str] = set(self.account.prefixes)
        self.ready: deque[Parcel] = deque()
        self.flying: dict[Future[Reply], Parcel] = {}
        self.asked = True
        self.is_waiting = False
        self._idle_until = 0.0

    @property
    def busy(self) -> int:
        """The number of claims that are not settled."""
        return len(self.ready) + len(self.flying)

    def fill(
        self, reader: Reader, share: int, goes_on: bool, note: Progress
    ) -> tuple[int, float | None]:
        """Claim and prepare registrations, or give claims back if nothing may be sent.

        :param share: the number of accounts that share the rate budget now.
        :returns: the number of claims, and the seconds to wait if the budget is spent
            (None: there is nothing to wait for).
        """
        # Before the claim, which may take these registrations again.
        self.settler.returned = queue.give_back(self.settler.returned)
        self.asked = True
        if self.settler.troubles.halted or not goes_on:
            self.settler.troubles.halted = False
            self._give_back(note)
        if not goes_on:
            return 0, None
        claims, pause = self._claim(share)
        self.is_waiting = pause is not None
        self.ready += self._prepare_all(claims, reader.afresh(), note)
        return len(claims), pause

    def _claim(self, share: int) -> tuple[list[Claim], float | None]:
        """Claim registrations that may be sent now.

        :returns: the claims, and the seconds after which to look again if there are
            none because the budget is spent (None: there is nothing to wait for).
        """
        free = self.window - self.busy
        # Wait until a quarter of the window is free, so that a full window does not
        # query the database after each answer.
        if free < self.window // 4 and self.busy:
            return [], None
        if now() < self._idle_until:
            self.asked = False
            return [], None
        # No more than can be sent at once: more urgent DOIs cannot overtake claims.
        budget = self.client.budget
        if budget is not None:
            left = budget.remaining()
            free = min(free, -(-left // share))
        if free <= 0:
            return [], self.pause()
        admitted = self.breaker.admit(free)
        if not admitted:
            self._idle_until = now() + IDLE_SECONDS
            return [], None
        claims = queue.claim(admitted, self.lease, self.prefixes)
        if not claims:
            self._idle_until = now() + IDLE_SECONDS
        return claims, None

    @property
    def is_idle(self) -> bool:
        """Whether the last look found nothing due, or nothing that may be sent."""
        return not self.busy and now() < self._idle_until

    def look_again(self) -> None:
        """Look for due registrations at once, regardless of the last result."""
        self._idle_until = 0.0

    def pause(self) -> float:
        """Return the seconds until the rate budget may have a request left."""
        budget = self.client.budget
        return min(1.0, max(0.02, budget.wait_seconds() if budget else 0))

    def begin(self, note: Progress) -> Iterable[tuple[Parcel, float]]:
        """Take parcels out of the rate budget, and yield those that may still be sent.

        Each comes with the time by which its request must start.
        """
        paid: list[Parcel] = []
        budget = self.client.budget
        flying = len(self.flying)
        while self.ready and len(paid) + flying < self.window:
            if budget is not None and not budget.take(0):
                break
            paid.append(self.ready.popleft())
        for writes in (False, True):
            parcels = [parcel for parcel in paid if parcel.turn.writes is writes]
            if not parcels:
                continue
            # Taken before the check: delays after it do not extend the limit.
            start_by = now() + START_SECONDS
            held = queue.begin([p.claim for p in parcels], self.lease, writes)
            for parcel in parcels:
                if parcel.claim.id in held:
                    # The attempt begins here; waiting for the budget is not part of it.
                    moment = datetime.now(UTC)
                    yield replace(parcel, started_at=moment, started=now()), start_by
                else:
                    self.settler.returned.append(parcel.claim)
                    note(parcel.claim, self.settler.troubles.log(parcel.claim, "lost"))

    def give_back_the_rest(self) -> bool:
        """Give claims back once web requests unlock their rows, for a few seconds.

        After that, the leases expire.

        :returns: whether any claim was given back, and is due again.
        """
        left, self.settler.returned = self.settler.returned, []
        count, end = len(left), now() + PATIENCE
        while (left := queue.give_back(left)) and now() < end:
            time.sleep(0.05)
        return len(left) < count

    def _give_back(self, note: Progress) -> None:
        while self.ready:
            parcel = self.ready.popleft()
            self.settler.returned.append(parcel.claim)
            note(parcel.claim, self.settler.troubles.log(parcel.claim, "lost"))

    def _prepare_all(
        self, claims: list[Claim], reader: Reader, note: Progress
    ) -> list[Parcel]:
        """Return the parcels to send, and settle the claims that need none.

        :param reader: created after the claim, so that it has read nothing older.
        """
        if not claims:
            return []
        # Reading a record marks it as changed; none of these changes may be written.
        with db.session.no_autoflush:
            self._load(claims, reader)
            prepared = [(claim, self._prepare(claim, reader)) for claim in claims]
        db.session.rollback()
        parcels, settlements = [], []
        for claim, made in prepared:
            if isinstance(made, Exception):
                note(claim, self._unprepared(claim, made))
            elif isinstance(made, Parcel):
                parcels.append(made)
            else:
                ending = self.settler.nothing_to_send(claim, *made)
                if isinstance(ending, str):
                    note(claim, ending)
                else:
                    settlements.append(ending)
        self._finish(settlements, note)
        return parcels

    @staticmethod
    def _load(claims: list[Claim], reader: Reader) -> None:
        """Read the records and parents of all claims at once."""
        try:
            load_all(claims, reader)
        except Exception as error:
            db.session.rollback()
            if _is_gone(error):
                raise
            # Caused by one of them: each is read separately, and only that one fails.
            logger.warning("doi.delivery.unread", extra={"reason": repr(error)[:500]})

    def _prepare(
        self, claim: Claim, reader: Reader
    ) -> Parcel | tuple[Subject, Target] | Exception:
        """Return the parcel, the target if nothing has to be sent, or the error."""
        try:
            subject = load(claim, reader)
            made = self._first(claim, subject)
        except Exception as error:
            db.session.rollback()
            if _is_gone(error):
                raise
            return error
        return made if isinstance(made, Parcel) else (subject, made)

    def _unprepared(self, claim: Claim, error: Exception) -> str:
        """Settle a claim that cannot be sent; other deliveries must continue."""
        if isinstance(error, (Invalid, PrefixUnknown)):
            return self.settler.troubles.not_sent(claim, error)
        return self.settler.troubles.defect(claim, error)

    def _first(self, claim: Claim, subject: Subject) -> Parcel | Target:
        """Return the first turn of a delivery, or a target that needs none."""
        if not self.account.owns(claim.doi):
            raise PrefixUnknown(
                f"No account has the prefix of {claim.doi}; configured are "
                f"{', '.join(self.settings.prefixes)}."
            )
        if needs_look(claim, self.account.id, subject, self.policy):
            return _parcel(claim, subject, Target(None), Turn.LOOK, None)
        known = is_confirmed(claim, self.account.id)
        return self.plan(
            claim, subject, claim.confirmed_state if known else None, known
        )

    def plan(
        self, claim: Claim, subject: Subject, remote_state: str | None, known: bool
    ) -> Parcel | Target:
        """Decide what is sent, now that the state at DataCite is known.

        :param remote_state: the state that DataCite has; None: it has no such DOI.
        :param known: whether the confirmed digest is of this account.
        :returns: the parcel to send, or a target if nothing has to be sent.
        :raises Invalid: if DataCite would refuse the metadata, or drop a part of them.
        """
        subject = replace(
            subject,
            remote_state=remote_state,
            in_doubt=claim.in_doubt or claim.after_loss,
        )
        try:
            wanted = checked_target(subject, self.policy)
        except Invalid as trouble:
            if remote_state is None or subject.visibility is not Visibility.PUBLIC:
                raise
            # The DOI must lead to the record in spite of an error in the metadata.
            moved = Target("findable", {"url": subject.url})
            parcel = _parcel(claim, subject, moved, Turn.MOVE, remote_state)
            if not parcel.is_known:
                raise
            return replace(parcel, refused=trouble)
        if wanted.state is None:
            return wanted
        if known and claim.confirmed(wanted):
            if not claim.in_doubt and not claim.after_loss:
                return wanted
            is_latest = claim.revision == claim.confirmed_revision
            if claim.checks_left and is_latest and not claim.after_loss:
                return _parcel(claim, subject, wanted, Turn.CHECK, remote_state)
        turn = next_write(wanted, remote_state)
        return _parcel(claim, subject, wanted, turn, remote_state)

    def settle(self, futures: Iterable[Future[Reply]], note: Progress) -> None:
        """Settle answers; the next turns, if there are any, are sent first."""
        settlements = []
        for future in futures:
            parcel = self.flying.pop(future)
            following = self._settle(parcel, future)
            if isinstance(following, Parcel):
                self.ready.appendleft(following)
            elif isinstance(following, Settlement):
                settlements.append(following)
            else:
                note(parcel.claim, following)
        self._finish(settlements, note)

    def _settle(
        self, parcel: Parcel, future: Future[Reply]
    ) -> Parcel | Settlement | str:
        try:
            return self.settler.settle(parcel, future)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            # An error in settling one parcel must not affect others: its lease expires.
            db.session.rollback()
            logger.exception("doi.delivery.unsettled", extra={"doi": parcel.claim.doi})
            return "retry"
        except Exception as error:
            # Caused by the record, by the site's functions, or by DataCite's answer.
            db.session.rollback()
            return self.settler.troubles.defect(parcel.claim, error, parcel)

    def _finish(self, settlements: list[Settlement], note: Progress) -> None:
        if settlements:
            for claim, outcome in self.settler.finish(settlements):
                note(claim, outcome)


def _is_gone(error: Exception) -> bool:
    """Return whether the database connection was lost, which no record can cause."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _parcel(
    claim: Claim,
    subject: Subject,
    wanted: Target,
    turn: Turn,
    remote_state: str | None,
) -> Parcel:
    return Parcel(claim, subject, wanted, turn, remote_state, datetime.now(UTC), now())


__all__ = ("Delivery", "Progress", "STATUS", "policy_of")

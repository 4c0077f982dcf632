# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Delivery for one account: claim, build the target, take the request out of the rate
budget, check that it may still be sent, settle. :mod:`.run` does it for all accounts.
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
"""How long an account is not asked again for what is due, while others go on."""

LEASE_MARGIN = 60
"""Seconds that a claim outlasts the longest exchange."""

START_SECONDS = 1.0
"""A request starts within this time after the check that it may be sent."""

PATIENCE = 5.0
"""Seconds at the end of a run for claims whose rows a web request holds."""

Progress = Callable[[Claim, str], None]
"""Called after each DOI with its claim and outcome."""


def policy_of(settings: Settings, account: Account) -> Policy:
    """The part of the settings that decides on targets."""
    return Policy(
        placeholders=account.restricted == "placeholder",
        reserve_remotely=account.reserve_remotely,
        keeps_deleted=settings.deleted == "metadata",
    )


class Delivery:
    """Delivers what is due for one account.

    :ivar ready: what is prepared, and waits for the budget.
    :ivar flying: what was sent, and waits for DataCite.
    :ivar prefixes: of the DOIs that are claimed.
    :ivar is_waiting: whether the last :meth:`fill` found the rate budget spent.
    :ivar asked: whether the last :meth:`fill` looked for what is due.
    """

    def __init__(
        self,
        settings: Settings,
        client: DataCiteClient,
        breaker: Breaker,
        window: int = 16,
    ):
        """Constructor.

        :param client: of the account.
        :param window: how many requests are in flight at most.
        """
        self.settings = settings
        self.client = client
        self.account = client.account
        self.breaker = breaker
        self.window = window
        self.policy = policy_of(settings, self.account)
        self.sender = Sender(client)
        self.settler = Settler(settings, self.account, breaker, self.plan)
        # One exchange, and three questions about what a refusal means.
        self.lease = 4 * sum(self.account.timeout) + LEASE_MARGIN
        self.prefixes: set[str] = set(self.account.prefixes)
        self.ready: deque[Parcel] = deque()
        self.flying: dict[Future[Reply], Parcel] = {}
        self.asked = True
        self.is_waiting = False
        self._idle_until = 0.0

    @property
    def busy(self) -> int:
        """How much was claimed and is not settled."""
        return len(self.ready) + len(self.flying)

    def fill(
        self, reader: Reader, share: int, goes_on: bool, note: Progress
    ) -> tuple[int, float | None]:
        """Claim and prepare what may be sent, or give back what may not.

        :param share: by how many accounts the rate budget is shared now.
        :returns: how much was claimed, and the seconds to wait where the budget is
            spent (None: there is nothing to wait for).
        """
        # Before the claim, which may take them again.
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
        """What may be sent now.

        :returns: claims, and the seconds after which to look again if there are none
            because the budget is spent (None: there is nothing to wait for).
        """
        free = self.window - self.busy
        # Asked for in quarters, so that a full window does not ask for each answer.
        if free < self.window // 4 and self.busy:
            return [], None
        if now() < self._idle_until:
            self.asked = False
            return [], None
        # Not more than can be sent at once: what is claimed cannot be overtaken.
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
        """Whether nothing was due, or might be sent, when it was looked at last."""
        return not self.busy and now() < self._idle_until

    def look_again(self) -> None:
        """Ask for what is due at once, whatever was found before."""
        self._idle_until = 0.0

    def pause(self) -> float:
        """Seconds until the rate budget may have something left."""
        budget = self.client.budget
        return min(1.0, max(0.02, budget.wait_seconds() if budget else 0))

    def begin(self, note: Progress) -> Iterable[tuple[Parcel, float]]:
        """Take parcels that are paid for, and may still be sent, and until when."""
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
            # From before the check: nothing that follows it makes a request later.
            start_by = now() + START_SECONDS
            held = queue.begin([p.claim for p in parcels], self.lease, writes)
            for parcel in parcels:
                if parcel.claim.id in held:
                    # From here on, and not while it waited for the budget.
                    moment = datetime.now(UTC)
                    yield replace(parcel, started_at=moment, started=now()), start_by
                else:
                    self.settler.returned.append(parcel.claim)
                    note(parcel.claim, self.settler.troubles.log(parcel.claim, "lost"))

    def give_back_the_rest(self) -> bool:
        """Give back what requests hold as soon as they let go, for a moment or two.

        After that, the lease ends by itself.

        :returns: whether anything was given back, and is due again.
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
        """The parcels to send; what needs none is settled.

        :param reader: made after the claim, so that what it has seen is not older.
        """
        if not claims:
            return []
        # Reading a record marks it as changed; nothing of that may be written.
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
        """Read what is behind all claims at once."""
        try:
            load_all(claims, reader)
        except Exception as error:
            db.session.rollback()
            if _is_gone(error):
                raise
            # One of them: each is read alone, and only that one fails.
            logger.warning("doi.delivery.unread", extra={"reason": repr(error)[:500]})

    def _prepare(
        self, claim: Claim, reader: Reader
    ) -> Parcel | tuple[Subject, Target] | Exception:
        """The parcel to send, or what DataCite has already; or why there is none."""
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
        """Settle what cannot be sent: it must not stop the delivery of other DOIs."""
        if isinstance(error, (Invalid, PrefixUnknown)):
            return self.settler.troubles.not_sent(claim, error)
        return self.settler.troubles.defect(claim, error)

    def _first(self, claim: Claim, subject: Subject) -> Parcel | Target:
        """The first turn of a delivery, or a target that needs none."""
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
        """Decide what is sent, now that it is known what DataCite has.

        :param remote_state: the state that DataCite has; None: it has no such DOI.
        :param known: the confirmed digest is of this account.
        :returns: a target if nothing has to be sent.
        :raises Invalid: DataCite would refuse the metadata, or drop a part of them.
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
            # The DOI must not lead nowhere because of an error in the metadata.
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
        """Settle answers; the next turns, if there are any, go first."""
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
            # Settling one parcel must not cost another one: its lease ends by itself.
            db.session.rollback()
            logger.exception("doi.delivery.unsettled", extra={"doi": parcel.claim.doi})
            return "retry"
        except Exception as error:
            # Of the record, of the site's functions, or of what DataCite answered.
            db.session.rollback()
            return self.settler.troubles.defect(parcel.claim, error, parcel)

    def _finish(self, settlements: list[Settlement], note: Progress) -> None:
        if settlements:
            for claim, outcome in self.settler.finish(settlements):
                note(claim, outcome)


def _is_gone(error: Exception) -> bool:
    """Whether the database went away; no record has anything to do with it."""
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

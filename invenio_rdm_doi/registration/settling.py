# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Handling of answers: another turn, or the end of a delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from ..datacite.errors import (
    DomainNotAllowed,
    Invalid,
    NotOurs,
    NotSent,
    Refused,
    Taken,
    Trouble,
    Unexplained,
    WrongState,
)
from ..metadata.comparison import differences
from ..settings.model import Account, Settings
from ..states import EVENTS, FINDABLE
from . import results
from .breaker import Breaker
from .models import Outcome, Status
from .ours import require_ours
from .queue import Claim
from .sending import Reply
from .settlements import Settlement, settle_all
from .tally import Exchange
from .target import ABSENT, Subject, Target, Visibility
from .troubles import Troubles, exchange_of
from .turns import LONGEST, Parcel, Turn, next_write

logger = logging.getLogger(__name__)

SEVERAL = 5
"""Failed attempts after which an earlier request no longer explains a taken DOI."""

STATUS = {
    Visibility.PUBLIC: Status.FINDABLE,
    Visibility.RESTRICTED: Status.WITHHELD,
    Visibility.DELETED: Status.HIDDEN,
    Visibility.ERASED: Status.HIDDEN,
    Visibility.RESERVED: Status.RESERVED,
    Visibility.GONE: Status.HIDDEN,
}
"""The status that users see when a registration agrees with its target."""

Plan = Callable[[Claim, Subject, str | None, bool], Parcel | Target]


class Settler:
    """Handler of the answers of one delivery."""

    def __init__(
        self, settings: Settings, account: Account, breaker: Breaker, plan: Plan
    ):
        """Constructor.

        :param account: the account that confirms.
        :param plan: decides what is sent, once the state at DataCite is known.
        """
        self.settings = settings
        self.breaker = breaker
        self.account = account
        self.plan = plan
        self.troubles = Troubles(settings, account, breaker)
        self.returned: list[Claim] = []
        """Claims that were not sent, and have to be given back."""

    def settle(
        self, parcel: Parcel, future: Future[Reply]
    ) -> Parcel | Settlement | str:
        """Handle an answer.

        :returns: the next turn; a settlement for :meth:`finish`; or the outcome of the
            delivery.
        """
        try:
            reply = future.result()
        except Trouble as trouble:
            return self._trouble(parcel, trouble)
        except Exception as error:
            return self.troubles.defect(parcel.claim, error, parcel)
        if parcel.turn.writes:
            # Only after a write: DataCite may answer queries and still fail at writes.
            self.breaker.succeeded()
        if parcel.number >= LONGEST:
            return self.troubles.ended(
                parcel,
                WrongState(
                    f"DataCite's answers about {parcel.claim.doi} contradict each "
                    "other."
                ),
            )
        try:
            return self._answered(parcel, reply)
        except Invalid as trouble:
            return self.troubles.not_sent(parcel.claim, trouble)
        except Trouble as trouble:
            return self.troubles.ended(parcel, trouble)

    # Answers

    def _answered(self, parcel: Parcel, reply: Reply) -> Parcel | Settlement | str:
        if parcel.turn is Turn.LOOK:
            return self._looked(parcel, reply)
        if parcel.turn is Turn.CHECK:
            return self._checked(parcel, reply)
        if parcel.turn is Turn.HIDE:
            return self.troubles.short_form(parcel, reply, Outcome.RETRY)
        if parcel.turn is Turn.MOVE:
            return self.troubles.short_form(parcel, reply, Outcome.REJECTED)
        if reply.state == ABSENT:
            settled = results.settle_gone(parcel.claim)
            return self._finished(
                parcel.claim, settled, exchange_of(parcel, reply), parcel.checks
            )
        if reply.state != parcel.target.state:
            return self._other_state(parcel, reply)
        return Settlement(
            parcel.claim,
            parcel.target,
            STATUS[parcel.subject.visibility],
            self.account.id,
            exchange_of(parcel, reply),
            checks=parcel.checks if _expects_late(parcel) else 0,
            doubt=parcel.checks,
        )

    def _looked(self, parcel: Parcel, reply: Reply) -> Parcel | Settlement | str:
        held, claim, subject = reply.held, parcel.claim, parcel.subject
        if held is None:
            if parcel.taken and self._may_be_own(claim):
                raise Taken(
                    f"DataCite says that {claim.doi} is taken, and does not show it: "
                    "an earlier request without an answer may just have created it.",
                    http_status=404,
                )
            if parcel.taken:
                raise NotOurs(
                    f"DataCite says that {claim.doi} is taken, and does not show it to "
                    f"{self.account.symbol}: another account has it.",
                    http_status=404,
                )
            return self._planned(parcel, None)
        require_ours(held, subject, self.account, claim.taken_over)
        if parcel.unexplained:
            raise Unexplained(
                f"DataCite does not let {self.account.symbol} write "
                f"{claim.doi}, although account, prefix and DOI are in order.",
                http_status=200,
            )
        return self._planned(parcel, held.state)

    @staticmethod
    def _may_be_own(claim: Claim) -> bool:
        """Return whether an earlier request from here may have created the DOI."""
        return (claim.in_doubt or claim.after_loss) and claim.failures < SEVERAL

    def _planned(
        self, parcel: Parcel, remote_state: str | None
    ) -> Parcel | Settlement | str:
        """Continue, now that the state at DataCite is known."""
        plan = self.plan(parcel.claim, parcel.subject, remote_state, False)
        gone = parcel.subject.visibility is Visibility.GONE and remote_state is None
        if isinstance(plan, Target) and gone:
            settled = results.settle_gone(parcel.claim)
            return self.troubles.log(parcel.claim, "unchanged" if settled else "lost")
        if isinstance(plan, Target):
            return Settlement(
                parcel.claim,
                plan,
                STATUS[parcel.subject.visibility],
                self.account.id,
                remote_state=remote_state,
            )
        return replace(
            plan,
            number=parcel.number + 1,
            taken=parcel.taken,
            unexplained=parcel.unexplained,
        )

    def _checked(self, parcel: Parcel, reply: Reply) -> Parcel | Settlement | str:
        held, wanted = reply.held, parcel.target
        if held is None or held.client != self.account.symbol.lower():
            return self._looked(parcel, reply)
        same = held.state == wanted.state and not _differs(wanted, held.attributes)
        if same:
            status = STATUS[parcel.subject.visibility]
            settled = results.settle_checked(
                parcel.claim, status, exchange_of(parcel, reply)
            )
            return self.troubles.log(
                parcel.claim, "done" if settled else "lost", turn="check"
            )
        logger.warning(
            "doi.delivery.overwritten",
            extra={"doi": parcel.claim.doi, "revision": parcel.claim.revision},
        )
        results.note_check(parcel.claim)
        return parcel.then(
            next_write(wanted, held.state), remote_state=held.state, compared=True
        )

    def _other_state(self, parcel: Parcel, reply: Reply) -> Parcel | Settlement | str:
        """Handle a state other than the wanted one: DataCite ignored the event.

        The state before the request was not the one that was known here.
        """
        repairable = (reply.state, parcel.target.state) in EVENTS
        if repairable and not parcel.repaired:
            return parcel.then(
                Turn.UPDATE, remote_state=reply.state, repaired=True, refused=None
            )
        raise WrongState(
            f"DataCite says that {parcel.claim.doi} is {reply.state}, not "
            f"{parcel.target.state}.",
            http_status=reply.http_status,
        )

    # Ends

    def nothing_to_send(
        self, claim: Claim, subject: Subject, wanted: Target
    ) -> Settlement | str:
        """Settle a claim for which nothing has to be sent; see :meth:`finish`."""
        if subject.visibility is Visibility.GONE and not claim.confirmed_state:
            return self._finished(claim, results.settle_gone(claim))
        return Settlement(claim, wanted, STATUS[subject.visibility])

    def finish(self, settlements: Sequence[Settlement]) -> Iterator[tuple[Claim, str]]:
        """Settle all successful deliveries at once.

        :returns: each claim, and the outcome of its delivery.
        """
        errors: dict[UUID, DBAPIError] = {}
        settled = settle_all(settlements, errors)
        for settlement in settlements:
            claim = settlement.claim
            if claim.id in errors:
                # Its lease expires.
                logger.error(
                    "doi.delivery.unsettled",
                    exc_info=errors[claim.id],
                    extra={"doi": claim.doi},
                )
                yield claim, Outcome.RETRY.value
                continue
            yield (
                claim,
                self._finished(
                    claim, claim.id in settled, settlement.exchange, settlement.doubt
                ),
            )

    def _finished(
        self,
        claim: Claim,
        settled: bool,
        exchange: Exchange | None = None,
        doubt: int = 0,
    ) -> str:
        if exchange is None:
            return self.troubles.log(claim, "unchanged" if settled else "lost")
        if not settled:
            results.cast_doubt(claim, doubt)
        return self.troubles.log(
            claim,
            "done" if settled else "lost",
            state=exchange.state,
            http_status=exchange.http_status,
        )

    # Troubles

    def _trouble(self, parcel: Parcel, trouble: Trouble) -> Parcel | Settlement | str:
        claim = parcel.claim
        if isinstance(trouble, NotSent):
            self.returned.append(claim)
            return self.troubles.log(
                claim, "lost", code=trouble.code, reason=trouble.message
            )
        if parcel.number < LONGEST:
            following = self._after_trouble(parcel, trouble)
            if following is not None:
                self.breaker.succeeded()
                return following
        return self.troubles.ended(parcel, trouble)

    def _after_trouble(self, parcel: Parcel, trouble: Trouble) -> Parcel | None:
        """Return the next turn, or None if the trouble ends the delivery."""
        if isinstance(trouble, Taken):
            # 409 means that another request for the DOI was faster, not that it exists.
            return parcel.then(Turn.LOOK, taken=trouble.http_status != 409)
        if isinstance(trouble, Unexplained) and not parcel.unexplained:
            return parcel.then(Turn.LOOK, unexplained=True)
        refused = isinstance(trouble, (Refused, DomainNotAllowed))
        if refused and parcel.turn is Turn.UPDATE and parcel.is_known:
            if parcel.must_hide and parcel.remote_state == FINDABLE:
                return parcel.then(Turn.HIDE, refused=trouble)
            public = parcel.subject.visibility is Visibility.PUBLIC
            if public and isinstance(trouble, Refused):
                return parcel.then(Turn.MOVE, refused=trouble)
        return None


def _differs(wanted: Target, served: dict[str, Any]) -> bool:
    try:
        return bool(differences(wanted.attributes, served))
    except Exception:
        # The answer does not even have the right structure.
        return True


def _expects_late(parcel: Parcel) -> bool:
    """Return whether an earlier, unchecked request may still arrive."""
    claim = parcel.claim
    return claim.after_loss or (claim.checks_left > 0 and not parcel.compared)

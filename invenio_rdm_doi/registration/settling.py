# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What follows from an answer: another turn, or the end of a delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from ..datacite.errors import (
    BudgetSpent,
    DomainNotAllowed,
    Invalid,
    InvalidDOI,
    NotAllowed,
    NotDataCite,
    NotHidden,
    NotOurs,
    NotSent,
    OtherSystem,
    Refused,
    Taken,
    Trouble,
    Unexplained,
    Unreachable,
    WrongState,
)
from ..links import site_host
from ..metadata.comparison import differences
from ..metadata.complaints import field_of
from ..metadata.describe import DumperError
from ..settings.model import Account, Settings
from ..states import EVENTS, FINDABLE, REGISTERED
from ..timing import now
from . import results
from .breaker import Breaker
from .models import Outcome, Status
from .outcomes import Blame, Rule, rule_for
from .queue import Claim
from .results import Exchange
from .retry import backoff, jitter
from .sending import Reply
from .target import ABSENT, Subject, Target, Visibility
from .turns import LONGEST, Parcel, Turn, leads_here, next_write

logger = logging.getLogger(__name__)

SEVERAL = 5
"""Failed attempts after which an earlier request is no explanation any more."""

SERVICE_CAP = 600
"""Seconds between two tries at most, while it may be DataCite and not the record."""

DAILY = 24 * 3600
"""Seconds until a DOI is looked at again that should be hidden and cannot be."""

DOMAIN_SECONDS = 900
"""Seconds until the account's domains are looked at again."""

STATUS = {
    Visibility.PUBLIC: Status.FINDABLE,
    Visibility.RESTRICTED: Status.WITHHELD,
    Visibility.DELETED: Status.HIDDEN,
    Visibility.ERASED: Status.HIDDEN,
    Visibility.RESERVED: Status.RESERVED,
    Visibility.GONE: Status.HIDDEN,
}
"""What people see when a registration agrees with its target."""

Plan = Callable[[Claim, Subject, str | None, bool], Parcel | Target]


class Settler:
    """Settles the answers of one delivery."""

    def __init__(
        self, settings: Settings, account: Account, breaker: Breaker, plan: Plan
    ):
        """Constructor.

        :param account: that confirms.
        :param plan: decides what is sent, when it is known what DataCite has.
        """
        self.settings = settings
        self.breaker = breaker
        self.account = account
        self.plan = plan
        self.returned: list[Claim] = []
        """Claims that were not sent, and have to be given back."""
        self.halted = False
        """Nothing more may be sent: what is ready goes back."""

    def settle(self, parcel: Parcel, future: Future[Reply]) -> Parcel | str:
        """Return the next turn, or how the delivery ended."""
        try:
            reply = future.result()
        except Trouble as trouble:
            return self._trouble(parcel, trouble)
        except Exception as error:
            return self.defect(parcel.claim, error, parcel)
        if parcel.turn.writes:
            # A DataCite that answers questions may still fail at writes.
            self.breaker.succeeded()
        if parcel.number >= LONGEST:
            return self._ended(
                parcel,
                WrongState(
                    f"DataCite's answers about {parcel.claim.doi} contradict each "
                    "other."
                ),
            )
        try:
            return self._answered(parcel, reply)
        except Invalid as trouble:
            return self.not_sent(parcel.claim, trouble)
        except Trouble as trouble:
            return self._ended(parcel, trouble)

    # Answers

    def _answered(self, parcel: Parcel, reply: Reply) -> Parcel | str:
        if parcel.turn is Turn.LOOK:
            return self._looked(parcel, reply)
        if parcel.turn is Turn.CHECK:
            return self._checked(parcel, reply)
        if parcel.turn is Turn.HIDE:
            return self._short_form(parcel, reply, Outcome.RETRY)
        if parcel.turn is Turn.MOVE:
            return self._short_form(parcel, reply, Outcome.REJECTED)
        if reply.state == ABSENT:
            settled = results.settle_gone(parcel.claim)
            return self._done(parcel, reply, settled)
        if reply.state != parcel.target.state:
            return self._other_state(parcel, reply)
        settled = results.settle_done(
            parcel.claim,
            parcel.target,
            STATUS[parcel.subject.visibility],
            self.account.id,
            _exchange(parcel, reply),
            checks=parcel.checks if _expects_late(parcel) else 0,
        )
        return self._done(parcel, reply, settled)

    def _looked(self, parcel: Parcel, reply: Reply) -> Parcel | str:
        held, claim, subject = reply.held, parcel.claim, parcel.subject
        if held is None:
            if parcel.taken and self._may_be_own(claim):
                raise Taken(
                    f"DataCite says that {claim.doi} is taken, and does not show it: "
                    "an earlier request without an answer may just have made it.",
                    http_status=404,
                )
            if parcel.taken:
                raise NotOurs(
                    f"DataCite says that {claim.doi} is taken, and does not show it to "
                    f"{self.account.symbol}: another account has it.",
                    http_status=404,
                )
            return self._planned(parcel, None)
        if held.client != self.account.symbol.lower():
            raise NotOurs(
                f"DataCite says that {claim.doi} belongs to {held.client.upper()}, not "
                f"to {self.account.symbol}.",
                http_status=200,
            )
        hosts = {site_host(), *self.account.former_hosts}
        here = leads_here(held.url, claim.doi, subject.record_ids(), hosts)
        if not here and not claim.taken_over:
            raise OtherSystem(
                f"{claim.doi} exists already in the account, and leads to "
                f"{held.url or 'nothing'}.",
                http_status=200,
            )
        if parcel.unexplained:
            raise Unexplained(
                f"DataCite does not let {self.account.symbol} write "
                f"{claim.doi}, though account, prefix and DOI are in order.",
                http_status=200,
            )
        return self._planned(parcel, held.state)

    @staticmethod
    def _may_be_own(claim: Claim) -> bool:
        """Whether what took a DOI may be an earlier request for this very one."""
        return (claim.in_doubt or claim.after_loss) and claim.failures < SEVERAL

    def _planned(self, parcel: Parcel, remote_state: str | None) -> Parcel | str:
        """Go on, now that it is known what DataCite has."""
        plan = self.plan(parcel.claim, parcel.subject, remote_state, False)
        gone = parcel.subject.visibility is Visibility.GONE and remote_state is None
        if isinstance(plan, Target) and gone:
            settled = results.settle_gone(parcel.claim)
            return self.log(parcel.claim, "unchanged" if settled else "lost")
        if isinstance(plan, Target):
            settled = results.settle_done(
                parcel.claim,
                plan,
                STATUS[parcel.subject.visibility],
                self.account.id,
                remote_state=remote_state,
            )
            return self.log(parcel.claim, "unchanged" if settled else "lost")
        return replace(
            plan,
            number=parcel.number + 1,
            taken=parcel.taken,
            unexplained=parcel.unexplained,
        )

    def _checked(self, parcel: Parcel, reply: Reply) -> Parcel | str:
        held, wanted = reply.held, parcel.target
        if held is None or held.client != self.account.symbol.lower():
            return self._looked(parcel, reply)
        same = held.state == wanted.state and not _differs(wanted, held.attributes)
        if same:
            status = STATUS[parcel.subject.visibility]
            settled = results.settle_checked(
                parcel.claim, status, _exchange(parcel, reply)
            )
            return self.log(parcel.claim, "done" if settled else "lost", turn="check")
        logger.warning(
            "doi.delivery.overwritten",
            extra={"doi": parcel.claim.doi, "revision": parcel.claim.revision},
        )
        results.note_check(parcel.claim)
        return parcel.then(
            next_write(wanted, held.state), remote_state=held.state, compared=True
        )

    def _other_state(self, parcel: Parcel, reply: Reply) -> Parcel | str:
        """DataCite had another state than was known: it ignored the event."""
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

    def _short_form(self, parcel: Parcel, reply: Reply, outcome: Outcome) -> str:
        """A short form was sent, because the complete one was refused."""
        refused = parcel.refused
        assert refused is not None, "a short form has its reason"
        if outcome is Outcome.RETRY and reply.state == FINDABLE:
            return self._ended(parcel, _not_hidden(parcel, refused))
        # Hidden, but DataCite still has the old metadata: the placeholder is tried
        # again. Moved: the metadata are for a person to correct.
        delay = DAILY if outcome is Outcome.RETRY else None
        if isinstance(refused, DomainNotAllowed):
            delay = DOMAIN_SECONDS
        told = self._told(refused, parcel)
        told.pop("must_hide", None)
        settled = results.settle_trouble(
            parcel.claim,
            outcome,
            told,
            delay_seconds=delay,
            burns=False,
            exchange=_exchange(parcel, reply),
            confirmed_state=reply.state,
        )
        return self._troubled(parcel.claim, outcome, refused, settled)

    def _done(self, parcel: Parcel, reply: Reply, settled: bool) -> str:
        if not settled:
            results.cast_doubt(parcel.claim, parcel.checks)
        return self.log(
            parcel.claim,
            "done" if settled else "lost",
            state=reply.state,
            http_status=reply.http_status,
        )

    # Troubles

    def _trouble(self, parcel: Parcel, trouble: Trouble) -> Parcel | str:
        claim = parcel.claim
        if isinstance(trouble, NotSent):
            self.returned.append(claim)
            return self.log(claim, "lost", code=trouble.code, reason=trouble.message)
        if parcel.number < LONGEST:
            following = self._after_trouble(parcel, trouble)
            if following is not None:
                self.breaker.succeeded()
                return following
        return self._ended(parcel, trouble)

    def _after_trouble(self, parcel: Parcel, trouble: Trouble) -> Parcel | None:
        """Return the next turn, if the trouble is no end."""
        if isinstance(trouble, Taken):
            # 409 says that another request for the DOI was faster, not that it exists.
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

    def _ended(self, parcel: Parcel, trouble: Trouble) -> str:
        """The delivery ends with this trouble."""
        claim = parcel.claim
        if parcel.turn is Turn.HIDE and isinstance(trouble, Refused):
            trouble = _not_hidden(parcel, trouble)
        elif parcel.turn is Turn.MOVE and parcel.refused is not None:
            # That the short form failed, too, tells nobody what to correct.
            trouble = parcel.refused if isinstance(trouble, Refused) else trouble
        rule = rule_for(trouble)
        self._blame(rule, trouble)
        outcome, delay = self._outcome(parcel, rule, trouble)
        unanswered = _may_arrive_later(parcel, trouble)
        told = self._told(trouble, parcel)
        settled = results.settle_trouble(
            claim,
            outcome,
            told,
            delay_seconds=delay,
            burns=rule.burns,
            exchange=_exchange(parcel, trouble),
            # A draft that cannot be deleted is none: DataCite keeps it for ever.
            confirmed_state=FINDABLE if isinstance(trouble, NotAllowed) else None,
            unchanged=not parcel.number and _changed_nothing(trouble),
            checks=parcel.checks if unanswered else 0,
        )
        if not settled and parcel.turn.writes and not _changed_nothing(trouble):
            # It may arrive after what another worker sends.
            results.cast_doubt(claim, parcel.checks)
        return self._troubled(
            claim, outcome, trouble, settled, bool(told.get("must_hide"))
        )

    def _outcome(
        self, parcel: Parcel, rule: Rule, trouble: Trouble
    ) -> tuple[Outcome, float | None]:
        """The outcome, and the seconds until it is tried again (None: by a person)."""
        if rule.outcome is not Outcome.REJECTED:
            if isinstance(trouble, DomainNotAllowed):
                return rule.outcome, DOMAIN_SECONDS + jitter(60)
            return rule.outcome, self._delay(parcel.claim, rule)
        if not parcel.must_hide:
            return Outcome.REJECTED, None
        if isinstance(trouble, (InvalidDOI, NotOurs, OtherSystem)):
            return Outcome.REJECTED, DAILY
        claim = parcel.claim
        may_arrive = claim.in_doubt or claim.after_loss or claim.checks_left
        if parcel.is_known or may_arrive:
            # What has to be hidden is never given up.
            delay = backoff(
                parcel.claim.failures,
                self.settings.retry_base,
                self.settings.retry_cap,
            )
            return Outcome.RETRY, delay
        return Outcome.REJECTED, None

    def not_sent(self, claim: Claim, trouble: Trouble) -> str:
        """Settle what was not sent, because it would be refused, or is not ours."""
        rule = rule_for(trouble)
        told = self._told(trouble)
        if claim.hides:
            told["must_hide"] = True
        settled = results.settle_trouble(
            claim, rule.outcome, told, delay_seconds=DAILY if claim.hides else None
        )
        return self._troubled(claim, rule.outcome, trouble, settled)

    def nothing_to_send(self, claim: Claim, subject: Subject, wanted: Target) -> bool:
        """Settle what DataCite has already, or is not to have."""
        if subject.visibility is Visibility.GONE and not claim.confirmed_state:
            return results.settle_gone(claim)
        return results.settle_done(claim, wanted, STATUS[subject.visibility])

    def defect(
        self, claim: Claim, error: Exception, parcel: Parcel | None = None
    ) -> str:
        """Settle an error of this side: of the record, of the instance, or a defect."""
        logger.exception("doi.delivery.error", extra={"doi": claim.doi})
        of_the_site = isinstance(error, DumperError)
        reason = {
            "code": "delivery.error",
            "message": f"{type(error).__name__}: {error}"[:2000],
            "complaints": [],
            "advice": (
                "Correct the function that is named; it is tried again by itself. The "
                "log has the traceback."
                if of_the_site
                else "The log has the traceback; please report it."
            ),
        }
        delay = backoff(
            claim.failures, self.settings.retry_base, self.settings.retry_cap
        )
        checks = parcel.checks if parcel and parcel.turn.writes else 0
        settled = results.settle_trouble(
            claim,
            Outcome.RETRY,
            reason,
            delay_seconds=delay,
            burns=True,
            checks=checks,
        )
        return self.log(claim, "retry" if settled else "lost", code="delivery.error")

    def _blame(self, rule: Rule, trouble: Trouble) -> None:
        if trouble.retry_after is not None or rule.throttles:
            wait_seconds = trouble.retry_after or self.settings.retry_base
            if trouble.asked:
                logger.warning(
                    "doi.breaker.throttled",
                    extra={"seconds": wait_seconds, "retry_after": trouble.asked},
                )
            self.breaker.throttle(wait_seconds, trouble.to_dict())
            self.halted = True
        elif rule.blame is Blame.ACCOUNT:
            self.breaker.pause(trouble.to_dict() | {"advice": rule.advice})
            self.halted = True
        elif isinstance(trouble, (DomainNotAllowed, BudgetSpent)):
            # DataCite is there, and answers.
            self.breaker.give_probe_back()
        elif rule.blame is Blame.SERVICE:
            self.breaker.failed(trouble.to_dict() | {"advice": rule.advice})
        elif trouble.http_status is not None and trouble.http_status < 500:
            # It answered, and with sense: the service is there.
            self.breaker.succeeded()

    def _delay(self, claim: Claim, rule: Rule) -> float:
        base, cap = self.settings.retry_base, self.settings.retry_cap
        if rule.burns:
            longest = min(cap, SERVICE_CAP) if rule.grows else cap
            return backoff(claim.failures, base, longest)
        # The breaker decides when anything is sent again; this only spreads it.
        return 0 if rule.blame is Blame.ACCOUNT else jitter(base)

    def _told(self, trouble: Trouble, parcel: Parcel | None = None) -> dict[str, Any]:
        """The trouble as it is kept, with advice and the field of each complaint."""
        told = trouble.to_dict() | {"advice": rule_for(trouble).advice}
        for complaint in told["complaints"]:
            complaint["field"] = field_of(complaint["source"], complaint["title"])
        if (
            parcel is not None
            and parcel.must_hide
            and parcel.remote_state != REGISTERED
        ):
            told["must_hide"] = True
        return told

    def _troubled(
        self,
        claim: Claim,
        outcome: Outcome,
        trouble: Trouble,
        settled: bool,
        must_hide: bool = False,
    ) -> str:
        level = logging.ERROR if must_hide else logging.WARNING
        return self.log(
            claim,
            outcome.value if settled else "lost",
            level,
            code=trouble.code,
            http_status=trouble.http_status,
            reason=trouble.message,
        )

    def log(
        self, claim: Claim, outcome: str, level: int | None = None, **extra: Any
    ) -> str:
        """Write one line per delivery; returns the outcome."""
        if level is None:
            level = logging.WARNING if "code" in extra else logging.INFO
        logger.log(
            level,
            "doi.delivery.%s",
            outcome,
            extra={
                "doi": claim.doi,
                "account": self.account.name,
                "kind": claim.kind.value,
                "revision": claim.revision,
                "outcome": outcome,
                **extra,
            },
        )
        return outcome


def _differs(wanted: Target, served: dict[str, Any]) -> bool:
    try:
        return bool(differences(wanted.attributes, served))
    except Exception:
        # It has not even the shape.
        return True


def _not_hidden(parcel: Parcel, refused: Trouble) -> NotHidden:
    return NotHidden(
        f"{parcel.claim.doi} must not be findable, and DataCite refuses to hide it: "
        f"{refused.message}",
        http_status=refused.http_status,
        complaints=refused.complaints,
    )


def _expects_late(parcel: Parcel) -> bool:
    """Whether an earlier request may still arrive, and nobody has looked yet."""
    claim = parcel.claim
    return claim.after_loss or (claim.checks_left > 0 and not parcel.compared)


def _changed_nothing(trouble: Trouble) -> bool:
    """Whether DataCite has what it had before, for certain."""
    if isinstance(trouble, Unreachable):
        return not trouble.sent
    status = trouble.http_status
    if status is None:
        return True
    return 400 <= status < 500 and not isinstance(trouble, NotDataCite)


def _may_arrive_later(parcel: Parcel, trouble: Trouble) -> bool:
    """Whether a write got no answer: it may be processed after the next one."""
    return parcel.turn.writes and isinstance(trouble, Unreachable) and trouble.sent


def _exchange(parcel: Parcel, came: Reply | Trouble) -> Exchange:
    """What happened, for the history."""
    return Exchange(
        started_at=parcel.started_at,
        duration_ms=round((now() - parcel.started) * 1000),
        digest=parcel.target.digest,
        http_status=came.http_status,
        state=came.state if isinstance(came, Reply) else None,
    )

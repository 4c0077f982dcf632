# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The end of a delivery that did not succeed: the next attempt, and who must act."""

from __future__ import annotations

import logging
from typing import Any

from .. import signals
from ..datacite.errors import (
    BudgetSpent,
    DomainNotAllowed,
    InvalidDOI,
    NotAllowed,
    NotDataCite,
    NotHidden,
    NotOurs,
    OtherSystem,
    Refused,
    Trouble,
    Unreachable,
)
from ..i18n import N_
from ..metadata.complaints import field_of
from ..metadata.describe import DumperError
from ..settings.model import Account, Settings
from ..states import FINDABLE, REGISTERED
from ..timing import now
from . import results
from .breaker import Breaker
from .models import Outcome
from .outcomes import Blame, Rule, rule_for
from .queue import Claim
from .retry import backoff, jitter
from .sending import Reply
from .tally import Exchange
from .turns import Parcel, Turn

logger = logging.getLogger(__name__)

SERVICE_CAP = 600
"""Maximum seconds between attempts while DataCite, not the record, may be at fault."""

DAILY = 24 * 3600
"""Seconds until the next attempt for a DOI that must be hidden and cannot be."""

DOMAIN_SECONDS = 900
"""Seconds until the account's domains are checked again."""


class Troubles:
    """Settlement of deliveries that did not succeed, for one account.

    :ivar halted: whether nothing more may be sent: prepared parcels are given back.
    """

    def __init__(self, settings: Settings, account: Account, breaker: Breaker):
        """Constructor."""
        self.settings = settings
        self.account = account
        self.breaker = breaker
        self.halted = False

    def ended(self, parcel: Parcel, trouble: Trouble) -> str:
        """Settle a delivery that ends with this trouble."""
        claim = parcel.claim
        if parcel.turn is Turn.HIDE and isinstance(trouble, Refused):
            trouble = _not_hidden(parcel, trouble)
        elif parcel.turn is Turn.MOVE and parcel.refused is not None:
            # The refusal of the short form does not show what has to be corrected.
            trouble = parcel.refused if isinstance(trouble, Refused) else trouble
        rule = rule_for(trouble)
        self._blame(rule, trouble)
        outcome, delay = self._outcome(parcel, rule, trouble)
        unanswered = _may_arrive_later(parcel, trouble)
        details = self._details(trouble, parcel)
        settled = results.settle_trouble(
            claim,
            outcome,
            details,
            delay_seconds=delay,
            burns=rule.burns,
            exchange=exchange_of(parcel, trouble),
            # A DOI that cannot be deleted is not a draft: DataCite keeps it forever.
            confirmed_state=FINDABLE if isinstance(trouble, NotAllowed) else None,
            unchanged=not parcel.number and _changed_nothing(trouble),
            checks=parcel.checks if unanswered else 0,
        )
        if not settled and parcel.turn.writes and not _changed_nothing(trouble):
            # The request may arrive after that of another worker.
            results.cast_doubt(claim, parcel.checks)
        return self._troubled(
            claim, outcome, trouble, settled, bool(details.get("must_hide"))
        )

    def _outcome(
        self, parcel: Parcel, rule: Rule, trouble: Trouble
    ) -> tuple[Outcome, float | None]:
        """Return the outcome, and the seconds until a retry (None: a person acts)."""
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
            # Hiding a DOI is never given up.
            delay = backoff(
                parcel.claim.failures,
                self.settings.retry_base,
                self.settings.retry_cap,
            )
            return Outcome.RETRY, delay
        return Outcome.REJECTED, None

    def short_form(self, parcel: Parcel, reply: Reply, outcome: Outcome) -> str:
        """Settle a short form, which was sent because the complete one was refused."""
        refused = parcel.refused
        assert refused is not None, "a short form has its reason"
        if outcome is Outcome.RETRY and reply.state == FINDABLE:
            return self.ended(parcel, _not_hidden(parcel, refused))
        # Hidden, but DataCite still has the old metadata: the placeholder is tried
        # again. Moved: a person has to correct the metadata.
        delay = DAILY if outcome is Outcome.RETRY else None
        if isinstance(refused, DomainNotAllowed):
            delay = DOMAIN_SECONDS
        details = self._details(refused, parcel)
        details.pop("must_hide", None)
        settled = results.settle_trouble(
            parcel.claim,
            outcome,
            details,
            delay_seconds=delay,
            burns=False,
            exchange=exchange_of(parcel, reply),
            confirmed_state=reply.state,
        )
        return self._troubled(parcel.claim, outcome, refused, settled)

    def not_sent(self, claim: Claim, trouble: Trouble) -> str:
        """Settle a claim that was not sent: it would be refused, or is not ours."""
        rule = rule_for(trouble)
        details = self._details(trouble)
        if claim.hides:
            details["must_hide"] = True
        settled = results.settle_trouble(
            claim, rule.outcome, details, delay_seconds=DAILY if claim.hides else None
        )
        return self._troubled(claim, rule.outcome, trouble, settled)

    def defect(
        self, claim: Claim, error: Exception, parcel: Parcel | None = None
    ) -> str:
        """Settle an error on this side: in the record, the instance, or the code."""
        logger.exception("doi.delivery.error", extra={"doi": claim.doi})
        of_the_site = isinstance(error, DumperError)
        reason = {
            "code": "delivery.error",
            "message": f"{type(error).__name__}: {error}"[:2000],
            "complaints": [],
            "advice": (
                N_(
                    "Correct the function that is named; the DOI is retried "
                    "automatically. The log has the traceback."
                )
                if of_the_site
                else N_("The log has the traceback; please report it.")
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
            # DataCite is available, and answers.
            self.breaker.give_probe_back()
        elif rule.blame is Blame.SERVICE:
            self.breaker.failed(trouble.to_dict() | {"advice": rule.advice})
        elif trouble.http_status is not None and trouble.http_status < 500:
            # The answer makes sense: the service is available.
            self.breaker.succeeded()

    def _delay(self, claim: Claim, rule: Rule) -> float:
        base, cap = self.settings.retry_base, self.settings.retry_cap
        if rule.burns:
            longest = min(cap, SERVICE_CAP) if rule.grows else cap
            return backoff(claim.failures, base, longest)
        # The breaker decides when anything is sent again; this only spreads the
        # attempts.
        return 0 if rule.blame is Blame.ACCOUNT else jitter(base)

    def _details(
        self, trouble: Trouble, parcel: Parcel | None = None
    ) -> dict[str, Any]:
        """Return the trouble as it is stored, with advice and form fields."""
        details = trouble.to_dict() | {"advice": rule_for(trouble).advice}
        for complaint in details["complaints"]:
            complaint["field"] = field_of(complaint["source"], complaint["title"])
        if (
            parcel is not None
            and parcel.must_hide
            and parcel.remote_state != REGISTERED
        ):
            details["must_hide"] = True
        return details

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
        """Write one line per delivery, and send its signal; return the outcome."""
        if level is None:
            level = logging.WARNING if "code" in extra else logging.INFO
        event = {
            "doi": claim.doi,
            "account": self.account.name,
            "kind": claim.kind.value,
            "revision": claim.revision,
            "outcome": outcome,
            **extra,
        }
        logger.log(level, "doi.delivery.%s", outcome, extra=event)
        signals.send(signals.delivered, event)
        return outcome


def _not_hidden(parcel: Parcel, refused: Trouble) -> NotHidden:
    return NotHidden(
        f"{parcel.claim.doi} must not be findable, and DataCite refuses to hide it: "
        f"{refused.message}",
        http_status=refused.http_status,
        complaints=refused.complaints,
    )


def _changed_nothing(trouble: Trouble) -> bool:
    """Return whether DataCite certainly has what it had before."""
    if isinstance(trouble, Unreachable):
        return not trouble.sent
    status = trouble.http_status
    if status is None:
        return True
    return 400 <= status < 500 and not isinstance(trouble, NotDataCite)


def _may_arrive_later(parcel: Parcel, trouble: Trouble) -> bool:
    """Return whether a write without an answer may be processed after the next one."""
    return parcel.turn.writes and isinstance(trouble, Unreachable) and trouble.sent


def exchange_of(parcel: Parcel, came: Reply | Trouble) -> Exchange:
    """Return the exchange, for the history."""
    return Exchange(
        started_at=parcel.started_at,
        duration_ms=round((now() - parcel.started) * 1000),
        digest=parcel.target.digest,
        http_status=came.http_status,
        state=came.state if isinstance(came, Reply) else None,
        metadata_version=came.metadata_version if isinstance(came, Reply) else None,
    )

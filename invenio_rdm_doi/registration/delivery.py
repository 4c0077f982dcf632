# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Delivery: claim, build the target, send, settle.

One thread owns the database session; other threads only wait for DataCite. No
transaction is open while they do.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from invenio_db import db
from sqlalchemy.exc import DBAPIError

from ..datacite.client import BUDGET_PATIENCE, DataCiteClient
from ..datacite.errors import Complaint, Invalid, NotAllowed, Trouble
from ..metadata.complaints import field_of
from ..metadata.describe import Description, DumperError
from ..metadata.placeholder import placeholder
from ..metadata.validation import validate
from ..records.source import Reader
from ..settings.model import Settings
from ..states import FINDABLE
from . import queue
from .breaker import Breaker
from .models import Outcome, Status
from .outcomes import Blame, Rule, rule_for
from .queue import Claim, Exchange
from .retry import backoff, jitter
from .subject import load
from .target import ABSENT, Policy, Subject, Target, Visibility, target

logger = logging.getLogger(__name__)

LEASE_MARGIN = 60
"""Seconds that a claim outlasts the longest exchange."""

SERVICE_CAP = 600
"""Seconds between two tries at most, while it may be DataCite and not the record."""

STATUS = {
    Visibility.PUBLIC: Status.FINDABLE,
    Visibility.RESTRICTED: Status.WITHHELD,
    Visibility.DELETED: Status.HIDDEN,
    Visibility.RESERVED: Status.RESERVED,
    Visibility.GONE: Status.HIDDEN,
}
"""What people see when a registration agrees with its target."""


Progress = Callable[[Claim, str], None]
"""Called after each DOI with its claim and outcome."""


def policy_of(settings: Settings) -> Policy:
    """The part of the settings that decides on targets."""
    return Policy(
        placeholders=settings.restricted == "placeholder",
        reserve_remotely=settings.reserve_remotely,
    )


@dataclass(frozen=True)
class Reply:
    """What DataCite said to what was sent."""

    http_status: int
    state: str | None


@dataclass(frozen=True)
class Parcel:
    """A target on its way to DataCite."""

    claim: Claim
    subject: Subject
    target: Target
    started_at: datetime
    started: float

    def exchange(self, came: Reply | Trouble) -> Exchange:
        """What happened, for the history."""
        return Exchange(
            started_at=self.started_at,
            duration_ms=round((time.monotonic() - self.started) * 1000),
            digest=self.target.digest,
            http_status=came.http_status,
            state=came.state if isinstance(came, Reply) else None,
        )


class Delivery:
    """Delivers what is due, with several requests in flight."""

    def __init__(
        self,
        settings: Settings,
        client: DataCiteClient,
        breaker: Breaker,
        window: int = 16,
    ):
        """Constructor.

        :param window: how many requests are in flight at most.
        """
        self.settings = settings
        self.client = client
        self.breaker = breaker
        self.window = window
        self.policy = policy_of(settings)
        connect, read = settings.account.timeout
        # Five requests at most: two writes, see DataCiteClient.save, and three to find
        # out what a refusal means.
        self.lease = 5 * (connect + read + BUDGET_PATIENCE) + LEASE_MARGIN

    def run(
        self,
        seconds: float | None = None,
        progress: Progress | None = None,
    ) -> Counter[str]:
        """Deliver until nothing is due any more, or nothing may be sent.

        :param seconds: claim nothing new after this time.
        :param progress: called after each DOI with its claim and outcome.
        :returns: how many ended as ``done``, ``unchanged``, ``retry``, ``rejected``,
            ``paused``, ``lost``.
        """
        counts: Counter[str] = Counter()

        def note(claim: Claim, outcome: str) -> None:
            counts[outcome] += 1
            if progress:
                progress(claim, outcome)

        reader = Reader.create(self.settings.metadata)
        end = None if seconds is None else time.monotonic() + seconds
        flying: dict[Future[Reply], Parcel] = {}
        with ThreadPoolExecutor(self.window, thread_name_prefix="datacite") as pool:
            while True:
                open_ = end is None or time.monotonic() < end
                claims, wait_seconds = self._claim(len(flying)) if open_ else ([], None)
                parcels = self._prepare_all(claims, reader.afresh(), note)
                for parcel in parcels:
                    flying[pool.submit(self._send, parcel)] = parcel
                if not flying:
                    self.breaker.give_probe_back()
                if flying:
                    done = wait(
                        flying, timeout=wait_seconds, return_when=FIRST_COMPLETED
                    ).done
                    for future in done:
                        parcel = flying.pop(future)
                        note(parcel.claim, self._settle(parcel, future))
                elif not claims:
                    if wait_seconds is None:
                        return counts
                    time.sleep(wait_seconds)

    def _claim(self, flying: int) -> tuple[list[Claim], float | None]:
        """What may be sent now.

        :returns: claims, and the seconds after which to look again if there are none
            because the budget is spent (None: there is nothing to wait for).
        """
        free = self.window - flying
        # Asked for in halves, so that a full window does not ask for each answer.
        if free < self.window // 2 and flying:
            return [], None
        # Not more than can be sent at once: what is claimed cannot be overtaken.
        budget = self.client.budget
        sendable = free if budget is None else min(free, budget.remaining())
        if budget is not None and sendable == 0:
            return [], min(1.0, max(0.02, budget.wait_seconds()))
        permitted = self.breaker.admit(sendable)
        return (queue.claim(permitted, self.lease) if permitted else []), None

    def _prepare_all(
        self, claims: list[Claim], reader: Reader, note: Progress
    ) -> list[Parcel]:
        """The parcels to send: claimed by this worker still, and noted as sent.

        :param reader: made after the claim, so that what it has seen is not older.
        """
        prepared = (self._prepare(claim, reader, note) for claim in claims)
        parcels = [parcel for parcel in prepared if parcel]
        if not parcels:
            return []
        held = queue.begin([parcel.claim for parcel in parcels])
        for parcel in parcels:
            if parcel.claim.id not in held:
                note(parcel.claim, self._log(parcel.claim, "lost"))
        return [parcel for parcel in parcels if parcel.claim.id in held]

    def _prepare(self, claim: Claim, reader: Reader, note: Progress) -> Parcel | None:
        """The parcel to send, or None if there is nothing to send."""
        try:
            # Reading a record marks it as changed; nothing of that may be written.
            with db.session.no_autoflush:
                subject = load(claim, reader)
                wanted = self._target(subject)
            db.session.rollback()
        except Invalid as trouble:
            db.session.rollback()
            note(claim, self._settle_invalid(claim, trouble))
            return None
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                # The database went away; no record has anything to do with it.
                raise
            # Whatever else it is, it must not stop the delivery of all other DOIs.
            db.session.rollback()
            note(claim, self._defect(claim, error))
            return None
        if wanted.state is None or claim.confirms(wanted):
            gone = subject.visibility is Visibility.GONE and not claim.confirmed_state
            settled = (
                queue.settle_gone(claim)
                if gone
                else queue.settle_done(claim, wanted, STATUS[subject.visibility])
            )
            note(claim, self._log(claim, "unchanged" if settled else "lost"))
            return None
        return Parcel(claim, subject, wanted, datetime.now(UTC), time.monotonic())

    def _target(self, subject: Subject) -> Target:
        """The target, in order as DataCite's schema wants it.

        What has to be hidden is hidden, whatever its metadata are like.

        :raises Invalid: DataCite would refuse it, or drop a part of it.
        """
        try:
            wanted = target(subject, self.policy)
            _check(subject.doi, wanted)
        except (Invalid, DumperError):
            if subject.visibility is not Visibility.DELETED:
                raise
            logger.exception("doi.delivery.withdrawn", extra={"doi": subject.doi})
            bare = Description(placeholder(subject.year))
            return target(replace(subject, describe=lambda: bare), self.policy)
        return wanted

    def _send(self, parcel: Parcel) -> Reply:
        """Runs in a thread of its own: no database here."""
        doi, wanted = parcel.claim.doi, parcel.target
        try:
            assert wanted.state is not None, "nothing to send"
            if wanted.state == ABSENT:
                return Reply(self.client.remove(doi), ABSENT)
            known = parcel.claim.confirmed_state
            answer = self.client.save(doi, wanted.attributes, wanted.state, known)
            return Reply(answer.http_status, answer.state)
        except Trouble as trouble:
            if rule_for(trouble).blame is Blame.ACCOUNT:
                raise self.client.explain(doi, trouble) from trouble
            raise

    def _settle(self, parcel: Parcel, future: Future[Reply]) -> str:
        claim = parcel.claim
        try:
            reply = future.result()
        except Trouble as trouble:
            return self._settle_trouble(parcel, trouble)
        except Exception as error:
            return self._defect(claim, error)
        self.breaker.succeeded()
        exchange = parcel.exchange(reply)
        settled = (
            queue.settle_gone(claim)
            if reply.state == ABSENT
            else queue.settle_done(
                claim, parcel.target, STATUS[parcel.subject.visibility], exchange
            )
        )
        return self._log(
            claim,
            "done" if settled else "lost",
            state=reply.state,
            http_status=reply.http_status,
        )

    def _settle_trouble(self, parcel: Parcel, trouble: Trouble) -> str:
        claim, rule = parcel.claim, rule_for(trouble)
        self._blame(rule, trouble)
        settled = queue.settle_trouble(
            claim,
            rule.outcome,
            _told(trouble),
            delay_seconds=self._delay(claim, rule),
            burns=rule.burns,
            exchange=parcel.exchange(trouble),
            # A draft that cannot be deleted is none: DataCite keeps it for ever.
            confirmed_state=FINDABLE if isinstance(trouble, NotAllowed) else None,
        )
        return self._log(
            claim,
            rule.outcome.value if settled else "lost",
            code=trouble.code,
            http_status=trouble.http_status,
            reason=trouble.message,
        )

    def _settle_invalid(self, claim: Claim, trouble: Invalid) -> str:
        rule = rule_for(trouble)
        settled = queue.settle_trouble(claim, rule.outcome, _told(trouble))
        return self._log(
            claim,
            rule.outcome.value if settled else "lost",
            code=trouble.code,
            reason=trouble.message,
        )

    def _blame(self, rule: Rule, trouble: Trouble) -> None:
        if trouble.retry_after is not None or trouble.http_status == 429:
            wait_seconds = trouble.retry_after or self.settings.retry_base
            self.breaker.throttle(wait_seconds, trouble.to_dict())
        elif rule.blame is Blame.ACCOUNT:
            self.breaker.pause(trouble.to_dict() | {"advice": rule.advice})
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

    def _defect(self, claim: Claim, error: Exception) -> str:
        """An error of this side: of the record, of the instance, or a defect."""
        logger.exception("doi.delivery.error", extra={"doi": claim.doi})
        of_the_site = isinstance(error, DumperError)
        reason = {
            "code": "delivery.error",
            "message": f"{type(error).__name__}: {error}",
            "complaints": [],
            "advice": (
                "Mend the function that is named; it is tried again by itself. The log "
                "has the traceback."
                if of_the_site
                else "The log has the traceback; please report it."
            ),
        }
        delay = backoff(
            claim.failures, self.settings.retry_base, self.settings.retry_cap
        )
        settled = queue.settle_trouble(
            claim, Outcome.RETRY, reason, delay_seconds=delay, burns=True
        )
        return self._log(claim, "retry" if settled else "lost", code="delivery.error")

    @staticmethod
    def _log(claim: Claim, outcome: str, **extra: Any) -> str:
        logger.log(
            logging.WARNING if "code" in extra else logging.INFO,
            "doi.delivery.%s",
            outcome,
            extra={
                "doi": claim.doi,
                "kind": claim.kind.value,
                "revision": claim.revision,
                "outcome": outcome,
                **extra,
            },
        )
        return outcome


def _check(doi: str, wanted: Target) -> None:
    if wanted.state in (None, ABSENT):
        return
    violations = validate({"doi": doi, **wanted.attributes}, wanted.state)
    if violations:
        raise Invalid(
            "Not sent, because DataCite would refuse or drop it: "
            + "; ".join(f"{item.path} {item.reason}" for item in violations[:5]),
            complaints=tuple(
                Complaint(item.attribute, f"{item.path} {item.reason}")
                for item in violations
            ),
        )


def _told(trouble: Trouble) -> dict[str, Any]:
    """The trouble as it is kept, with what to do and the field of each complaint."""
    told = trouble.to_dict() | {"advice": rule_for(trouble).advice}
    for complaint in told["complaints"]:
        complaint["field"] = field_of(complaint["source"], complaint["title"])
    return told

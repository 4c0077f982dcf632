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
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from invenio_db import db

from ..datacite.client import Answer, DataCiteClient
from ..datacite.errors import Refused, Trouble
from ..settings import Settings
from . import queue
from .models import Status
from .queue import Claim, Exchange
from .retry import backoff
from .subject import load
from .target import Subject, Target, Visibility, target

logger = logging.getLogger(__name__)

LEASE_MARGIN = 60
"""Seconds that a claim outlasts the longest exchange."""

STATUS = {
    Visibility.PUBLIC: Status.REGISTERED,
    Visibility.RESTRICTED: Status.HELD,
    Visibility.DELETED: Status.HIDDEN,
    Visibility.UNPUBLISHED: Status.HIDDEN,
}
"""What people see when a registration agrees with its target."""


@dataclass(frozen=True)
class Parcel:
    """A target on its way to DataCite."""

    claim: Claim
    subject: Subject
    target: Target
    started_at: datetime
    started: float

    def exchange(self, answer: Answer | None = None, trouble: Trouble | None = None):
        """What happened, for the history."""
        came = answer or trouble
        return Exchange(
            started_at=self.started_at,
            duration_ms=round((time.monotonic() - self.started) * 1000),
            digest=self.target.digest,
            http_status=came.http_status if came else None,
            state=answer.state if answer else None,
        )


class Delivery:
    """Delivers what is due, with several requests in flight."""

    def __init__(self, settings: Settings, client: DataCiteClient, window: int = 8):
        """Constructor.

        :param window: how many requests are in flight at most.
        """
        self.settings = settings
        self.client = client
        self.window = window
        connect, read = settings.account.timeout
        # Two requests may be needed for one DOI, see DataCiteClient.save.
        self.lease = 2 * (connect + read) + LEASE_MARGIN

    def run(
        self,
        seconds: float | None = None,
        progress: Callable[[Claim, str], None] | None = None,
    ) -> Counter[str]:
        """Deliver until nothing is due any more.

        :param seconds: claim nothing new after this time.
        :param progress: called after each DOI with its claim and outcome.
        :returns: how many ended as ``done``, ``unchanged``, ``retry``, ``rejected``,
            ``lost``.
        """
        counts: Counter[str] = Counter()

        def note(claim: Claim, outcome: str) -> None:
            counts[outcome] += 1
            if progress:
                progress(claim, outcome)

        end = None if seconds is None else time.monotonic() + seconds
        flying: dict[Future[Answer], Parcel] = {}
        with ThreadPoolExecutor(self.window, thread_name_prefix="datacite") as pool:
            while True:
                claims = []
                if end is None or time.monotonic() < end:
                    claims = queue.claim(self.window - len(flying), self.lease)
                for claim in claims:
                    parcel = self._prepare(claim, note)
                    if parcel:
                        flying[pool.submit(self._send, parcel)] = parcel
                if not flying:
                    if not claims:
                        return counts
                    continue
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    parcel = flying.pop(future)
                    note(parcel.claim, self._settle(parcel, future))

    def _prepare(self, claim: Claim, note: Callable[[Claim, str], None]):
        """The parcel to send, or None if there is nothing to send."""
        try:
            subject = load(claim)
            wanted = target(subject)
        except Exception as error:
            # Whatever it is, it must not stop the delivery of all other DOIs.
            db.session.rollback()
            note(claim, self._unbuildable(claim, error))
            return None
        if wanted.state is None or claim.confirms(wanted):
            status = self._status(subject, wanted)
            settled = queue.settle_done(claim, wanted, status)
            note(claim, self._log(claim, "unchanged" if settled else "lost"))
            return None
        if not queue.begin(claim):
            note(claim, self._log(claim, "lost"))
            return None
        return Parcel(claim, subject, wanted, datetime.now(UTC), time.monotonic())

    def _send(self, parcel: Parcel) -> Answer:
        """Runs in a thread of its own: no database here."""
        return self.client.save(
            parcel.claim.doi,
            parcel.target.attributes,
            parcel.target.state,
            parcel.claim.confirmed_state,
        )

    def _settle(self, parcel: Parcel, future: Future[Answer]) -> str:
        claim = parcel.claim
        try:
            answer = future.result()
        except Trouble as trouble:
            return self._settle_trouble(parcel, trouble)
        except Exception as error:
            return self._unbuildable(claim, error)
        settled = queue.settle_done(
            claim,
            parcel.target,
            self._status(parcel.subject, parcel.target),
            parcel.exchange(answer=answer),
        )
        return self._log(
            claim,
            "done" if settled else "lost",
            state=answer.state,
            http_status=answer.http_status,
        )

    def _settle_trouble(self, parcel: Parcel, trouble: Trouble) -> str:
        claim, exchange = parcel.claim, parcel.exchange(trouble=trouble)
        if isinstance(trouble, Refused):
            settled = queue.settle_rejected(claim, trouble.to_dict(), exchange)
            outcome = "rejected"
        else:
            settled = queue.settle_retry(
                claim, self._delay(claim), trouble.to_dict(), exchange
            )
            outcome = "retry"
        return self._log(
            claim,
            outcome if settled else "lost",
            code=trouble.code,
            http_status=trouble.http_status,
            reason=trouble.message,
        )

    def _unbuildable(self, claim: Claim, error: Exception) -> str:
        """An error of this side: of the record, of the instance, or a defect."""
        logger.exception("doi.delivery.error", extra={"doi": claim.doi})
        reason = {
            "code": "delivery.error",
            "message": f"{type(error).__name__}: {error}",
            "complaints": [],
        }
        settled = queue.settle_retry(claim, self._delay(claim), reason)
        return self._log(claim, "retry" if settled else "lost", code="delivery.error")

    def _delay(self, claim: Claim) -> float:
        return backoff(
            claim.failures, self.settings.retry_base, self.settings.retry_cap
        )

    @staticmethod
    def _status(subject: Subject, wanted: Target) -> Status:
        if wanted.state is None and subject.visibility is Visibility.UNPUBLISHED:
            return Status.RESERVED
        return STATUS[subject.visibility]

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

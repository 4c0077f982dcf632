# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The circuit breaker that all workers share.

* *running*: deliveries continue.
* *suspended*: DataCite, or the connection to it, failed too often in a row. Nothing is
  claimed; after a while one worker probes with one delivery. A suspension ends
  automatically.
* *throttled*: DataCite asked to wait (429). Nothing is claimed until then.
* *paused*: DataCite refuses the account. Nothing is claimed until its settings change
  or an operator resumes it.

A pause applies to one account. Suspension and throttling apply to a DataCite address
with all accounts there: DataCite counts requests per address of the sender, and is down
for all of them.

The state is kept in database rows, not in a library's breaker: thus the claim, the
pause and the registrations are consistent and share one clock, survive a lost cache,
and can be read by operators.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import current_app
from invenio_db import db
from sqlalchemy.dialects.postgresql import insert

from ..settings.model import Account
from . import clock
from .models import BreakerState

logger = logging.getLogger(__name__)

RUNNING, SUSPENDED, THROTTLED, PAUSED = "running", "suspended", "throttled", "paused"
STATES = (RUNNING, SUSPENDED, THROTTLED, PAUSED)

FAILURES_TO_SUSPEND = 5
"""Consecutive failures that suspend the deliveries."""

FIRST_WAIT, LONGEST_WAIT = 10, 30
"""Seconds until a probe: the first and the longest wait. With a schedule that runs
every minute, deliveries restart within a minute of DataCite's return."""

PROBE_SECONDS = 120
"""Seconds after which another worker may probe, in case the first one died."""


@dataclass(frozen=True)
class Condition:
    """A row of the breaker, as it was read."""

    name: str = ""
    failures: int = 0
    retry_at: datetime | None = None
    throttled_until: datetime | None = None
    paused: bool = False
    fingerprint: str = ""
    reason: dict[str, Any] | None = None
    throttled: bool = False

    @property
    def troubled(self) -> bool:
        """Whether there is a problem, or an earlier one is not known to be over."""
        return bool(self.failures or self.retry_at or self.throttled or self.paused)


@cache
def condition_statement() -> sa.Select[Any]:
    """Return the statement of :meth:`Breaker.conditions`, run before each claim."""
    return sa.select(
        BreakerState.name,
        BreakerState.failures,
        BreakerState.retry_at,
        BreakerState.throttled_until,
        BreakerState.paused,
        BreakerState.fingerprint,
        BreakerState.reason,
        sa.func.coalesce(BreakerState.throttled_until > clock.now(), False),
    ).where(BreakerState.name.in_(sa.bindparam("names", expanding=True)))


class Breaker:
    """The breaker of one account: decides whether its deliveries continue.

    It has two rows: one for the account, and one for the address, which it shares with
    other accounts. Every method is a separate transaction.
    """

    def __init__(self, account: Account):
        """Constructor."""
        self.account = account.name
        self.name = f"{account.name} {account.id}"[:255]
        self.address = account.address
        self.fingerprint = _fingerprint(account)
        self._clean = True
        self._probed: set[str] = set()

    def admit(self, wanted: int) -> int:
        """Return how many deliveries may be claimed now: all, one to probe, or none.

        Takes the probe if it returns one, and ends a pause if the settings changed.
        """
        own, shared = self.conditions()
        self._clean = not (
            own.failures or own.retry_at or shared.failures or shared.retry_at
        )
        if shared.throttled:
            return 0
        suspended = [row.name for row in (own, shared) if row.retry_at]
        if own.paused:
            if own.fingerprint == self.fingerprint:
                return 0
            # The operator changed something: try again, carefully.
            logger.info("doi.breaker.settings_changed", extra={"account": self.account})
            self._write(self.name, paused=False, retry_at=clock.now())
            self._clean = False
            suspended = [self.name, *(n for n in suspended if n != self.name)]
        if not suspended:
            return wanted
        probe = min(wanted, 1)
        for name in suspended:
            if not probe or not self._take_probe(name):
                self.give_probe_back()
                return 0
            self._probed.add(name)
        return probe

    def give_probe_back(self) -> None:
        """Leave the probe to the next worker, as nothing was sent or learned."""
        probed, self._probed = self._probed, set()
        for name in sorted(probed):
            self._write(name, retry_at=clock.now())

    def succeeded(self) -> None:
        """End a suspension, because DataCite answered as expected.

        Requests that were in flight when the account was paused, or when DataCite asked
        to wait, may still succeed: they end neither, and the cause remains readable.
        """
        self._probed = set()
        if self._clean:
            return
        self._clean = True
        over = sa.and_(
            BreakerState.paused.is_(False),
            sa.func.coalesce(BreakerState.throttled_until, clock.now()) <= clock.now(),
        )
        for name in (self.name, self.address):
            self._write(
                name,
                failures=0,
                retry_at=None,
                reason=sa.case((over, sa.null()), else_=BreakerState.reason),
            )
        logger.info("doi.breaker.running", extra={"account": self.account})

    def failed(self, reason: dict[str, Any]) -> None:
        """Record one more failure of the service."""
        self._probed.discard(self.address)
        self.give_probe_back()
        self._clean = False
        failures = BreakerState.failures + 1
        wait = sa.func.least(
            LONGEST_WAIT,
            FIRST_WAIT
            * sa.func.power(2, sa.func.least(failures - FAILURES_TO_SUSPEND, 10)),
        )
        opens = sa.or_(
            failures >= FAILURES_TO_SUSPEND, BreakerState.retry_at.is_not(None)
        )
        self._upsert(
            self.address,
            {"failures": 1, "reason": reason},
            {
                "failures": failures,
                "reason": reason,
                "retry_at": sa.case((opens, clock.later(wait)), else_=None),
            },
        )

    def throttle(self, seconds: float, reason: dict[str, Any]) -> None:
        """Send nothing to the address for this time, as DataCite asked.

        Answers to requests in flight do not end it, although they would end a
        suspension.
        """
        self._probed.discard(self.address)
        self.give_probe_back()
        values = {"throttled_until": clock.later(seconds), "reason": reason}
        self._upsert(self.address, values, values)

    def pause(self, reason: dict[str, Any]) -> None:
        """Send nothing for the account until its settings change or it is resumed.

        The address answered, and other accounts continue.
        """
        self._clean = False
        self._probed.discard(self.name)
        self.give_probe_back()
        values = {"paused": True, "retry_at": None, "reason": reason}
        self._upsert(self.name, values, values)
        logger.error(
            "doi.breaker.paused", extra={"account": self.account, "reason": reason}
        )

    def resume(self) -> bool:
        """Clear all failures; return False if there was nothing to clear."""
        if not any(row.troubled for row in self.conditions()):
            return False
        for name in (self.name, self.address):
            self._write(
                name,
                failures=0,
                retry_at=None,
                throttled_until=None,
                reason=None,
                paused=False,
            )
        return True

    def conditions(self) -> tuple[Condition, Condition]:
        """Return the rows of the account and its address; empty without any trouble."""
        names = {"names": [self.name, self.address]}
        rows = db.session.execute(condition_statement(), names).all()
        db.session.commit()
        found = {row.name: Condition(*row) for row in rows}
        return found.get(self.name, Condition()), found.get(self.address, Condition())

    def report(self) -> dict[str, Any]:
        """Return the ``state`` in a word, its reason, and the time of its end.

        :returns: ``account``, ``address``, ``state`` (running, suspended, throttled,
            paused), ``reason`` and ``retry_at`` (ISO 8601, or None).
        """
        own, shared = self.conditions()
        state, cause, until = RUNNING, shared, None
        if own.paused and own.fingerprint == self.fingerprint:
            state, cause = PAUSED, own
        elif shared.throttled:
            state, until = THROTTLED, shared.throttled_until
        elif shared.retry_at:
            state, until = SUSPENDED, shared.retry_at
        elif own.retry_at:
            state, cause, until = SUSPENDED, own, own.retry_at
        return {
            "account": self.account,
            "address": self.address,
            "state": state,
            "reason": _reason(cause) if state != RUNNING else None,
            "retry_at": until.isoformat() if until else None,
        }

    def _take_probe(self, name: str) -> int:
        """Take the probe if it is time: return 1 for one worker only, else 0."""
        taken = db.session.execute(
            sa.update(BreakerState)
            .where(
                BreakerState.name == name,
                BreakerState.retry_at <= clock.now(),
                BreakerState.paused.is_(False),
            )
            .values(retry_at=clock.later(PROBE_SECONDS))
            .execution_options(synchronize_session=False)
        ).rowcount
        db.session.commit()
        return taken

    def _write(self, name: str, **values: Any) -> None:
        db.session.execute(
            sa.update(BreakerState)
            .where(BreakerState.name == name)
            .values(updated=clock.now(), **values)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()

    def _upsert(self, name: str, first: dict[str, Any], then: dict[str, Any]) -> None:
        db.session.execute(
            insert(BreakerState)
            .values(name=name, fingerprint=self.fingerprint, **first)
            .on_conflict_do_update(
                index_elements=[BreakerState.name],
                set_={
                    "fingerprint": self.fingerprint,
                    "updated": clock.now(),
                    **then,
                },
            )
        )
        db.session.commit()


def end_of(report: Mapping[str, Any]) -> str | None:
    """Return when a state ends, such as "2026-05-04 10:42 UTC"; None if it is unknown.

    :param report: as :meth:`Breaker.report` returns it.
    """
    if not report["retry_at"]:
        return None
    end = datetime.fromisoformat(report["retry_at"]).astimezone(UTC)
    return f"{end:%Y-%m-%d %H:%M} UTC"


def state_until(report: Mapping[str, Any]) -> str:
    """Return a state and its end, such as "suspended until 2026-05-04 10:42 UTC"."""
    end = end_of(report)
    return f"{report['state']} until {end}" if end else str(report["state"])


def _reason(condition: Condition) -> dict[str, Any]:
    return condition.reason or {
        "code": "breaker.unknown",
        "message": "The cause was not kept.",
        "complaints": [],
    }


def _fingerprint(account: Account) -> str:
    """Return a hash that changes with the settings, and reveals none of them."""
    secret = str(current_app.config["SECRET_KEY"])
    parts = (
        account.symbol,
        account.username.reveal(),
        account.password.reveal(),
        account.api_url,
        *account.prefixes,
    )
    return hashlib.blake2b(
        "\0".join(parts).encode(), key=secret.encode()[:64], digest_size=16
    ).hexdigest()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The circuit breaker that all workers share.

* *running*: deliveries go on.
* *suspended*: DataCite, or the way to it, failed too often in a row. Nothing is
  claimed; after a while one worker probes with one delivery. It ends by itself.
* *throttled*: DataCite asked to wait (429). Nothing is claimed until then.
* *paused*: DataCite refuses the account. Nothing is claimed until its settings change
  or somebody resumes it.

A row in the database and not a breaker of a library: the claim, the pause and the
registrations then are one truth, by one clock, that survives a lost cache, and that
operators can read.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
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
"""Failures in a row that suspend the deliveries."""

FIRST_WAIT, LONGEST_WAIT = 10, 30
"""Seconds until a probe. With a schedule that comes every minute, the drain starts
within a minute of DataCite's return."""

PROBE_SECONDS = 120
"""How long others leave it to the one who probes, should it die."""


@dataclass(frozen=True)
class Condition:
    """The row of a breaker, as it was read."""

    failures: int
    retry_at: datetime | None
    throttled_until: datetime | None
    paused: bool
    fingerprint: str
    reason: dict[str, Any] | None
    throttled: bool

    @property
    def troubled(self) -> bool:
        """Whether anything is wrong, or was and is not known to be over."""
        return bool(self.failures or self.retry_at or self.throttled or self.paused)


class Breaker:
    """Says whether deliveries go on. Every method is a transaction of its own."""

    def __init__(self, account: Account):
        """Constructor."""
        self.name = account.id
        self.fingerprint = _fingerprint(account)
        self._clean = True
        self._probing = False

    def admit(self, wanted: int) -> int:
        """Return how many deliveries may be claimed now: all, one to probe, or none.

        Takes the probe if it returns one, and ends a pause if the settings changed.
        """
        condition = self.condition()
        self._clean = condition is None or not (
            condition.failures or condition.retry_at
        )
        if condition is None:
            return wanted
        if condition.throttled:
            return 0
        if condition.paused:
            if condition.fingerprint == self.fingerprint:
                return 0
            # The operator changed something: try again, carefully.
            logger.info("doi.breaker.settings_changed", extra={"account": self.name})
            self._write(paused=False, retry_at=clock.now())
            self._clean = False
        elif condition.retry_at is None:
            return wanted
        probe = min(wanted, self._take_probe())
        self._probing = self._probing or bool(probe)
        return probe

    def give_probe_back(self) -> None:
        """Nothing had to be sent, and nothing was learned: let the next one probe."""
        if self._probing:
            self._probing = False
            self._write(retry_at=clock.now())

    def succeeded(self) -> None:
        """DataCite answered as it should: a suspension ends.

        What was in flight when the account was paused, or when DataCite asked to wait,
        may still succeed: neither ends by it, and the cause stays readable.
        """
        self._probing = False
        if self._clean:
            return
        self._clean = True
        over = sa.and_(
            BreakerState.paused.is_(False),
            sa.func.coalesce(BreakerState.throttled_until, clock.now()) <= clock.now(),
        )
        self._write(
            failures=0,
            retry_at=None,
            reason=sa.case((over, sa.null()), else_=BreakerState.reason),
        )
        logger.info("doi.breaker.running", extra={"account": self.name})

    def failed(self, reason: dict[str, Any]) -> None:
        """The service failed once more."""
        self._probing = False
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
            {"failures": 1, "reason": reason},
            {
                "failures": failures,
                "reason": sa.case(
                    (BreakerState.paused.is_(True), BreakerState.reason),
                    else_=sa.bindparam(None, reason, type_=BreakerState.reason.type),
                ),
                "retry_at": sa.case((opens, clock.later(wait)), else_=None),
            },
        )

    def throttle(self, seconds: float, reason: dict[str, Any]) -> None:
        """Send nothing for so long: DataCite asked for it.

        Answers to what is in flight do not end it, as they would end a suspension.
        """
        self._probing = False
        values = {"throttled_until": clock.later(seconds), "reason": reason}
        # A pause is the graver cause; its reason stays.
        paused = {
            "throttled_until": clock.later(seconds),
            "reason": sa.case(
                (BreakerState.paused.is_(True), BreakerState.reason),
                else_=sa.bindparam(None, reason, type_=BreakerState.reason.type),
            ),
        }
        self._upsert(values, paused)

    def pause(self, reason: dict[str, Any]) -> None:
        """Send nothing before the settings change or somebody resumes."""
        self._clean = False
        self._probing = False
        values = {"paused": True, "reason": reason}
        self._upsert(values, values)
        logger.error(
            "doi.breaker.paused", extra={"account": self.name, "reason": reason}
        )

    def resume(self) -> bool:
        """Forget what happened. Returns False if there was nothing to forget."""
        condition = self.condition()
        if condition is None or not condition.troubled:
            return False
        self._write(
            failures=0, retry_at=None, throttled_until=None, reason=None, paused=False
        )
        return True

    def condition(self) -> Condition | None:
        """The row, if there ever was any trouble."""
        row = db.session.execute(
            sa.select(
                BreakerState.failures,
                BreakerState.retry_at,
                BreakerState.throttled_until,
                BreakerState.paused,
                BreakerState.fingerprint,
                BreakerState.reason,
                sa.func.coalesce(BreakerState.throttled_until > clock.now(), False),
            ).where(BreakerState.name == self.name)
        ).one_or_none()
        db.session.commit()
        return Condition(*row) if row else None

    def report(self) -> dict[str, Any]:
        """The ``state`` in a word, and why and until when it is so.

        :returns: ``account``, ``state`` (running, suspended, throttled, paused),
            ``reason`` and ``retry_at`` (ISO 8601, or None).
        """
        condition = self.condition()
        state, until = RUNNING, None
        if condition and condition.paused and condition.fingerprint == self.fingerprint:
            state = PAUSED
        elif condition and condition.throttled:
            state, until = THROTTLED, condition.throttled_until
        elif condition and condition.retry_at:
            state, until = SUSPENDED, condition.retry_at
        return {
            "account": self.name,
            "state": state,
            "reason": _reason(condition) if condition and state != RUNNING else None,
            "retry_at": until.isoformat() if until else None,
        }

    def _take_probe(self) -> int:
        """1 for one worker only, when it is time; else 0."""
        taken = db.session.execute(
            sa.update(BreakerState)
            .where(
                BreakerState.name == self.name,
                BreakerState.retry_at <= clock.now(),
                BreakerState.paused.is_(False),
            )
            .values(retry_at=clock.later(PROBE_SECONDS))
            .execution_options(synchronize_session=False)
        ).rowcount
        db.session.commit()
        return taken

    def _write(self, **values: Any) -> None:
        db.session.execute(
            sa.update(BreakerState)
            .where(BreakerState.name == self.name)
            .values(updated=clock.now(), **values)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()

    def _upsert(self, first: dict[str, Any], then: dict[str, Any]) -> None:
        db.session.execute(
            insert(BreakerState)
            .values(name=self.name, fingerprint=self.fingerprint, **first)
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


def _reason(condition: Condition) -> dict[str, Any]:
    return condition.reason or {
        "code": "breaker.unknown",
        "message": "The cause was not kept.",
        "complaints": [],
    }


def _fingerprint(account: Account) -> str:
    """Tells whether the settings changed, and nothing about them."""
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

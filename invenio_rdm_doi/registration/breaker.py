# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The account's health: a circuit breaker that all workers share.

* *closed*: deliveries go on.
* *open*: DataCite, or the way to it, failed too often in a row. Nothing is claimed;
  when a while has passed, one worker probes with one delivery. It closes by itself.
* *held*: DataCite asked to wait (429). Nothing is claimed until the time has passed.
* *paused*: DataCite does not accept the account. Nothing is claimed until its settings
  change or somebody resumes it.

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
from .models import AccountHealth

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN = 5
"""Failures in a row."""

FIRST_WAIT, LONGEST_WAIT = 10, 30
"""Seconds until a probe. With a schedule that comes every minute, the drain starts
within a minute of DataCite's return."""

PROBE_SECONDS = 120
"""How long others leave it to the one who probes, should it die."""


@dataclass(frozen=True)
class Health:
    """What is known of an account."""

    failures: int
    retry_at: datetime | None
    hold_until: datetime | None
    paused: bool
    fingerprint: str
    reason: dict[str, Any] | None
    held: bool

    @property
    def troubled(self) -> bool:
        """Whether anything is wrong, or was and is not known to be over."""
        return bool(self.failures or self.retry_at or self.held or self.paused)


class Breaker:
    """The health of one account. Every method is a transaction of its own."""

    def __init__(self, account: Account):
        """Constructor."""
        self.name = f"{account.username} {account.api_url}"
        self.fingerprint = _fingerprint(account)
        self._clean = True
        self._probing = False

    def permits(self, wanted: int) -> int:
        """How many deliveries may be claimed now: all, one to probe with, or none."""
        health = self.health()
        self._clean = health is None or not (health.failures or health.retry_at)
        if health is None:
            return wanted
        if health.held:
            return 0
        if health.paused:
            if health.fingerprint == self.fingerprint:
                return 0
            # The operator changed something: try again, carefully.
            logger.info("doi.account.changed", extra={"account": self.name})
            self._write(paused=False, retry_at=clock.now(), reason=None)
            self._clean = False
        elif health.retry_at is None:
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
        """DataCite answered as it should."""
        self._probing = False
        if self._clean:
            return
        self._clean = True
        self._write(failures=0, retry_at=None, reason=None)
        logger.info("doi.account.closed", extra={"account": self.name})

    def failed(self, reason: dict[str, Any]) -> None:
        """The service failed once more."""
        self._probing = False
        self._clean = False
        failures = AccountHealth.failures + 1
        wait = sa.func.least(
            LONGEST_WAIT,
            FIRST_WAIT
            * sa.func.power(2, sa.func.least(failures - FAILURES_TO_OPEN, 10)),
        )
        opens = sa.or_(
            failures >= FAILURES_TO_OPEN, AccountHealth.retry_at.is_not(None)
        )
        self._upsert(
            {"failures": 1, "reason": reason},
            {
                "failures": failures,
                "reason": reason,
                "retry_at": sa.case((opens, clock.later(wait)), else_=None),
            },
        )

    def hold(self, seconds: float, reason: dict[str, Any]) -> None:
        """Send nothing for so long: DataCite asked for it.

        Answers to what is in flight do not end it, as they would end an open breaker.
        """
        self._probing = False
        values = {"hold_until": clock.later(seconds), "reason": reason}
        self._upsert(values, values)

    def pause(self, reason: dict[str, Any]) -> None:
        """Send nothing before the settings change or somebody resumes."""
        self._clean = False
        self._probing = False
        values = {"paused": True, "reason": reason}
        self._upsert(values, values)
        logger.error(
            "doi.account.paused", extra={"account": self.name, "reason": reason}
        )

    def resume(self) -> bool:
        """Forget what happened. Returns False if there was nothing to forget."""
        health = self.health()
        if health is None or not health.troubled:
            return False
        self._write(
            failures=0, retry_at=None, hold_until=None, reason=None, paused=False
        )
        return True

    def health(self) -> Health | None:
        """The row, if there ever was any trouble."""
        row = db.session.execute(
            sa.select(
                AccountHealth.failures,
                AccountHealth.retry_at,
                AccountHealth.hold_until,
                AccountHealth.paused,
                AccountHealth.fingerprint,
                AccountHealth.reason,
                sa.func.coalesce(AccountHealth.hold_until > clock.now(), False),
            ).where(AccountHealth.name == self.name)
        ).one_or_none()
        db.session.commit()
        return Health(*row) if row else None

    def report(self) -> dict[str, Any]:
        """The account's ``state`` in a word, and why and until when it is so.

        :returns: ``account``, ``state`` (closed, open, held or paused), ``reason`` and
            ``retry_at`` (ISO 8601, or None).
        """
        health = self.health()
        state, until = "closed", None
        if health and health.paused and health.fingerprint == self.fingerprint:
            state = "paused"
        elif health and health.held:
            state, until = "held", health.hold_until
        elif health and health.retry_at:
            state, until = "open", health.retry_at
        return {
            "account": self.name,
            "state": state,
            "reason": health.reason if health and state != "closed" else None,
            "retry_at": until.isoformat() if until else None,
        }

    def _take_probe(self) -> int:
        """1 for one worker only, when it is time; else 0."""
        taken = db.session.execute(
            sa.update(AccountHealth)
            .where(
                AccountHealth.name == self.name,
                AccountHealth.retry_at <= clock.now(),
                AccountHealth.paused.is_(False),
            )
            .values(retry_at=clock.later(PROBE_SECONDS))
            .execution_options(synchronize_session=False)
        ).rowcount
        db.session.commit()
        return taken

    def _write(self, **values: Any) -> None:
        db.session.execute(
            sa.update(AccountHealth)
            .where(AccountHealth.name == self.name)
            .values(updated=clock.now(), **values)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()

    def _upsert(self, first: dict[str, Any], then: dict[str, Any]) -> None:
        db.session.execute(
            insert(AccountHealth)
            .values(name=self.name, fingerprint=self.fingerprint, **first)
            .on_conflict_do_update(
                index_elements=[AccountHealth.name],
                set_={
                    "fingerprint": self.fingerprint,
                    "updated": clock.now(),
                    **then,
                },
            )
        )
        db.session.commit()


def _fingerprint(account: Account) -> str:
    """Tells whether the settings changed, and nothing about them."""
    secret = str(current_app.config["SECRET_KEY"])
    parts = (account.username, account.password, account.api_url, *account.prefixes)
    return hashlib.blake2b(
        "\0".join(parts).encode(), key=secret.encode()[:64], digest_size=16
    ).hexdigest()

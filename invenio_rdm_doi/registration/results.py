# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Write down what came of a claim. Every function is a transaction and commits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from invenio_db import db

from ..datacite import answers
from . import clock
from .models import Outcome, Status
from .queue import REGISTRATION, Claim, update_claimed
from .settlements import CHECK_DELAYS, next_check
from .tally import Ended, Exchange, keep

CHECKS_OF_HIDDEN, CHECKS_OF_OTHERS = 3, 1


def cast_doubt(claim: Claim, checks: int) -> None:
    """Somebody else has the claim now, and something of this one may have been sent.

    It may arrive after what the other worker sends: whatever that one confirms stays in
    doubt, and DataCite is asked.
    """
    db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == claim.id)
        .values(
            in_doubt=True,
            checks_left=_at_least(checks),
            # Without a digest, what DataCite has is sent again, and not only compared.
            confirmed_digest=None,
            due_at=clock.now(),
        )
    )
    db.session.commit()


def settle_checked(claim: Claim, status: Status, exchange: Exchange) -> bool:
    """DataCite was asked, and has what it confirmed."""
    left = sa.func.greatest(REGISTRATION.c.checks_left - 1, 0)
    settled = _release(
        claim,
        metadata_version=exchange.metadata_version,
        due_at=next_check(left),
        status=status,
        in_doubt=left > 0,
        checks_left=left,
        # An earlier question may have failed.
        failures=0,
        error=None,
    )
    keep([Ended(claim, Outcome.DONE, exchange)])
    db.session.commit()
    return settled


def settle_gone(claim: Claim) -> bool:
    """Nobody has the DOI any more, and DataCite does not know it: forget it.

    Not as long as an earlier request may arrive later: then DataCite is asked again. A
    newer revision (somebody took the DOI again) stays, as if it had never been sent.
    """
    if claim.checks_left:
        left = claim.checks_left - 1
        kept = _release(
            claim,
            due_at=clock.later(CHECK_DELAYS[claim.checks_left]),
            status=Status.HIDDEN,
            confirmed_state=None,
            confirmed_digest=None,
            confirmed_account=None,
            made_here=False,
            checks_left=left,
        )
        db.session.commit()
        return kept
    forgotten = db.session.execute(
        sa.delete(REGISTRATION).where(
            REGISTRATION.c.id == claim.id,
            REGISTRATION.c.lease_token == claim.token,
            REGISTRATION.c.revision == claim.revision,
        )
    ).rowcount
    if not forgotten:
        forgotten = _release(
            claim,
            due_at=None,
            status=Status.PENDING,
            confirmed_state=None,
            confirmed_digest=None,
            in_doubt=False,
            checks_left=0,
        )
    db.session.commit()
    return bool(forgotten)


TROUBLE_STATUS = {
    Outcome.RETRY: Status.RETRYING,
    Outcome.PAUSED: Status.RETRYING,
    Outcome.REJECTED: Status.FAILED,
}


def settle_trouble(
    claim: Claim,
    outcome: Outcome,
    error: dict[str, Any],
    *,
    delay_seconds: float | None = 0,
    burns: bool = True,
    exchange: Exchange | None = None,
    confirmed_state: str | None = None,
    unchanged: bool = False,
    checks: int = 0,
) -> bool:
    """It failed: try again later, or let somebody act.

    :param delay_seconds: until it is due again; None: not before somebody acts.
    :param burns: whether it counts as one of the record's own failures.
    :param exchange: None if nothing was sent.
    :param confirmed_state: DataCite's state, if the failure told it.
    :param unchanged: DataCite refused and changed nothing: what was certain before is
        certain again.
    :param checks: there was no answer: so often DataCite is asked after the next
        success.
    :returns: False if the claim was lost.
    """
    # From a site's function or a record, too: one text must not end a run.
    error = answers.clean_all(error)
    values: dict[str, Any] = {"error": error}
    if burns:
        values["failures"] = claim.failures + 1
    if confirmed_state:
        values["confirmed_state"] = confirmed_state
    if unchanged:
        values["in_doubt"] = claim.in_doubt
    if checks:
        values["checks_left"] = _at_least(checks)
    settled = _release(
        claim,
        due_at=None if delay_seconds is None else clock.later(delay_seconds),
        status=TROUBLE_STATUS[outcome],
        **values,
    )
    if exchange:
        keep([Ended(claim, outcome, exchange, error)])
    db.session.commit()
    return settled


def note_check(claim: Claim) -> None:
    """DataCite was asked, and had something else than it confirmed.

    What is sent now is compared as often as is left: a difference that nobody can mend
    must not be sent again for ever.
    """
    update_claimed(
        claim, checks_left=sa.func.greatest(REGISTRATION.c.checks_left - 1, 0)
    )
    db.session.commit()


def _at_least(checks: int) -> Any:
    return sa.func.greatest(REGISTRATION.c.checks_left, checks)


def _release(claim: Claim, *, due_at: Any, status: Status, **values: Any) -> bool:
    """Give the claim back. A newer revision stays wanted, and is due now."""
    newer = REGISTRATION.c.revision > claim.revision
    return update_claimed(
        claim,
        lease_token=None,
        lease_until=None,
        due_at=sa.case((newer, clock.now()), else_=due_at),
        status=sa.case((newer, Status.PENDING.value), else_=status.value),
        updated=clock.now(),
        **values,
    )

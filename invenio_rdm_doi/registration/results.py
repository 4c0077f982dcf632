# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Recording of a claim's outcome. Every function is a transaction and commits."""

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
    """Record that the claim was lost, although a request may have been sent.

    The request may arrive after that of the worker that has the claim now: the
    confirmation of that worker stays in doubt, and DataCite is queried.
    """
    db.session.execute(
        sa.update(REGISTRATION)
        .where(REGISTRATION.c.id == claim.id)
        .values(
            in_doubt=True,
            checks_left=_at_least(checks),
            # Without a digest, the target is sent again, and not only compared.
            confirmed_digest=None,
            due_at=clock.now(),
        )
    )
    db.session.commit()


def settle_checked(claim: Claim, status: Status, exchange: Exchange) -> bool:
    """Record that DataCite was queried, and has what it confirmed."""
    left = sa.func.greatest(REGISTRATION.c.checks_left - 1, 0)
    settled = _release(
        claim,
        metadata_version=exchange.metadata_version,
        due_at=next_check(left),
        status=status,
        in_doubt=left > 0,
        checks_left=left,
        # An earlier query may have failed.
        failures=0,
        error=None,
    )
    keep([Ended(claim, Outcome.DONE, exchange)])
    db.session.commit()
    return settled


def settle_gone(claim: Claim) -> bool:
    """Delete the registration of a DOI that has no record and is not at DataCite.

    It is kept as long as an earlier request may arrive later: then DataCite is queried
    again. If there is a newer revision (the DOI is used again), the registration stays,
    as if it had never been sent.
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
    """Record a failure: the delivery is tried again later, or a person must act.

    :param delay_seconds: seconds until it is due again; None: not before a person acts.
    :param burns: whether it counts as one of the record's own failures.
    :param exchange: None if nothing was sent.
    :param confirmed_state: DataCite's state, if the failure revealed it.
    :param unchanged: whether DataCite refused and changed nothing: then the DOI is in
        doubt only if it was before.
    :param checks: the number of checks after the next success, because there was no
        answer.
    :returns: False if the claim was lost.
    """
    # It may come from a site's function or a record: one text must not end a run.
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
    """Record that DataCite was queried, and had something other than it confirmed.

    The target that is sent now is compared only as often as checks are left: a
    difference that cannot be repaired must not be sent again forever.
    """
    update_claimed(
        claim, checks_left=sa.func.greatest(REGISTRATION.c.checks_left - 1, 0)
    )
    db.session.commit()


def _at_least(checks: int) -> Any:
    return sa.func.greatest(REGISTRATION.c.checks_left, checks)


def _release(claim: Claim, *, due_at: Any, status: Status, **values: Any) -> bool:
    """Release the claim. A newer revision stays wanted, and is due now."""
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Nightly Celery tasks: they compare, report and clean up, and send nothing.

An audit, which waits for DataCite, ends after some time and continues in a new task, so
that other tasks get their turn; the others process the database page by page.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from .audit import findings, runs
from .audit.audit import Audit
from .audit.models import Job, Problem
from .datacite.errors import Trouble
from .proxies import current_doi
from .registration import tally
from .registration.breaker import PAUSED
from .registration.reconcile import reconcile as compare
from .settings.model import Account
from .tasks import is_stopping, run_seconds
from .timing import now

logger = logging.getLogger(__name__)

COMES_BACK = 5
"""Seconds until an unfinished audit continues, after the tasks that are waiting."""

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "invenio-rdm-doi-reconcile": {
        "task": "invenio_rdm_doi.nightly.reconcile",
        "schedule": crontab(hour=1, minute=20),
    },
    "invenio-rdm-doi-clean-up": {
        "task": "invenio_rdm_doi.nightly.clean_up",
        "schedule": crontab(hour=1, minute=50),
    },
    "invenio-rdm-doi-audit": {
        "task": "invenio_rdm_doi.nightly.audit",
        "schedule": crontab(hour=2, minute=20),
    },
}
"""Added to the site's ``CELERY_BEAT_SCHEDULE``."""


FRESH_SECONDS = 6 * 3600
"""An audit that was finished within this time belongs to the current night."""


@shared_task(ignore_result=True)
def audit() -> None:
    """Compare confirmed DOIs with DataCite's list; see ``invenio doi audit``.

    Schedules itself again as long as the audit of an account is not finished.
    """
    if not current_doi.enabled:
        return
    end = now() + run_seconds()
    for account in current_doi.settings.accounts:
        try:
            is_finished = _audit(account, max(0.0, end - now()))
        except Exception:
            # An error in one account must not prevent the audit of another one.
            logger.exception("doi.audit.error", extra={"account": account.name})
            continue
        if is_stopping():
            return
        if not is_finished:
            audit.apply_async(countdown=COMES_BACK)
            return


def _audit(account: Account, seconds: float) -> bool:
    """Continue the audit of an account; return False if there is more to do tonight."""
    extra = {"account": account.name}
    if current_doi.breaker(account).report()["state"] == PAUSED:
        logger.warning("doi.audit.paused", extra=extra)
        return True
    if _is_of_this_night(account):
        return True
    try:
        run = runs.begin(Job.AUDIT, account.id)
        walk = Audit(current_doi.settings, account, current_doi.client(account), run)
        if not walk.go_on(seconds, is_stopping):
            return False
    except runs.Busy:
        logger.info("doi.audit.busy", extra=extra)
        return True
    except (Trouble, runs.Lost) as error:
        # It continues the next night where it ended.
        logger.warning("doi.audit.failed", extra=extra | {"reason": str(error)})
        return True
    _report(walk.run, extra)
    return True


def _is_of_this_night(account: Account) -> bool:
    last = runs.last(Job.AUDIT, account.id)
    return last is not None and runs.age(last) < FRESH_SECONDS


def _report(run: Any, extra: dict[str, Any]) -> None:
    counts = findings.count([run.account], [run.id])
    for problem, count in counts.items():
        level = logging.ERROR if problem is Problem.EXPOSED else logging.WARNING
        logger.log(
            level,
            "doi.audit.found",
            extra=extra | {"problem": problem.value, "count": count},
        )
    total = sum(counts.values())
    logger.info("doi.audit.done", extra=extra | {"dois": run.seen, "found": total})


@shared_task(ignore_result=True)
def reconcile() -> None:
    """Compare records, PIDStore and registrations; see ``invenio doi reconcile``."""
    if not current_doi.enabled:
        return
    counts = Counter(found.problem for found in compare(current_doi.settings))
    for problem, count in counts.items():
        logger.warning(
            "doi.reconcile.found", extra={"problem": problem.value, "count": count}
        )
    logger.info("doi.reconcile.done", extra={"found": counts.total()})


@shared_task(ignore_result=True)
def clean_up() -> None:
    """Delete old attempts, and compact the tally."""
    if not current_doi.enabled:
        return
    last = runs.last(Job.CLEAN_UP, "")
    since = last.started_at if last else None
    try:
        run = runs.begin(Job.CLEAN_UP, "")
    except runs.Busy:
        return
    keep_days = current_doi.settings.attempts_keep_days
    deleted = 0
    for count in tally.prune(keep_days, since):
        deleted += count
        run = runs.advance(run)
        if is_stopping():
            runs.leave(run)
            return
    tally.compact(since)
    runs.finish(run)
    runs.prune()
    findings.forget_accounts([a.id for a in current_doi.settings.accounts])
    logger.info("doi.clean_up.done", extra={"attempts": deleted})

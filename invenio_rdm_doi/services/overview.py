# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Overview of DOI registration."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from ..audit import findings, runs
from ..audit.models import Job
from ..proxies import current_doi
from ..registration import report, tally
from ..registration.listing import Filter
from ..registration.models import Outcome, Status
from ..settings.model import Account

HOURS = 24


def overview() -> dict[str, Any]:
    """Summarize the registrations, the accounts, and the deliveries of the last day.

    :returns: as :func:`..registration.report.summary`, but ``accounts`` as a list, each
        with its ``state``, ``reason``, ``retry_at``, ``budget_used`` (a fraction of 1),
        ``prefixes``, ``communities``, ``test_mode``, ``api_url``, and ``audit``
        (``finished_at`` and ``findings`` by problem); and in addition ``findings``
        (by problem, of all accounts), ``unhandled`` (number of failures that are not
        marked as handled, up to ``report.MOST``) and ``hours`` (deliveries ``done`` and
        ``failed`` in each of the last 24 hours, the oldest first).
    """
    settings = current_doi.settings
    found = report.summary(settings)
    return {
        **found,
        "accounts": [
            _account(account, found["accounts"][account.name])
            for account in settings.accounts
        ],
        "findings": _findings([account.id for account in settings.accounts]),
        "unhandled": Filter(statuses=[Status.FAILED], handled=False).count(report.MOST),
        "hours": last_hours(),
    }


def _account(account: Account, counted: dict[str, Any]) -> dict[str, Any]:
    run = runs.last(Job.AUDIT, account.id)
    return {
        **current_doi.breaker(account).report(),
        "account": account.name,
        "repository": account.symbol,
        "due": counted["due"],
        "statuses": dict(counted["statuses"]),
        "budget_used": round(current_doi.budget(account).used(), 4),
        "prefixes": list(account.prefixes),
        "communities": list(account.communities),
        "test_mode": account.test_mode,
        "api_url": account.api_url,
        "audit": {
            "finished_at": run.finished_at.isoformat() if run else None,
            "findings": _findings([account.id]),
        },
    }


def _findings(accounts: list[str]) -> dict[str, int]:
    found = findings.count(accounts)
    return {problem.value: count for problem, count in found.items()}


def last_hours() -> list[dict[str, Any]]:
    """Return the deliveries of the last day by hour; the last hour is not over."""
    this = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first = this - timedelta(hours=HOURS - 1)
    done: Counter[datetime] = Counter()
    failed: Counter[datetime] = Counter()
    for hour, outcome, count in tally.hours(first):
        (done if outcome is Outcome.DONE else failed)[hour] += count
    hours = [first + timedelta(hours=number) for number in range(HOURS)]
    return [
        {"hour": hour.isoformat(), "done": done[hour], "failed": failed[hour]}
        for hour in hours
    ]

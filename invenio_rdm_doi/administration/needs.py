# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Items that need attention, each with a sentence and a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import url_for
from invenio_i18n import gettext as _

from ..audit.models import Problem
from ..registration.breaker import PAUSED, RUNNING
from ..registration.report import MOST
from ..services import words

LATE = 3600
"""Seconds that a DOI may be due before it is reported."""

AUDIT_AGE = timedelta(days=3)


@dataclass(frozen=True)
class Need:
    """An item that needs attention.

    :param urgent: whether action is required; otherwise the cause may pass on its own.
    """

    text: str
    url: str
    advice: str = ""
    urgent: bool = True


def needs(found: dict[str, Any]) -> list[Need]:
    """Return the items that need attention, the most serious first.

    :param found: see :func:`..services.overview.overview`.
    """
    return [*_exposed(found), *_accounts(found), *_failures(found), *_audits(found)]


def _exposed(found: dict[str, Any]) -> Iterator[Need]:
    count = found["must_hide"]
    if count:
        yield Need(
            _(
                "Findable DOIs of restricted or deleted records: %(count)s.",
                count=_some(count),
            ),
            url_for("administration.doi_list", must_hide="true"),
        )


def _accounts(found: dict[str, Any]) -> Iterator[Need]:
    for account in found["accounts"]:
        if account["state"] == RUNNING:
            continue
        reason = account["reason"] or {}
        text = (
            _("The account %(account)s is paused: %(reason)s")
            if account["state"] == PAUSED
            else _("Deliveries for %(account)s are on hold: %(reason)s")
        )
        yield Need(
            text % {"account": account["account"], "reason": words.error(reason)},
            url_for("administration.doi_accounts"),
            words.advice(reason),
            urgent=account["state"] == PAUSED,
        )


def _failures(found: dict[str, Any]) -> Iterator[Need]:
    count = found["unhandled"]
    if count:
        yield Need(
            _(
                "DOIs that failed and will not be retried automatically: %(count)s.",
                count=_some(count),
            ),
            url_for("administration.doi_list", status="failed", handled="false"),
        )
    if (found["oldest_due_seconds"] or 0) > LATE:
        yield Need(
            _(
                "The oldest DOI has been waiting for at least %(hours)s h.",
                hours=int(found["oldest_due_seconds"] // 3600),
            ),
            url_for("administration.doi_list", status="pending"),
            _("Check that the Celery workers and Celery beat are running."),
            urgent=False,
        )
    if found["unknown"]:
        yield Need(
            _(
                "DOIs not confirmed by their current account: %(count)s.",
                count=_some(found["unknown"]),
            ),
            url_for("administration.doi_findings"),
            _("Run 'invenio doi adopt'."),
            urgent=False,
        )


def _audits(found: dict[str, Any]) -> Iterator[Need]:
    for account in found["accounts"]:
        finished = account["audit"]["finished_at"]
        is_old = (
            finished
            and datetime.now(UTC) - datetime.fromisoformat(finished) > AUDIT_AGE
        )
        if is_old:
            yield Need(
                _(
                    "The last complete audit of %(account)s is more than three days "
                    "old.",
                    account=account["account"],
                ),
                url_for("administration.doi_findings"),
                _("Check that Celery beat is running; see the log for doi.audit."),
                urgent=False,
            )
    for problem in Problem:
        count = found["findings"].get(problem.value)
        if count:
            yield Need(
                _(
                    "The audit found: %(problem)s (%(count)s).",
                    problem=words.PROBLEMS[problem],
                    count=count,
                ),
                url_for("administration.doi_findings", problem=problem.value),
                urgent=problem is Problem.EXPOSED,
            )


def _some(count: int) -> str:
    return f"{MOST}+" if count >= MOST else str(count)

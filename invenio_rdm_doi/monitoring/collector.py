# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The metrics: their names, their labels, and the sources of their values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from ..audit import findings, runs
from ..audit.models import Job
from ..proxies import current_doi
from ..registration import report
from ..registration.breaker import PAUSED, RUNNING
from ..registration.models import Outcome
from ..registration.tally import BUCKETS
from ..settings.model import Settings
from .totals import Key, Totals

NO_ACCOUNT = "none"
"""Account label of DOIs whose prefix belongs to no account."""

LIMITS = [*(f"{limit / 1000:g}" for limit in BUCKETS), "+Inf"]
"""Upper limits of the histogram's buckets, in seconds."""


class Collector:
    """Collector that reads all metrics on each request."""

    def __init__(self, totals: Totals):
        """Constructor."""
        self.totals = totals

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics, read from the database."""
        settings = current_doi.settings
        yield from _registrations(settings)
        yield from _deliveries(settings, self.totals.read())
        yield from _accounts(settings)
        yield from _audits(settings)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rdm_doi_{name}", text, value=value)


def _registrations(settings: Settings) -> Iterator[Metric]:
    found = report.summary(settings)
    by_status = GaugeMetricFamily(
        "rdm_doi_registrations",
        "DOIs by status; estimates of a large table, except failed ones.",
        labels=["account", "status"],
    )
    due = GaugeMetricFamily(
        "rdm_doi_due", "DOIs that are due now, 10000 at most.", labels=["account"]
    )
    for name, entry in found["accounts"].items():
        label = name or NO_ACCOUNT
        due.add_metric([label], entry["due"])
        for status in found["statuses"]:
            by_status.add_metric([label, status], entry["statuses"][status])
    yield by_status
    yield due
    yield _gauge(
        "oldest_due_seconds",
        "Age of the DOI that has been due longest.",
        found["oldest_due_seconds"] or 0,
    )
    yield _gauge("in_flight", "DOIs that are being delivered.", found["in_flight"])
    yield _gauge(
        "must_hide",
        "DOIs of restricted or deleted records that are findable.",
        found["must_hide"],
    )
    yield _gauge(
        "unconfirmed",
        "DOIs that their account has not confirmed, 10000 at most.",
        found["unknown"],
    )
    yield _gauge(
        "older_mapping",
        "DOIs that were sent with an older mapping, 10000 at most.",
        found["older_mapping"],
    )


def _deliveries(settings: Settings, totals: Counter[Key]) -> Iterator[Metric]:
    outcomes: Counter[tuple[str, Outcome]] = Counter()
    times: dict[str, Counter[int]] = defaultdict(Counter)
    for account in settings.accounts:
        times[account.name] = Counter()
        for outcome in Outcome:
            outcomes[account.name, outcome] = 0
    for (prefix, outcome, bucket), count in totals.items():
        owner = settings.account_of(f"{prefix}/")
        name = owner.name if owner else NO_ACCOUNT
        outcomes[name, outcome] += count
        times[name][bucket] += count
    deliveries = CounterMetricFamily(
        "rdm_doi_deliveries", "Deliveries by outcome.", labels=["account", "outcome"]
    )
    for (name, outcome), count in outcomes.items():
        deliveries.add_metric([name, outcome.value], count)
    yield deliveries
    durations = HistogramMetricFamily(
        "rdm_doi_delivery_duration_seconds",
        "How long DataCite took.",
        labels=["account"],
    )
    for name, buckets in times.items():
        durations.add_metric([name], _cumulated(buckets), sum_value=None)
    yield durations


def _cumulated(buckets: Counter[int]) -> list[tuple[str, float]]:
    found, so_far = [], 0
    for index, limit in enumerate(LIMITS):
        so_far += buckets[index]
        found.append((limit, float(so_far)))
    return found


def _accounts(settings: Settings) -> Iterator[Metric]:
    labels = ["account"]
    running = GaugeMetricFamily(
        "rdm_doi_account_running", "1: DOIs are sent; 0: they wait.", labels=labels
    )
    paused = GaugeMetricFamily(
        "rdm_doi_account_paused", "1: an operator must act.", labels=labels
    )
    budget = GaugeMetricFamily(
        "rdm_doi_budget_used_ratio", "Share of the rate that is used.", labels=labels
    )
    for account in settings.accounts:
        state = current_doi.breaker(account).report()["state"]
        running.add_metric([account.name], float(state == RUNNING))
        paused.add_metric([account.name], float(state == PAUSED))
        used = current_doi.budget(account).used()
        budget.add_metric([account.name], round(used, 4))
    yield from (running, paused, budget)


def _audits(settings: Settings) -> Iterator[Metric]:
    found = GaugeMetricFamily(
        "rdm_doi_audit_findings",
        "Findings of the audit.",
        labels=["account", "problem"],
    )
    finished = GaugeMetricFamily(
        "rdm_doi_audit_finished_timestamp_seconds",
        "When the last audit of all DOIs was finished.",
        labels=["account"],
    )
    for account in settings.accounts:
        for problem, count in findings.count([account.id]).items():
            found.add_metric([account.name, problem.value], count)
        run: Any = runs.last(Job.AUDIT, account.id)
        if run is not None:
            finished.add_metric([account.name], run.finished_at.timestamp())
    yield from (found, finished)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Evaluation of the chaos test's requests: leaks and overlaps.

The sandbox's log and the table of attempts describe the same requests from either end.
They are matched as follows:

* A request that began while an *attempt* was in progress is part of it.
* A request without an attempt is a *stray*: its worker was killed, or lost the database
  before it could store the attempt; or the request waited in the sandbox until its
  worker had given it up.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Registration

from .sandbox import Entry
from .story import Secret

MARKER = re.compile("mark[0-9a-f]{16}")
CLOCK_SECONDS = 0.002
"""Tolerance, because durations are stored in whole milliseconds."""


@dataclass(frozen=True)
class Span:
    """An attempt, from building its target until its worker had the result."""

    started: float
    ended: float
    revision: int
    is_answered: bool


class Traffic:
    """All requests and attempts of a run.

    :param entries: the sandbox's log.
    :param kills: when workers were killed.
    :param read_seconds: after which a worker gives a request up.
    :param grace: seconds that a target may be on its way, two requests long.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        kills: list[float],
        read_seconds: float,
        grace: float,
    ) -> None:
        """Read the attempts."""
        self.writes: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry["method"] != "GET" and entry["doi"]:
                self.writes[entry["doi"]].append(entry)
        self.kills = sorted(kills)
        self.read_seconds = read_seconds
        self.grace = grace
        self.spans = _spans()

    def leaks(self, secrets: Iterable[Secret]) -> list[str]:
        """Return the requests with a text that was restricted when they were sent.

        A text that never was public must not appear at all. One that was public may be
        on its way when its record becomes restricted. That is no leak if the worker had
        claimed the DOI before the restriction was committed: the attempt is for an
        older revision than the one that the restriction made, and the request began
        within the grace period after the commit. A stray has no attempt, so only the
        grace period applies to it.
        """
        by_marker: dict[str, list[Secret]] = defaultdict(list)
        for secret in secrets:
            by_marker[secret.marker].append(secret)
        return [
            f"{doi}: request {entry['n']} at {entry['started']:.3f} says {marker}, "
            f"restricted since {secret.since:.3f}"
            for doi, writes in self.writes.items()
            for entry in writes
            for marker in set(MARKER.findall(json.dumps(entry["body"])))
            for secret in by_marker[marker]
            if secret.since < entry["started"] < secret.until
            and not self._was_on_its_way(doi, entry, secret)
        ]

    def _was_on_its_way(self, doi: str, entry: Entry, secret: Secret) -> bool:
        if doi not in secret.revisions or entry["started"] > secret.since + self.grace:
            return False
        span = self._span_of(doi, entry)
        return span is None or span.revision < secret.revisions[doi]

    def overlaps(self) -> list[str]:
        """Return the overlapping pairs of deliveries of one DOI.

        The end of a delivery is the time when its worker gave the request up, because
        the sandbox may continue to process such a request. Therefore attempts are
        compared with each other. A stray is compared with attempts and other strays,
        from its beginning until the sandbox had answered or its worker was killed. A
        stray is left out if an attempt without an answer ended just before it: then it
        belongs to that attempt, and was given up while the sandbox was busy.
        """
        found = []
        for doi, spans in self.spans.items():
            strays = [
                (entry["started"], self._end(entry))
                for entry in self.writes[doi]
                if self._span_of(doi, entry) is None
                and not self._was_given_up(doi, entry)
            ]
            times = [(s.started, s.ended - CLOCK_SECONDS) for s in spans]
            found += _overlapping(doi, times + strays)
        return found

    def strays(self) -> int:
        """Count the requests without an attempt."""
        return sum(
            self._span_of(doi, entry) is None
            for doi, writes in self.writes.items()
            for entry in writes
        )

    def _span_before(self, doi: str, entry: Entry) -> Span | None:
        spans = self.spans.get(doi, [])
        place = bisect_right(spans, entry["started"], key=lambda span: span.started)
        return spans[place - 1] if place else None

    def _span_of(self, doi: str, entry: Entry) -> Span | None:
        span = self._span_before(doi, entry)
        return span if span and entry["started"] <= span.ended else None

    def _was_given_up(self, doi: str, entry: Entry) -> bool:
        span = self._span_before(doi, entry)
        return bool(
            span
            and not span.is_answered
            and entry["started"] < span.ended + self.read_seconds
        )

    def _end(self, entry: Entry) -> float:
        later = [kill for kill in self.kills if kill > entry["started"]]
        return min([entry["ended"] or float("inf"), *later[:1]])


def _spans() -> dict[str, list[Span]]:
    rows = db.session.execute(
        sa.select(
            Registration.doi,
            Attempt.started_at,
            Attempt.duration_ms,
            Attempt.revision,
            Attempt.http_status,
        )
        .join(Registration, Registration.id == Attempt.registration_id)
        .order_by(Attempt.started_at)
    )
    spans: dict[str, list[Span]] = defaultdict(list)
    for doi, started_at, duration_ms, revision, http_status in rows:
        started = started_at.timestamp()
        ended = started + duration_ms / 1000
        spans[doi.lower()].append(
            Span(started, ended, revision, http_status is not None)
        )
    return spans


def _overlapping(doi: str, times: list[tuple[float, float]]) -> list[str]:
    return [
        f"{doi}: {first[0]:.3f} to {first[1]:.3f} and from {second[0]:.3f}"
        for first, second in pairwise(sorted(times))
        if second[0] < first[1]
    ]

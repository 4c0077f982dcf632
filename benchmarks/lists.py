# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Time for a page of DOIs and for the overview, with a million registrations."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from .harness import application, finish, say
from .plans import fill, lists

ROUNDS = 5
SIZE = 50


def main() -> int:
    """Fill the tables, read pages, and print the slowest of several rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000)
    options = parser.parse_args()
    with application(CELERY_TASK_ALWAYS_EAGER=True):
        from invenio_rdm_doi.services.overview import overview

        say(f"filling {options.registrations} registrations")
        fill(options.registrations, options.records)
        slowest = {}
        for name, wanted in lists().items():
            slowest[name] = _slowest(_first(wanted))
            _rows, more = wanted.page(SIZE)
            if more:
                slowest[f"{name}, next"] = _slowest(_next(wanted, more))
            slowest[f"{name}, count"] = _slowest(lambda w=wanted: w.count(10_000))
        slowest["overview"] = _slowest(overview)
    for name, milliseconds in slowest.items():
        print(f"{milliseconds:8.1f} ms  {name}")
    finish(
        {
            "benchmark": "lists",
            "registrations": options.registrations,
            "slowest_ms": max(v for k, v in slowest.items() if k != "overview"),
            "overview_ms": slowest["overview"],
        }
    )
    return 0


def _first(wanted: Any) -> Callable[[], Any]:
    return lambda: wanted.page(SIZE)


def _next(wanted: Any, after: str) -> Callable[[], Any]:
    return lambda: wanted.page(SIZE, after)


def _slowest(function: Callable[[], Any]) -> float:
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        function()
        times.append((time.perf_counter() - started) * 1000)
    return round(max(times), 1)


if __name__ == "__main__":
    sys.exit(main())

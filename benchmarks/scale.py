# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The query plan of each statement with a million registrations.

The benchmark ends with an error if a statement reads a whole table that grows.
"""

from __future__ import annotations

import argparse
import sys
import time

from .harness import application, finish, say
from .plans import fill, look


def main() -> int:
    """Fill the tables, examine the plans, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--plans", action="store_true", help="print all plans")
    options = parser.parse_args()
    with application(CELERY_TASK_ALWAYS_EAGER=True):
        started = time.monotonic()
        say(f"filling {options.registrations} registrations, {options.records} records")
        fill(options.registrations, options.records)
        say(f"filled after {time.monotonic() - started:.0f} s")
        findings = list(look())
    most: dict[str, int] = {}
    for finding in findings:
        most[finding.what] = max(most.get(finding.what, 0), finding.buffers)
        mark = f"  SCANS {', '.join(finding.scans)}" if finding.scans else ""
        short = " ".join(finding.statement.split())[:90]
        print(f"{finding.buffers:>8}  {finding.what:<20}{short}{mark}")
        if finding.scans or options.plans:
            print(finding.plan)
    scanning = sorted({finding.what for finding in findings if finding.scans})
    finish(
        {
            "benchmark": "scale",
            "registrations": options.registrations,
            "records": options.records,
            "statements": len(findings),
            "most_buffers": most,
            "scanning": scanning,
        }
    )
    return int(bool(scanning))


if __name__ == "__main__":
    sys.exit(main())

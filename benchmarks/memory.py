# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The memory of one worker process over many deliveries."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from . import stub
from .delivery import Bench, configuration
from .harness import application, finish, say

WARM_UP = 3000
"""Number of deliveries after which memory should no longer grow."""


def resident() -> float:
    """Return the resident memory of this process in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--records", type=int, default=250)
    options = parser.parse_args()
    with (
        stub.running() as datacite,
        application(**configuration(datacite)) as (app, _instance, _accounts),
    ):
        bench = Bench(app, datacite)
        ids = bench.publish(options.records)
        sizes: dict[int, float] = {}
        done = 0
        while done < options.deliveries:
            bench.reset()
            bench.package(ids)
            done += 2 * len(ids)
            sizes[done] = round(resident(), 1)
            say(f"{done} deliveries: {sizes[done]} MB")
    settled = [size for count, size in sizes.items() if count >= WARM_UP]
    finish(
        {
            "benchmark": "memory",
            "deliveries": done,
            "mb_after_warm_up": settled[0],
            "mb_at_the_end": settled[-1],
            "mb_at_most": max(settled),
        }
    )


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmark of the rate budget: four workers, a backlog, and a publish during it.

The sandbox answers 429 to requests above the same rate. The benchmark measures the
share of the budget that was used during the backlog, the refusals, and the time until a
record that is published during the backlog is findable.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from demo.site import Instance

from .harness import application, finish, say
from .publish import RECORD

REQUESTS, SECONDS = 300, 30
RATE = "RDM_RECORDS_DOI_DATACITE_RATE"


def publish(count: int) -> list[Any]:
    """Publish records."""
    from invenio_access.permissions import system_identity
    from invenio_rdm_records.proxies import current_rdm_records_service as service

    records = []
    for number in range(count):
        draft = service.create(system_identity, deepcopy(RECORD))
        records.append(service.publish(system_identity, draft.id))
        if number % 100 == 99:
            say(f"{number + 1} of {count} records published")
    return records


def as_bulk() -> int:
    """Make the due registrations a backlog of low priority; return their number."""
    from invenio_db import db

    from invenio_rdm_doi.registration.models import Priority, Registration

    count = db.session.execute(
        sa.update(Registration)
        .where(Registration.due_at.is_not(None))
        .values(priority=Priority.BULK)
    ).rowcount
    db.session.commit()
    return count


def start_worker(instance: Instance) -> subprocess.Popen:
    """Start a process that delivers the due registrations."""
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("invenio")), "doi", "deliver"],
        env=instance.environ | {f"INVENIO_{RATE}": repr((REQUESTS, SECONDS))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def writes(sandbox: str) -> list[dict[str, Any]]:
    """Return the writes that the sandbox received."""
    log = requests.get(f"{sandbox}/_sandbox/log").json()
    return [entry for entry in log if entry["method"] in ("POST", "PUT")]


def findable_after(
    sandbox: str, doi: str, start: float, patience: float
) -> float | None:
    """Return the seconds from ``start`` until a DOI is findable; None: too long."""
    while time.monotonic() - start < patience:
        answer = requests.get(f"{sandbox}/_sandbox/log", params={"doi": doi})
        if any(entry["status"] in (200, 201) for entry in answer.json()):
            return time.monotonic() - start
        time.sleep(0.05)
    return None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=2000, help="DOIs")
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with application(CELERY_TASK_ALWAYS_EAGER=True) as (app, instance, _accounts):
        settings = app.extensions["invenio-rdm-doi"].settings
        sandbox = settings.account.api_url.rstrip("/")
        publish(options.backlog // 2)
        backlog = as_bulk()
        requests.post(
            f"{sandbox}/_sandbox/rate", json={"requests": REQUESTS, "seconds": SECONDS}
        ).raise_for_status()
        workers = [start_worker(instance) for _ in range(options.workers)]
        try:
            expected = backlog * SECONDS / REQUESTS
            say(f"a backlog of {backlog}; {expected:.0f} s at the full rate")
            while not writes(sandbox):
                time.sleep(0.2)
            time.sleep(expected / 2)
            start = time.monotonic()
            fresh = publish(1)[0].data["pids"]["doi"]["identifier"]
            fresh_after = findable_after(sandbox, fresh, start, 60)
            say(f"a publish in the middle was findable after {fresh_after} s")
            for worker in workers:
                worker.wait(expected * 2 + 120)
        finally:
            for worker in workers:
                worker.kill()
        entries = writes(sandbox)
        from invenio_rdm_doi.registration.report import summary

        statuses = summary()["statuses"]
    started = sorted(entry["started"] for entry in entries)
    # The last step may be incomplete; until then there was a backlog.
    taken = started[-1] - started[0]
    share = (len(started) - 1) / (taken * REQUESTS / SECONDS)
    finish(
        {
            "benchmark": "pace",
            "what": f"{REQUESTS} requests per {SECONDS} s, {options.workers} workers",
            "backlog_dois": backlog,
            "requests": len(entries),
            "seconds": round(taken, 1),
            "share_of_budget": round(share, 3),
            "refused_429": sum(entry["status"] == 429 for entry in entries),
            "statuses": {name: count for name, count in statuses.items() if count},
            "publish_findable_after_s": fresh_after and round(fresh_after, 2),
        }
    )


if __name__ == "__main__":
    main()

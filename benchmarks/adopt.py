# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi adopt`` of many DOIs, from a database that only the built-in provider
has seen, with differences of every kind planted."""

from __future__ import annotations

import argparse
import os
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from .audit import KINDS, Planted, compared, forget_lease
from .harness import finish, say
from .many import PREFIX, Many, instance, measured

DIFFERENCES = {
    "missing": "missing",
    "wrong_state": "differs",
    "wrong_url": "not_ours",
    "changed": "differs",
    "exposed": "exposed",
}
"""What is planted, and what an adoption calls it."""

RESTRICT = (
    "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
    " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi"
)


def plant(many: Many, each: int) -> Planted:
    """Plant so many differences of every kind."""
    # The record that was published first was delivered to another sandbox.
    planted: Planted = {(many.plain[k], "missing") for k in ("doi", "concept")}
    number = 0
    step = many.count // (each * len(DIFFERENCES) + 1)
    for kind, problem in DIFFERENCES.items():
        for _ in range(each):
            number += step
            doi = f"{PREFIX}/r{number}"
            if kind == "exposed":
                with db.engine.begin() as connection:
                    connection.execute(sa.text(RESTRICT), {"doi": doi})
                planted.add((f"{PREFIX}/c{number}", problem))
            else:
                KINDS[kind](many, doi)
            planted.add((doi, problem))
    return planted


def adopt(killed_after: int | None = None) -> dict[str, Any]:
    """Run an adoption; returns how it went."""
    from invenio_rdm_doi.audit import findings, runs
    from invenio_rdm_doi.audit.adoption import Adopter
    from invenio_rdm_doi.audit.models import Job
    from invenio_rdm_doi.proxies import current_doi
    from invenio_rdm_doi.registration.reconcile import register_without_sending

    for _count in register_without_sending():
        pass
    settings = current_doi.settings
    account = settings.account
    run = runs.begin(Job.ADOPT, account.id)
    pages = 0

    def progress(row: Any) -> None:
        nonlocal pages
        pages += 1
        if pages == killed_after:
            # As with SIGKILL: nothing is tidied up.
            os._exit(1)

    walk = Adopter(settings, account, current_doi.client(account), run, progress)
    walk.go_on()
    found = {(row.doi, row.problem.value) for row in findings.of(account.id)}
    return {"requests": walk.run.requests, "found": sorted(found)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dois", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=100, help="differences of a kind")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with instance() as many:
        for dois in (options.dois // 10, options.dois):
            say(f"{dois} DOIs")
            many.fill(dois, registered=False)
            planted = plant(many, options.each)
            with many.sandbox():
                say("an adoption")
                results[str(dois)] = compared(measured(adopt), planted)
                with db.engine.begin() as connection:
                    for table in ("run", "seen", "finding", "registration"):
                        connection.execute(sa.text(f"DELETE FROM rdm_doi_{table}"))
                say("an adoption that is killed, and goes on")
                pages = max(1, dois // 2000)
                measured(lambda pages=pages: adopt(pages))
                forget_lease()
                results[f"{dois}_killed"] = compared(measured(adopt), planted)
            many.empty()
    small, large = results[str(options.dois // 10)], results[str(options.dois)]
    finish(
        {
            "benchmark": "adopt",
            **results,
            "growth_of_time": round(large["seconds"] / small["seconds"], 1),
            "growth_of_memory": round(large["mb"] / small["mb"], 2),
            "seconds_at_3000_per_5_minutes": round(large["requests"] / 10),
        }
    )


if __name__ == "__main__":
    main()

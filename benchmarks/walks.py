# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Common parts of the benchmarks of audits and adoptions: plant differences, process
all DOIs, also with a kill in between, and compare findings with planted differences."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from invenio_db import db

from .harness import finish, say
from .many import Many, instance, measured

Planted = set[tuple[str, str]]


def at_datacite(problem: str, path: str, value: Any) -> Callable[[Many, str], None]:
    """Return a function that plants a difference in the sandbox's file."""

    def plant(many: Many, doi: str) -> None:
        with sqlite3.connect(many.data) as store:
            sql = "select document from dois where uid = ?"
            document = json.loads(store.execute(sql, [doi]).fetchone()[0])
            if problem == "changed":
                document["attributes"]["titles"] = [{"title": value}]
                document["metadata_version"] += 1
            else:
                document[path] = value
            store.execute(
                "update dois set document = ?, state = ?, url = ? where uid = ?",
                [json.dumps(document), document["state"], document["url"], doi],
            )

    return plant


def lose(many: Many, doi: str) -> None:
    """Delete a DOI from the sandbox's file."""
    with sqlite3.connect(many.data) as store:
        store.execute("delete from dois where uid = ?", [doi])


def here(sql: str) -> Callable[[Many, str], None]:
    """Return a function that plants a difference in the database."""

    def plant(_many: Many, doi: str) -> None:
        with db.engine.begin() as connection:
            connection.execute(sa.text(sql), {"doi": doi})

    return plant


KINDS: dict[str, Callable[[Many, str], None]] = {
    "missing": lose,
    "wrong_state": at_datacite("wrong_state", "state", "registered"),
    "wrong_url": at_datacite("wrong_url", "url", "https://elsewhere.example.org/x"),
    "changed": at_datacite("changed", "", "Changed in Fabrica"),
    "exposed": here(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
        " '\"restricted\"') WHERE id = (SELECT owner_id FROM rdm_doi_registration"
        " WHERE doi = :doi)"
    ),
    "elsewhere": here(
        "UPDATE rdm_doi_registration SET confirmed_account = 'OTHER@x' WHERE doi = :doi"
    ),
    "pidstore": here("UPDATE pidstore_pid SET status = 'K' WHERE pid_value = :doi"),
    "duplicate": here(
        "INSERT INTO pidstore_pid (created, updated, pid_type, pid_value, status)"
        " VALUES (now(), now(), 'doi', upper(:doi), 'R')"
    ),
    "unregistered": here("DELETE FROM rdm_doi_registration WHERE doi = :doi"),
}


def go_through(walk: type, killed_after: int | None = None) -> dict[str, Any]:
    """Run an audit or an adoption and return its result.

    :param walk: subclass of :class:`invenio_rdm_doi.audit.walk.Walk`.
    :param killed_after: number of pages after which the process ends; None: never.
    """
    from invenio_rdm_doi.audit import runs
    from invenio_rdm_doi.audit.models import AuditFinding
    from invenio_rdm_doi.proxies import current_doi

    settings = current_doi.settings
    account = settings.account
    run = runs.begin(walk.job, account.id)  # type: ignore[attr-defined]
    pages = 0

    def progress(row: Any) -> None:
        nonlocal pages
        pages += 1
        if pages == killed_after:
            # Like SIGKILL: without any clean-up.
            os._exit(1)

    going = walk(settings, account, current_doi.client(account), run, progress)
    going.go_on()
    rows = AuditFinding.query.filter_by(account=account.id)
    found = {(row.doi, row.problem.value) for row in rows}
    return {"requests": going.run.requests, "found": sorted(found)}


def forget_lease() -> None:
    """Let the lease of the killed process expire."""
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE rdm_doi_run SET lease_until = now()"))


def compared(result: dict[str, Any], planted: Planted) -> dict[str, Any]:
    """Compare the findings with the planted differences."""
    outcome = result.pop("result", {"requests": 0, "found": []})
    found = {tuple(item) for item in outcome["found"]}
    return result | {
        "requests": outcome["requests"],
        "planted": len(planted),
        "missed": len(planted - found),
        "invented": len(found - planted),
        "examples": sorted(found ^ planted)[:5],
    }


def measure(
    benchmark: str,
    description: str,
    run: Callable[[int | None], dict[str, Any]],
    plant: Callable[[Many, int], Planted],
    *,
    each: int,
    registered: bool,
) -> None:
    """Measure with a tenth of the DOIs and with all, and print.

    :param run: runs in a separate process; its argument is ``killed_after``.
    :param each: number of differences of each kind.
    :param registered: whether registrations exist at the beginning.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--dois", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=each, help="differences of a kind")
    options = parser.parse_args()
    tables = ["run", "seen", "finding", *([] if registered else ["registration"])]
    results: dict[str, Any] = {}
    with instance() as many:
        for dois in (options.dois // 10, options.dois):
            say(f"{dois} DOIs")
            many.fill(dois, registered=registered)
            planted = plant(many, options.each)
            with many.sandbox():
                say("from the beginning to the end")
                results[str(dois)] = compared(measured(lambda: run(None)), planted)
                with db.engine.begin() as connection:
                    for table in tables:
                        connection.execute(sa.text(f"DELETE FROM rdm_doi_{table}"))
                say("killed on the way, and gone on with")
                pages = max(1, dois // 2000)
                measured(lambda pages=pages: run(pages))
                forget_lease()
                again = compared(measured(lambda: run(None)), planted)
                results[f"{dois}_killed"] = again
            many.empty()
    small, large = results[str(options.dois // 10)], results[str(options.dois)]
    finish(
        {
            "benchmark": benchmark,
            **results,
            "growth_of_time": round(large["seconds"] / small["seconds"], 1),
            "growth_of_memory": round(large["mb"] / small["mb"], 2),
            "seconds_at_3000_per_5_minutes": round(large["requests"] / 10),
        }
    )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmark of one worker with two slots, a backlog, and a script that publishes.

It measures the wait of unrelated tasks for a slot, and the time until a record that
another user publishes is findable: during the backlog, and during the script.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import sqlalchemy as sa

from demo.site import Instance

from .harness import application, finish, say
from .pace import findable_after
from .publish import RECORD, Client, with_versions

UNRELATED = "celery.backend_cleanup"
"""One of Celery's own tasks, which takes no time."""

REGISTER = """INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id,
    status, revision, confirmed_revision, priority, failures, in_doubt, due_at)
    SELECT gen_random_uuid(), json #>> '{pids,doi,identifier}',
    lower(json #>> '{pids,doi,identifier}'), 'record', id,
    'pending', 1, 0, 10, 0, false, now()
    FROM rdm_records_metadata WHERE json ->> 'id' LIKE :id || '-%'"""


def backlog(client: Client, count: int) -> int:
    """Create many DOIs that are due, as after a migration; return their number."""
    from invenio_db import db

    id_ = with_versions(client.published(RECORD), count + 1)
    rows = db.session.execute(sa.text(REGISTER), {"id": id_}).rowcount
    db.session.commit()
    return int(rows)


@contextmanager
def worker(instance: Instance) -> Iterator[Path]:
    """Run a Celery worker with two slots and the schedule; yield its log."""
    log = instance.directory / "benchmark-worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("celery")),
                *("--app", "invenio_app.celery", "worker", "--beat"),
                *("--schedule", str(instance.directory / "beat")),
                *("--concurrency", "2", "--queues", "celery,low"),
                *("--loglevel", "INFO"),
            ],
            env=instance.environ,
            cwd=instance.directory,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(log, " ready.", 120)
        yield log
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(log: Path, text: str, patience: float) -> float | None:
    start = time.monotonic()
    while time.monotonic() - start < patience:
        if any(text in line for line in log.read_text().splitlines()):
            return time.monotonic() - start
        time.sleep(0.05)
    return None


def unrelated(log: Path) -> float | None:
    """Return the seconds until an unrelated task is done; None: over a minute."""
    from celery import current_app

    task = current_app.send_task(UNRELATED)
    return _wait_for(log, f"{task.id}] succeeded", 60)


def person(client: Client, sandbox: str) -> float | None:
    """Publish a record as a user; return the seconds until its DOI is findable."""
    draft = client.send("POST", "/records", RECORD)
    start = time.monotonic()
    path = f"/records/{draft['id']}/draft/actions/publish"
    record = client.send("POST", path)
    return findable_after(sandbox, record["pids"]["doi"]["identifier"], start, 120)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=10_000, help="DOIs")
    parser.add_argument("--script", type=int, default=2000, help="records")
    options = parser.parse_args()
    with application() as (app, instance, accounts):
        from invenio_rdm_doi.proxies import current_doi

        sandbox = current_doi.settings.account.api_url.rstrip("/")
        script, other = (
            Client(app.test_client(), account.token)
            for account in list(accounts.values())[:2]
        )
        count = backlog(script, options.backlog)
        waits: list[float | None] = []
        findable: list[float | None] = []
        with worker(instance) as log:
            say(f"a backlog of {count} DOIs")
            time.sleep(15)
            waits.append(unrelated(log))
            findable.append(person(other, sandbox))
            say(f"a task waited {waits[-1]} s, a publish {findable[-1]} s")
            for number in range(1, options.script + 1):
                script.published(RECORD)
                if number % max(1, options.script // 4) == 0:
                    waits.append(unrelated(log))
                    findable.append(person(other, sandbox))
                    say(
                        f"{number} of {options.script} records: a task waited "
                        f"{waits[-1]} s, a publish {findable[-1]} s"
                    )
            sent = len(requests.get(f"{sandbox}/_sandbox/log").json())
    finish(
        {
            "benchmark": "slots",
            "what": "one worker with two slots, at the rate for DataCite's test system",
            "backlog_dois": count,
            "script_records": options.script,
            "requests_meanwhile": sent,
            "unrelated_task_s": [wait and round(wait, 2) for wait in waits],
            "publish_findable_s": [wait and round(wait, 2) for wait in findable],
        }
    )


if __name__ == "__main__":
    main()

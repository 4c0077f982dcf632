# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmark of ``invenio doi sync`` with many registrations while records are edited.

It measures the time until all registrations are requested, the waits of edits, and the
growth of the table.
"""

from __future__ import annotations

import argparse
import random
import statistics
import threading
import time
from typing import Any

import sqlalchemy as sa

from invenio_rdm_doi.proxies import current_doi

from .harness import application, finish, say
from .plans import fill

EDITS_PER_SECOND = 10


class Edits(threading.Thread):
    """A thread that updates registrations like a publish, ten times a second."""

    def __init__(self, app: Any, registrations: int):
        super().__init__(daemon=True)
        self.app, self.registrations = app, registrations
        self.waits: list[float] = []
        self.errors: list[str] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Edit until ``ended`` is set."""
        from invenio_db import db

        from invenio_rdm_doi.registration import intake

        chance = random.Random(1)
        with self.app.app_context():
            while not self.ended.wait(1 / EDITS_PER_SECOND):
                number = chance.randint(1, self.registrations)
                begin = time.perf_counter()
                try:
                    intake.request_again(f"10.1234/r{number}")
                    db.session.commit()
                except sa.exc.DBAPIError as error:
                    self.errors.append(type(error.orig).__name__)
                    db.session.rollback()
                self.waits.append(time.perf_counter() - begin)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=1_000_000)
    count = parser.parse_args().registrations
    with application(CELERY_TASK_ALWAYS_EAGER=True) as (app, _instance, _accounts):
        from invenio_db import db

        from invenio_rdm_doi.registration import marks

        def size() -> int:
            name = "rdm_doi_registration"
            found = db.session.scalar(sa.text(f"SELECT pg_relation_size('{name}')"))
            db.session.rollback()
            return int(found or 0)

        say(f"filling {count} registrations")
        fill(count, 1000)
        before = size()
        edits = Edits(app, count)
        edits.start()
        marks.note_all()
        db.session.commit()
        prefixes = current_doi.settings.prefixes
        begin, batches = time.perf_counter(), []
        while True:
            started = time.perf_counter()
            if marks.go_on(prefixes) is None:
                break
            batches.append(time.perf_counter() - started)
            if len(batches) % 200 == 0:
                say(f"{len(batches) * marks.BATCH} of {count}")
        taken = time.perf_counter() - begin
        edits.ended.set()
        edits.join()
        waits = sorted(edits.waits)
        finish(
            {
                "benchmark": "sync",
                "registrations": count,
                "seconds": round(taken, 1),
                "batch_median_ms": round(1000 * statistics.median(batches), 1),
                "edits": len(waits),
                "edit_median_ms": round(1000 * statistics.median(waits), 1),
                "edit_99_ms": round(1000 * waits[int(len(waits) * 0.99)], 1),
                "edit_longest_ms": round(1000 * waits[-1], 1),
                "edit_errors": edits.errors,
                "table_growth": round(size() / before - 1, 3),
            }
        )


if __name__ == "__main__":
    main()

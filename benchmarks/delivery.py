# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DOIs per second of the host's provider and of this package: the same records
on the same machine, one way after the other.

DataCite answers after 0, 50 and 300 ms; there are one and four worker processes. The
host's task ``register_or_update_pid`` runs as in a worker, one DOI after the other;
this package's delivery runs as in a worker. DataCite is :mod:`.stub`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import sqlalchemy as sa

from . import stub
from .harness import application, finish, say
from .publish import RECORD

RATE = (1_000_000, 10)
EDITS = 5


class Bench:
    """The records and both ways to register them."""

    def __init__(self, app: Any, datacite: str):
        from datacite import DataCiteRESTClient
        from invenio_rdm_records import config as host

        self.app = app
        self.datacite = datacite
        self.own = {name: app.config[name] for name in self._settings()}
        self.host = {name: getattr(host, name) for name in self._settings()}
        account = app.extensions["invenio-rdm-doi"].settings.account
        for providers in self.host.values():
            for provider in providers:
                if provider.name == "datacite":
                    # The provider's own client cannot use another URL.
                    provider.client._api = DataCiteRESTClient(
                        account.username.reveal(),
                        account.password.reveal(),
                        account.prefixes[0],
                        url=account.api_url,
                    )

    @staticmethod
    def _settings() -> tuple[str, str]:
        return (
            "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
        )

    def publish(self, count: int) -> list[str]:
        """Publish records without delivering their DOIs."""
        from invenio_access.permissions import system_identity
        from invenio_rdm_records.proxies import current_rdm_records_service as service

        ids = []
        for _ in range(count):
            draft = service.create(system_identity, deepcopy(RECORD))
            ids.append(service.publish(system_identity, draft.id).id)
        return ids

    def edit(self, ids: list[str]) -> None:
        """Edit each record several times."""
        from invenio_access.permissions import system_identity
        from invenio_rdm_records.proxies import current_rdm_records_service as service

        for number in range(EDITS):
            for id_ in ids:
                data = deepcopy(service.edit(system_identity, id_).data)
                data["metadata"]["title"] = f"Edit {number}"
                service.update_draft(system_identity, id_, data)
                service.publish(system_identity, id_)

    def reset(self, latency: float = 0.0) -> None:
        """Empty DataCite, and make all registrations due and unconfirmed."""
        from invenio_db import db
        from invenio_pidstore.models import PersistentIdentifier, PIDStatus

        from invenio_rdm_doi.registration.history import Attempt
        from invenio_rdm_doi.registration.models import Registration

        stub.reset(self.datacite, latency)
        db.session.execute(sa.delete(Attempt))
        db.session.execute(
            sa.update(Registration).values(
                confirmed_revision=0,
                confirmed_state=None,
                confirmed_digest=None,
                in_doubt=False,
                due_at=sa.func.now(),
            )
        )
        db.session.execute(
            sa.update(PersistentIdentifier)
            .where(PersistentIdentifier.pid_type == "doi")
            .values(status=PIDStatus.RESERVED)
        )
        db.session.commit()
        # A worker starts with an empty session.
        db.session.remove()

    @staticmethod
    def again() -> None:
        """Make all registrations due without any change, as after ``sync``."""
        from invenio_db import db

        from invenio_rdm_doi.registration.models import Priority, Registration

        db.session.execute(
            sa.update(Registration).values(
                revision=Registration.revision + 1,
                due_at=sa.func.now(),
                priority=int(Priority.BULK),
            )
        )
        db.session.commit()
        db.session.remove()

    def builtin(self, ids: list[str]) -> None:
        """Register DOIs with the host's provider."""
        from invenio_rdm_records.services.pids.tasks import register_or_update_pid

        self.app.config.update(self.host)
        try:
            for id_ in ids:
                register_or_update_pid(id_, "doi")
                register_or_update_pid(id_, "doi", parent=True)
        finally:
            self.app.config.update(self.own)

    def package(self, ids: list[str]) -> None:
        """Register DOIs with this package's delivery."""
        self.app.extensions["invenio-rdm-doi"].delivery().run()

    def measure(
        self,
        way: Callable[[list[str]], None],
        ids: list[str],
        latency: float = 0.0,
        processes: int = 1,
    ) -> dict[str, Any]:
        """Return DOIs per second, and milliseconds of processor time per DOI."""
        self.reset(latency)
        run = self._here if processes == 1 else self._in_children
        taken, cpu = run(way, ids, processes)
        dois = 2 * len(ids)
        counted = stub.count(self.datacite)
        if way == self.package:
            # All registrations are due, even if ``ids`` has only a part of them.
            dois = counted["findable"]
        if counted["findable"] < 2 * len(ids):
            raise SystemExit(f"Only {counted['findable']} DOIs became findable.")
        return {
            "dois": dois,
            "dois_per_second": round(dois / taken, 1),
            "cpu_ms_per_doi": round(1000 * cpu / dois, 2),
            "writes": counted["writes"],
        }

    @staticmethod
    def _here(
        way: Callable[[list[str]], None], ids: list[str], _processes: int
    ) -> tuple[float, float]:
        start, cpu = time.perf_counter(), time.process_time()
        way(ids)
        return time.perf_counter() - start, time.process_time() - cpu

    @staticmethod
    def _in_children(
        way: Callable[[list[str]], None], ids: list[str], processes: int
    ) -> tuple[float, float]:
        command = [sys.executable, "-m", "benchmarks.delivery", "--child", way.__name__]
        children = [
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for _ in range(processes)
        ]
        for child in children:
            child.stdout.readline()  # type: ignore[union-attr]
        start = time.perf_counter()
        for number, child in enumerate(children):
            child.stdin.write(json.dumps(ids[number::processes]) + "\n")  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
        cpu = sum(
            float(child.stdout.readline())  # type: ignore[union-attr]
            for child in children
        )
        taken = time.perf_counter() - start
        for child in children:
            child.wait()
        return taken, cpu


def child(way: str) -> None:
    """Run one of several worker processes; print its seconds of processor time."""
    from invenio_app.factory import create_api

    app = create_api(RATELIMIT_ENABLED=False, **configuration(os.environ["STUB"]))
    app.logger.setLevel("ERROR")
    with app.app_context():
        bench = Bench(app, os.environ["STUB"])
        print("ready", flush=True)
        ids = json.loads(sys.stdin.readline())
        cpu = time.process_time()
        getattr(bench, way)(ids)
        print(time.process_time() - cpu, flush=True)


def configuration(datacite: str) -> dict[str, Any]:
    """Return the configuration of all processes."""
    return {
        "RDM_RECORDS_DOI_DATACITE_API_URL": f"{datacite}/",
        "RDM_RECORDS_DOI_DATACITE_RATE": RATE,
        "CELERY_TASK_ALWAYS_EAGER": True,
    }


def compare(bench: Bench, ids: list[str], milliseconds: int, processes: int) -> Any:
    """Measure both ways, one after the other."""
    sample = ids if milliseconds == 0 else ids[: max(10, len(ids) // 4)]
    what = f"{milliseconds} ms, {processes} process(es)"
    say(f"{what}: the host's provider")
    latency = milliseconds / 1000
    slow = bench.measure(bench.builtin, sample, latency, processes)
    say(f"{what}: this package")
    fast = bench.measure(bench.package, ids, latency, processes)
    ratio = fast["dois_per_second"] / slow["dois_per_second"]
    return {"builtin": slow, "package": fast, "ratio": round(ratio, 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        return child(arguments.child)
    with (
        stub.running() as datacite,
        application(**configuration(datacite)) as (app, _instance, _accounts),
    ):
        os.environ["STUB"] = datacite
        bench = Bench(app, datacite)
        say(f"publishing {arguments.records} records")
        ids = bench.publish(arguments.records)
        bench.measure(bench.package, ids)  # a warm-up, mainly of caches
        bench.measure(bench.builtin, ids[:10])
        result: dict[str, Any] = {
            f"latency_{milliseconds}_ms_{processes}_processes": compare(
                bench, ids, milliseconds, processes
            )
            for milliseconds in (0, 50, 300)
            for processes in arguments.processes
        }
        say("nothing changed")
        bench.measure(bench.package, ids)
        before = stub.count(datacite)["writes"]
        bench.again()
        taken, cpu = bench._here(bench.package, ids, 1)
        result["unchanged"] = {
            "cpu_ms_per_doi": round(1000 * cpu / (2 * len(ids)), 2),
            "ms_per_doi": round(1000 * taken / (2 * len(ids)), 2),
            "writes": stub.count(datacite)["writes"] - before,
        }
        some = ids[:50]
        say(f"{EDITS} edits of {len(some)} records")
        before = stub.count(datacite)["writes"]
        bench.edit(some)
        bench.package(some)
        result["after_5_edits"] = {
            "dois": 2 * len(some),
            "writes": stub.count(datacite)["writes"] - before,
        }
        finish(
            {
                "benchmark": "delivery",
                "what": "registration of records and concept DOIs",
                **result,
            }
        )
    return None


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DOIs per second of one worker process: the host's provider, and this package's.

The same records, the same sandbox, the same process, one after the other, without and
with 300 ms until the sandbox answers. The host's task ``register_or_update_pid`` is run
as a worker runs it, one after the other; this package's delivery as a worker runs it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import requests
import sqlalchemy as sa

from .harness import application, finish, say
from .publish import RECORD

RATE = (1_000_000, 10)
EDITS = 5


class Bench:
    """The records and both ways to register them."""

    def __init__(self, app: Any, sandbox: str):
        from datacite import DataCiteRESTClient
        from invenio_rdm_records import config as host

        self.app = app
        self.sandbox = sandbox
        self.own = {name: app.config[name] for name in self._settings()}
        self.host = {name: getattr(host, name) for name in self._settings()}
        account = app.extensions["invenio-rdm-doi"].settings.account
        for providers in self.host.values():
            for provider in providers:
                if provider.name == "datacite":
                    # Its own client has no way to be sent anywhere else.
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
        """Publish records; nothing is delivered meanwhile."""
        from invenio_access.permissions import system_identity
        from invenio_rdm_records.proxies import current_rdm_records_service as service

        ids = []
        for _ in range(count):
            draft = service.create(system_identity, deepcopy(RECORD))
            ids.append(service.publish(system_identity, draft.id).id)
        return ids

    def edit(self, ids: list[str]) -> None:
        """Edit each record, several times."""
        from invenio_access.permissions import system_identity
        from invenio_rdm_records.proxies import current_rdm_records_service as service

        for number in range(EDITS):
            for id_ in ids:
                data = deepcopy(service.edit(system_identity, id_).data)
                data["metadata"]["title"] = f"Edit {number}"
                service.update_draft(system_identity, id_, data)
                service.publish(system_identity, id_)

    def reset(self) -> None:
        """DataCite knows nothing, and everything is due."""
        from invenio_db import db
        from invenio_pidstore.models import PersistentIdentifier, PIDStatus

        from invenio_rdm_doi.registration.models import Attempt, Registration

        for what in ("dois", "log"):
            requests.delete(f"{self.sandbox}/_sandbox/{what}").raise_for_status()
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

    def latency(self, seconds: float) -> None:
        """Let the sandbox wait before it answers."""
        faults = f"{self.sandbox}/_sandbox/faults"
        requests.delete(faults).raise_for_status()
        if seconds:
            fault = {"kind": "latency", "seconds": seconds}
            requests.post(faults, json=fault).raise_for_status()

    def builtin(self, ids: list[str]) -> None:
        """The host's way."""
        from invenio_rdm_records.services.pids.tasks import register_or_update_pid

        self.app.config.update(self.host)
        try:
            for id_ in ids:
                register_or_update_pid(id_, "doi")
                register_or_update_pid(id_, "doi", parent=True)
        finally:
            self.app.config.update(self.own)

    def package(self, ids: list[str]) -> None:
        """This package's way."""
        self.app.extensions["invenio-rdm-doi"].delivery().run()

    def measure(self, way: Callable[[list[str]], None], ids: list[str]) -> dict:
        """DOIs per second, and milliseconds of processor time per DOI."""
        self.reset()
        start, cpu = time.perf_counter(), time.process_time()
        way(ids)
        taken = time.perf_counter() - start
        cpu = time.process_time() - cpu
        dois = 2 * len(ids)
        return {
            "dois_per_second": round(dois / taken, 1),
            "cpu_ms_per_doi": round(1000 * cpu / dois, 1),
            "findable": self.findable(),
            "requests": self.requests(),
        }

    def findable(self) -> int:
        """How many DOIs anybody can find at the sandbox."""
        answer = requests.get(f"{self.sandbox}/dois", params={"page[size]": 0})
        return answer.json()["meta"]["total"]

    def requests(self) -> int:
        """Writes that the sandbox received."""
        log = requests.get(f"{self.sandbox}/_sandbox/log").json()
        return sum(entry["method"] in ("PUT", "POST") for entry in log)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100)
    count = parser.parse_args().records
    config = {
        "RDM_RECORDS_DOI_DATACITE_RATE": RATE,
        "CELERY_TASK_ALWAYS_EAGER": True,
    }
    with application(**config) as (app, instance, _accounts):
        from invenio_rdm_doi.proxies import current_doi

        sandbox = current_doi.settings.account.api_url.rstrip("/")
        bench = Bench(app, sandbox)
        say(f"publishing {count} records")
        ids = bench.publish(count)
        bench.measure(bench.package, ids)  # a warm-up, of caches above all
        bench.measure(bench.builtin, ids[:10])
        result: dict[str, Any] = {}
        for milliseconds in (0, 300):
            bench.latency(milliseconds / 1000)
            sample = ids if milliseconds == 0 else ids[: max(10, count // 4)]
            say(f"{milliseconds} ms: the host's provider, {len(sample)} records")
            slow = bench.measure(bench.builtin, sample)
            say(f"{milliseconds} ms: this package, {count} records")
            fast = bench.measure(bench.package, ids)
            result[f"latency_{milliseconds}_ms"] = {
                "builtin_records": len(sample),
                "builtin": slow,
                "package": fast,
                "ratio": round(fast["dois_per_second"] / slow["dois_per_second"], 1),
            }
        bench.latency(0)
        say(f"{EDITS} edits of {count} records")
        bench.edit(ids)
        bench.reset()
        bench.package(ids)
        finish(
            {
                "benchmark": "delivery",
                "what": "registration of records and concept DOIs, one worker process",
                "records": count,
                "dois": 2 * count,
                **result,
                "requests_after_5_edits": bench.requests(),
                "dois_after_5_edits": 2 * count,
            }
        )


if __name__ == "__main__":
    main()

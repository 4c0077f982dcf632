# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Latency of a publish over the REST API, with the host's provider and this package's.

Both run in the same instance and process, in turn (A B A B …), so that drift of the
machine affects both. The benchmark measures new records, edits and saved drafts, also
of records with many versions and with thousands of creators.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import sqlalchemy as sa

from .harness import application, counted_statements, finish, say

SETTINGS = (
    "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
    "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
    "RDM_RECORDS_SERVICE_COMPONENTS",
)
RECORD = {
    "metadata": {
        "title": "A record to publish",
        "publication_date": "2026-05-04",
        "publisher": "Benchmark",
        "resource_type": {"id": "dataset"},
        "creators": [
            {"person_or_org": {"type": "personal", "family_name": "Petersen"}}
        ],
    },
    "access": {"record": "public", "files": "public"},
    "files": {"enabled": False},
}


def host_settings() -> dict[str, Any]:
    """Return the configuration without this package."""
    from invenio_rdm_records import config
    from invenio_rdm_records.services.components import DefaultRecordsComponents

    return {
        SETTINGS[0]: config.RDM_PERSISTENT_IDENTIFIER_PROVIDERS,
        SETTINGS[1]: config.RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS,
        SETTINGS[2]: DefaultRecordsComponents,
    }


class Client:
    """A depositor's REST client that measures one request of several."""

    def __init__(self, client: Any, token: str):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, json: Any = None) -> Any:
        """Send a request that is not measured."""
        answer = self.client.open(path, method=method, json=json, headers=self.headers)
        assert answer.status_code < 300, answer.json
        return answer.json

    def timed(self, method: str, path: str, json: Any = None) -> tuple[float, int]:
        """Send a request; return milliseconds and number of SQL statements."""
        with counted_statements() as statements:
            start = time.perf_counter()
            self.send(method, path, json)
            taken = time.perf_counter() - start
        return taken * 1000, len(statements)

    def publish_new(self, record: Any) -> tuple[float, int]:
        """Publish a new record."""
        draft = self.send("POST", "/records", record)
        return self.timed("POST", f"/records/{draft['id']}/draft/actions/publish")

    def save(self, id_: str) -> tuple[float, int]:
        """Save a draft again."""
        path = f"/records/{id_}/draft"
        data = self.send("GET", path)
        data["metadata"]["title"] += "."
        return self.timed("PUT", path, data)

    def edit(self, id_: str) -> tuple[float, int]:
        """Publish an edit of a record."""
        path = f"/records/{id_}/draft"
        data = self.send("POST", path)
        data["metadata"]["title"] += "."
        self.send("PUT", path, data)
        return self.timed("POST", f"{path}/actions/publish")

    def published(self, record: Any) -> str:
        """Publish a record and return its identifier."""
        draft = self.send("POST", "/records", record)
        self.send("POST", f"/records/{draft['id']}/draft/actions/publish")
        return draft["id"]


CLONE = (
    """INSERT INTO rdm_records_metadata (id, json, created, updated, version_id, index,
    parent_id, deletion_status)
    SELECT CAST(md5(:id || n) AS uuid), jsonb_set(jsonb_set(json, '{id}',
    to_jsonb(:id || '-' || n)), '{pids,doi,identifier}', to_jsonb('10.1234/' || :id ||
    '-' || n)), created, updated, version_id, n, parent_id, deletion_status
    FROM rdm_records_metadata, generate_series(1, :versions - 1) n
    WHERE json ->> 'id' = :id""",
    """UPDATE rdm_records_metadata SET index = :versions WHERE json ->> 'id' = :id""",
    """UPDATE rdm_versions_state SET latest_index = :versions WHERE latest_id =
    (SELECT id FROM rdm_records_metadata WHERE json ->> 'id' = :id)""",
)
"""Statements that create older versions of a record, in the database only."""


def with_versions(id_: str, versions: int) -> str:
    """Make a record the newest of ``versions`` versions; return its identifier."""
    from invenio_db import db

    if versions > 1:
        for statement in CLONE:
            db.session.execute(sa.text(statement), {"id": id_, "versions": versions})
        db.session.commit()
    return id_


def crowd(count: int) -> dict[str, Any]:
    """Return a record with ``count`` creators."""
    record = deepcopy(RECORD)
    record["metadata"]["creators"] = [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": f"Family name {number}",
                "given_name": "Given name",
            },
            "affiliations": [{"name": "An institute of a university"}],
        }
        for number in range(count)
    ]
    return record


def scenarios(
    client: Client, few: bool
) -> dict[str, tuple[Callable[[], tuple[float, int]], int]]:
    """Return the scenarios, each with a divisor of the requested number of runs."""
    draft = client.send("POST", "/records", RECORD)["id"]
    one = client.published(RECORD)
    found: dict[str, tuple[Callable[[], tuple[float, int]], int]] = {
        "new": (lambda: client.publish_new(RECORD), 1),
        "edit": (lambda: client.edit(one), 1),
        "save": (lambda: client.save(draft), 1),
    }
    if few:
        return found
    for versions in (100, 1000):
        many = with_versions(client.published(RECORD), versions)
        found[f"edit_{versions}_versions"] = (lambda many=many: client.edit(many), 2)
    big = client.published(crowd(3000))
    big_draft = client.send("POST", "/records", crowd(3000))["id"]
    old = with_versions(client.published(crowd(3000)), 100)
    found["edit_3000_creators"] = (lambda: client.edit(big), 10)
    found["save_3000_creators"] = (lambda: client.save(big_draft), 10)
    found["edit_100_versions_3000_creators"] = (lambda: client.edit(old), 10)
    return found


def measure(
    app: Any, scenario: Callable[[], tuple[float, int]], kinds: Any, count: int
) -> dict[str, Any]:
    """Return the medians of one scenario, measured for both sides in turn."""
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    statements: dict[str, list[int]] = {kind: [] for kind in kinds}
    warm_up = min(3, count)
    for number in range(count + warm_up):
        for kind, settings in kinds.items():
            app.config.update(settings)
            taken, executed = scenario()
            if number >= warm_up:
                times[kind].append(taken)
                statements[kind].append(executed)
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    counts = {kind: statistics.median(values) for kind, values in statements.items()}
    return {
        "count": count,
        "builtin_median_ms": round(medians["builtin"], 1),
        "package_median_ms": round(medians["package"], 1),
        "added_ms": round(medians["package"] - medians["builtin"], 1),
        "ratio": round(medians["package"] / medians["builtin"], 3),
        "builtin_sql": counts["builtin"],
        "package_sql": counts["package"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50, help="of each kind")
    parser.add_argument(
        "--few", action="store_true", help="without many versions and creators"
    )
    arguments = parser.parse_args()
    with application() as (app, _instance, accounts):
        token = next(iter(accounts.values())).token
        kinds = {
            "builtin": host_settings(),
            "package": {name: app.config[name] for name in SETTINGS},
        }
        client = Client(app.test_client(), token)
        result = {}
        for name, (scenario, part) in scenarios(client, arguments.few).items():
            say(name)
            count = max(2, arguments.records // part)
            result[name] = measure(app, scenario, kinds, count)
    finish(
        {
            "benchmark": "publish",
            "what": "REST API in process: publish of new records and of edits; saves",
            **result,
        }
    )


if __name__ == "__main__":
    main()

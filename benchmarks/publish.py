# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Latency of publish over the REST API: the host's provider, and this package's.

Same instance, same process, in turn (A B A B …): drift of the machine hits both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from .harness import application, counted_statements, finish, say

SETTINGS = (
    "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
    "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
    "RDM_RECORDS_SERVICE_COMPONENTS",
)
DOIS_PER_PUBLISH = 2
"""The record's and the concept DOI."""

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
    """The configuration without this package."""
    from invenio_rdm_records import config
    from invenio_rdm_records.services.components import DefaultRecordsComponents

    return {
        SETTINGS[0]: config.RDM_PERSISTENT_IDENTIFIER_PROVIDERS,
        SETTINGS[1]: config.RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS,
        SETTINGS[2]: DefaultRecordsComponents,
    }


def publish(client: Any, headers: dict[str, str]) -> tuple[float, int]:
    """Publish one record; milliseconds and SQL statements of the publish alone."""
    draft = client.post("/records", json=RECORD, headers=headers)
    assert draft.status_code == 201, draft.json
    url = f"/records/{draft.json['id']}/draft/actions/publish"
    with counted_statements() as statements:
        start = time.perf_counter()
        answer = client.post(url, headers=headers)
        taken = time.perf_counter() - start
    assert answer.status_code == 202, answer.json
    return taken * 1000, len(statements)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50, help="of each kind")
    records = parser.parse_args().records
    with application() as (app, _instance, accounts):
        token = next(iter(accounts.values())).token
        headers = {"Authorization": f"Bearer {token}"}
        kinds = {
            "builtin": host_settings(),
            "package": {name: app.config[name] for name in SETTINGS},
        }
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        statements: dict[str, list[int]] = {kind: [] for kind in kinds}
        warm_up = 3
        client = app.test_client()
        for number in range(records + warm_up):
            for kind, settings in kinds.items():
                app.config.update(settings)
                taken, count = publish(client, headers)
                if number >= warm_up:
                    times[kind].append(taken)
                    statements[kind].append(count)
            if number % 10 == 0:
                say(f"{number} of {records + warm_up}")
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    counts = {kind: statistics.median(values) for kind, values in statements.items()}
    added = counts["package"] - counts["builtin"]
    finish(
        {
            "benchmark": "publish",
            "what": "POST /records/{id}/draft/actions/publish, REST API in process",
            "records_each": records,
            "builtin_median_ms": round(medians["builtin"], 1),
            "package_median_ms": round(medians["package"], 1),
            "ratio": round(medians["package"] / medians["builtin"], 3),
            "builtin_sql": counts["builtin"],
            "package_sql": counts["package"],
            "added_sql_per_doi": added / DOIS_PER_PUBLISH,
        }
    )


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmark of ``invenio doi audit`` with many DOIs and differences of every kind.

The audit has to find all planted differences and nothing else, even if it is killed in
the middle and continued.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .many import PREFIX, Many
from .walks import KINDS, Planted, go_through, measure

UNKNOWN = {"orphaned": "registered", "draft": "draft"}


def plant(many: Many, each: int) -> Planted:
    """Plant ``each`` differences of every kind."""
    planted: Planted = set()
    number = 0
    step = many.count // (each * len(KINDS) + 1)
    for problem, action in KINDS.items():
        for _ in range(each):
            number += step
            doi = f"{PREFIX}/r{number}"
            action(many, doi)
            planted.add((doi, problem))
            if problem == "exposed":
                # The only version of the concept DOI is restricted.
                planted.add((f"{PREFIX}/c{number}", problem))
    with sqlite3.connect(many.data) as store:
        sql = "select document from dois where uid = ?"
        text = store.execute(sql, [f"{PREFIX}/c1"]).fetchone()[0]
    from datacite_sandbox.dois import Doi
    from datacite_sandbox.store import Store

    store = Store(many.data)
    for problem, state in UNKNOWN.items():
        for index in range(each):
            document = json.loads(text)
            document |= {"uid": f"{PREFIX}/{problem}-{index}", "state": state}
            store._write(Doi(**document))
            planted.add((document["uid"], problem))
    store.close()
    return planted


def audit(killed_after: int | None = None) -> dict[str, Any]:
    """Run an audit and return its result."""
    from invenio_rdm_doi.audit.audit import Audit

    return go_through(Audit, killed_after)


if __name__ == "__main__":
    measure("audit", __doc__ or "", audit, plant, each=45, registered=True)

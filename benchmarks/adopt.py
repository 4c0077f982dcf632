# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmark of ``invenio doi adopt`` with many DOIs, in a database that only the
built-in provider has used, with planted differences of every kind."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from invenio_db import db

from .many import PREFIX, Many
from .walks import KINDS, Planted, go_through, measure

DIFFERENCES = {
    "missing": "missing",
    "wrong_state": "differs",
    "wrong_url": "not_ours",
    "changed": "differs",
    "exposed": "exposed",
}
"""The kinds of planted differences, with the problems that an adoption reports."""

RESTRICT = (
    "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
    " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi"
)


def plant(many: Many, each: int) -> Planted:
    """Plant ``each`` differences of every kind."""
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
    """Run an adoption and return its result."""
    from invenio_rdm_doi.audit.adoption import Adopter
    from invenio_rdm_doi.proxies import current_doi
    from invenio_rdm_doi.registration.reconcile import register_without_sending

    for _count in register_without_sending(current_doi.settings):
        pass
    return go_through(Adopter, killed_after)


if __name__ == "__main__":
    measure("adopt", __doc__ or "", adopt, plant, each=100, registered=False)

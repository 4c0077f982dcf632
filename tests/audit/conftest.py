# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures with an emptied database, and helpers that read the result of an audit."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier

PID = PersistentIdentifier.__table__


@pytest.fixture(autouse=True)
def alone(repository, sandbox):
    """Remove the data of other tests, because an audit reads every row."""
    sandbox.clear()
    for statement in (
        "TRUNCATE rdm_records_metadata, rdm_drafts_metadata, rdm_parents_metadata,"
        " rdm_versions_state, rdm_doi_registration, rdm_doi_run, rdm_doi_seen,"
        " rdm_doi_finding, rdm_doi_breaker CASCADE",
    ):
        db.session.execute(sa.text(statement))
    db.session.execute(sa.delete(PID).where(PID.c.pid_type == "doi"))
    db.session.commit()


def change(statement, **values):
    """Change the database without the package noticing."""
    db.session.execute(
        sa.text(statement) if isinstance(statement, str) else statement, values
    )
    db.session.commit()


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    """Publish three records and make their DOIs findable."""
    records = [repository.publish(record_data) for _ in range(3)]
    repository.deliver()
    return records


def problems(run, *options):
    """Return the exit status and the findings of an audit by DOI."""
    status, output = run("audit", "--json", *options)
    found = json.loads(output[output.index("[") :])
    return status, {(item["doi"], item["problem"]): item["details"] for item in found}

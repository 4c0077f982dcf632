# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite Fabrica, where people change DOIs by hand, and a database of its own."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier

PID = PersistentIdentifier.__table__

METADATA = {
    "titles": [{"title": "Another system's"}],
    "creators": [{"name": "Somebody"}],
    "publisher": {"name": "Elsewhere"},
    "publicationYear": 2020,
    "types": {"resourceTypeGeneral": "Dataset"},
    "schemaVersion": "http://datacite.org/schema/kernel-4",
}


class Fabrica:
    """What somebody does to DOIs at DataCite itself."""

    def __init__(self, sandbox: Any):
        self.sandbox = sandbox

    def put(self, doi: str, **attributes: Any) -> None:
        """Change a DOI, or make one."""
        answer = requests.put(
            f"{self.sandbox.url}/dois/{doi}",
            json={"data": {"type": "dois", "attributes": attributes}},
            auth=self.sandbox.credentials,
            timeout=10,
        )
        answer.raise_for_status()

    def make(self, doi: str, event: str | None = "publish", url: str | None = None):
        """Make a DOI as another system does it."""
        url = url or "https://elsewhere.example.org/x"
        self.put(doi, url=url, **METADATA, **({"event": event} if event else {}))


@pytest.fixture()
def fabrica(sandbox):
    return Fabrica(sandbox)


@pytest.fixture(autouse=True)
def alone(repository, sandbox):
    """Nothing is left of other tests: everything is gone through here."""
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
    """Change the database behind the package's back."""
    db.session.execute(
        sa.text(statement) if isinstance(statement, str) else statement, values
    )
    db.session.commit()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""An instance with InvenioRDM's own DOI support that installs this package.

The built-in provider and its tasks send real requests, with the sandbox as DataCite.
The transcript in ``docs/adoption.rst`` shows this scenario.
"""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from datacite import DataCiteRESTClient
from invenio_rdm_records import config as host
from invenio_rdm_records.services.pids.tasks import register_or_update_pid

from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change

RECORDS = 25
SETTINGS = (
    "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
    "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
)
REFUSED = {"errors": [{"source": "xml", "title": "Can't be blank"}]}


class Builtin:
    """InvenioRDM's own DOI support, sending to the sandbox."""

    def __init__(self, app, sandbox, monkeypatch):
        self.app = app
        self.monkeypatch = monkeypatch
        self.providers = {name: getattr(host, name) for name in SETTINGS}
        name, password = sandbox.credentials
        for providers in self.providers.values():
            for provider in providers:
                if provider.name == "datacite":
                    # Its own client cannot be configured to use another address.
                    client = DataCiteRESTClient(
                        name, password, "10.1234", url=sandbox.url
                    )
                    monkeypatch.setattr(provider.client, "_api", client)

    def register(self, records):
        """Run the host's task that follows a publish."""
        with self.monkeypatch.context() as patch:
            for name, providers in self.providers.items():
                patch.setitem(self.app.config, name, providers)
            for record in records:
                for parent in (False, True):
                    try:
                        register_or_update_pid(record.id, "doi", parent=parent)
                    except Exception:  # noqa: S112
                        # The task fails, and is not repeated.
                        continue


@pytest.fixture()
def instance(running_app, repository, sandbox, record_data, monkeypatch):
    """Set up 50 DOIs, some of them damaged.

    Five were lost in an outage, five are falsely REGISTERED, two belong to restricted
    records, two to deleted ones, and one was changed by a user in Fabrica.
    """
    builtin = Builtin(running_app, sandbox, monkeypatch)
    records = []
    for number in range(RECORDS):
        record_data["metadata"]["title"] = f"Record {number}"
        records.append(repository.publish(record_data))
    change(sa.delete(Attempt))
    change(sa.delete(Registration))
    builtin.register(records)
    dois = {
        "lost": {doi_of(r) for r in records[:5]},
        "false": {doi_of(r) for r in records[5:10]},
        "restricted": {doi_of(r) for r in records[10:12]},
        "deleted": {doi_of(r) for r in records[12:14]},
        "changed": {doi_of(records[14])},
    }
    for doi in dois["lost"] | dois["false"]:
        sandbox.lose(doi)
    for doi in dois["lost"]:
        change("UPDATE pidstore_pid SET status = 'K' WHERE pid_value = :doi", doi=doi)
    for doi in dois["restricted"]:
        change(
            "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
            " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi",
            doi=doi,
        )
    for record in records[12:14]:
        repository.delete(record)
    change(sa.delete(Attempt))
    change(sa.delete(Registration))
    for doi in dois["changed"]:
        sandbox.put(doi, titles=[{"title": "Changed in Fabrica"}])
    return records, dois


def test_fifty_dois_of_the_builtin_provider(instance, run, repository, sandbox, capsys):
    records, dois = instance
    everything = {doi_of(r) for r in records} | {concept_doi_of(r) for r in records}
    assert len(everything) == 50
    transcript = []

    def command(*arguments):
        status, output = run(*arguments)
        shown = re.sub(r"[^\n]*\r", "", output)
        transcript.append(f"$ invenio doi {' '.join(arguments)}\n{shown}")
        return status, output

    status, output = command("check")
    assert "FAIL  adopt: 50 DOIs existed before this package" in output
    assert "shown" in output, "restricted and deleted ones may be findable"

    writes = len(sandbox.writes())
    status, output = command("adopt")
    assert status == 3
    assert len(sandbox.writes()) == writes, "nothing is sent"
    for doi in dois["lost"] | dois["false"]:
        assert re.search(rf"^missing +{re.escape(doi)}", output, re.M)
        assert repository.pid_status(doi) == "K"
    for doi in dois["restricted"]:
        assert re.search(rf"^exposed +{re.escape(doi)}", output, re.M)
    assert output.index("exposed") < output.index("missing") < output.index("differs")
    assert repository.deliver() == {}

    status, output = command("adopt", "--send")
    assert status == 0, output
    assert "will be sent" in output
    counts = repository.deliver()
    transcript.append(f"  (a worker delivers: {counts})\n")
    assert set(counts) == {"done"}

    for doi in dois["lost"] | dois["false"] | dois["changed"]:
        assert sandbox.state(doi) == "findable"
        assert repository.pid_status(doi) == "R"
    for doi in dois["changed"]:
        assert sandbox.doi(doi)["titles"] != [{"title": "Changed in Fabrica"}]
    for doi in dois["restricted"]:
        assert sandbox.state(doi) == "registered"
        assert sandbox.doi(doi)["titles"] == [{"title": "(:unal)"}]
    for doi in dois["deleted"]:
        assert sandbox.state(doi) == "registered"
    for record in records[14:]:
        doi = doi_of(record)
        assert sandbox.doi(doi)["url"] == f"https://repository.example.org/doi/{doi}"

    status, output = command("adopt")
    assert (status, "DataCite has the expected DOIs and metadata." in output) == (
        0,
        True,
    )
    status, output = command("audit")
    assert (status, "DataCite has the expected DOIs and metadata." in output) == (
        0,
        True,
    )
    status, output = command("check")
    assert "adopt" not in output and "shown" not in output
    status, output = command("status", "--exit-code")
    assert status == 0, output
    statuses = {row.status for row in repository.registrations()}
    assert statuses == {Status.FINDABLE, Status.WITHHELD, Status.HIDDEN}
    with capsys.disabled():
        pass
    global TRANSCRIPT
    TRANSCRIPT = "\n".join(transcript)
    print(TRANSCRIPT)

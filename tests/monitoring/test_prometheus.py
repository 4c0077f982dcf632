# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A real Prometheus reads the metrics; each alert fires and clears."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from invenio_db import db
from werkzeug.serving import make_server

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration
from invenio_rdm_doi.settings.secret import Secret
from tests.support.audits import audit_and_fix
from tests.support.repository import doi_of
from tests.support.sandbox_client import REFUSED, WRITES
from tests.support.worker import wait_for

ALERTS = Path(__file__).parents[2] / "docs" / "monitoring" / "alerts.yml"
TOKEN = "a-token-for-prometheus"

pytestmark = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="Prometheus is not installed"
)


@pytest.fixture(scope="module")
def address(running_app):
    """Serve the application; return its address."""
    server = make_server("127.0.0.1", 0, running_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def prometheus(address, tmp_path_factory):
    """Start Prometheus with the documented rules, without their waits."""
    folder = tmp_path_factory.mktemp("prometheus")
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "1s"
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    (folder / "token").write_text(TOKEN)
    job = {
        "job_name": "doi",
        "metrics_path": "/dois/metrics",
        "authorization": {"credentials_file": str(folder / "token")},
        "static_configs": [{"targets": [address]}],
    }
    configuration = {
        "global": {"scrape_interval": "2s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [job],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


@pytest.fixture()
def fires(prometheus, repository):
    """Return a function that waits until an alert fires, or until it is clear."""
    allow(TOKEN)

    def firing():
        try:
            with urllib.request.urlopen(
                f"{prometheus}/api/v1/alerts", timeout=10
            ) as answer:
                alerts = json.load(answer)["data"]["alerts"]
        except OSError:
            # Prometheus is starting.
            return None
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"}

    def fires(name, still=True):
        db.session.rollback()
        # A series that is missing is no sign that its cause is gone.
        blind = {"MetricsAreMissing"} - {name}
        assert wait_for(
            lambda: (found := firing()) is not None
            and (name in found) is still
            and not blind & found,
            60,
        )

    # With healthy numbers, no alert fires.
    assert wait_for(lambda: firing() == set(), 60)

    yield fires
    allow(None)


def allow(token):
    """Configure the token of the metrics."""
    secret = Secret(token) if token else None
    object.__setattr__(current_doi.settings, "metrics_token", secret)


@pytest.fixture()
def doi(repository, sandbox, record_data):
    """Publish a record; return its DOI."""
    return doi_of(repository.publish(record_data))


def test_deliveries_wait_while_datacite_is_down(repository, sandbox, doi, fires):
    sandbox.server.fault(kind="status", status=503)
    for _ in range(10):
        repository.deliver()
        repository.make_due()
    fires("DeliveriesWait")
    sandbox.server.clear_faults()
    repository.make_due()
    repository.deliver()
    fires("DeliveriesWait", still=False)
    assert sandbox.state(doi) == "findable"


def test_an_account_is_paused(repository, sandbox, doi, fires):
    sandbox.server.fault(kind="status", status=401)
    repository.deliver()
    fires("AccountPaused")
    sandbox.server.clear_faults()
    current_doi.breaker().resume()
    repository.make_due()
    repository.deliver()
    fires("AccountPaused", still=False)


def test_a_restricted_record_is_still_findable(repository, sandbox, record_data, fires):
    record = repository.publish(record_data)
    repository.deliver()
    repository.change_access(record, record="restricted", files="restricted")
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    repository.deliver()
    fires("RestrictedButFindable")
    sandbox.server.clear_faults()
    repository.make_due()
    repository.deliver()
    fires("RestrictedButFindable", still=False)
    assert sandbox.state(doi_of(record)) == "registered"


def test_no_worker_delivers(repository, doi, fires):
    ago = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 2)
    db.session.execute(sa.update(Registration).values(due_at=ago))
    db.session.commit()
    fires("DeliveriesAreLate")
    repository.deliver()
    fires("DeliveriesAreLate", still=False)


def test_a_registration_fails(repository, sandbox, doi, fires, run):
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    repository.deliver()
    fires("RegistrationsFail")
    sandbox.server.clear_faults()
    assert run("retry", "--status", "failed", "--yes")[0] == 0
    repository.deliver()
    fires("RegistrationsFail", still=False)


def test_the_audit_finds_drift(repository, sandbox, doi, fires, run):
    repository.deliver()
    sandbox.put(doi, titles=[{"title": "Other"}])
    assert run("audit")[0] == 3
    fires("AuditFoundDrift")
    audit_and_fix()
    repository.deliver()
    assert run("audit")[0] == 0
    fires("AuditFoundDrift", still=False)


def test_the_metrics_are_missing(repository, fires):
    fires("MetricsAreMissing", still=False)
    allow(None)
    fires("MetricsAreMissing")
    allow(TOKEN)
    fires("MetricsAreMissing", still=False)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The complete path: REST API, broker, a real Celery worker, DataCite."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier

from invenio_rdm_doi.registration.models import Status
from tests.support.repository import concept_doi_of, doi_of
from tests.support.worker import THROUGH_BROKER, Instance, Worker, wait_for


@pytest.fixture(scope="module")
def celery_config_ext(celery_config_ext):
    """Let tasks go to the broker instead of running in the web request."""
    return celery_config_ext | THROUGH_BROKER


@pytest.fixture(scope="module")
def instance(app_config, tmp_path_factory):
    """Return an instance folder for worker and commands."""
    return Instance(tmp_path_factory.mktemp("instance"), app_config)


@pytest.fixture(scope="module")
def broker(app_config):
    """Remove messages of earlier tests from the broker."""
    from kombu import Connection

    with Connection(app_config["BROKER_URL"]) as connection:
        connection.SimpleQueue("celery").clear()


@pytest.fixture(scope="module")
def worker(running_app, instance, broker):
    """Run a worker, and wait until it is ready."""
    worker = Worker(instance)
    worker.start()
    yield worker
    worker.stop()


@contextmanager
def logged_in(app, user):
    with app.test_client() as client:
        yield user.login(client)


def test_publishing_over_rest_registers_the_doi_within_seconds(
    repository, sandbox, worker, running_app, uploader, record_data
):
    with logged_in(running_app, uploader) as client:
        draft = client.post("/records", json=record_data)
        assert draft.status_code == 201
        published = client.post(f"/records/{draft.json['id']}/draft/actions/publish")
        assert published.status_code == 202
    doi = published.json["pids"]["doi"]["identifier"]
    concept = published.json["parent"]["pids"]["doi"]["identifier"]

    assert wait_for(lambda: sandbox.state(doi) == "findable")
    assert wait_for(lambda: sandbox.state(concept) == "findable")
    assert wait_for(
        lambda: repository.registration(doi).status is Status.FINDABLE
    ), worker.log.read_text()


def test_several_worker_processes_send_each_doi_once(
    repository, sandbox, worker, record_data
):
    records = [repository.publish(record_data) for _ in range(8)]
    dois = [f(record) for record in records for f in (doi_of, concept_doi_of)]
    assert wait_for(
        lambda: all(sandbox.state(doi) == "findable" for doi in dois)
    ), worker.log.read_text()
    assert len(sandbox.writes()) == 16
    assert all(len(sandbox.writes(doi)) == 1 for doi in dois)


def test_datacite_is_down_while_a_record_is_published(
    repository, sandbox, worker, record_data
):
    """The record is published at once; its DOI is registered when DataCite is back."""
    sandbox.stop()
    record = repository.publish(record_data)
    assert record.data["status"] == "published"
    row = wait_for(
        lambda: repository.registration(doi_of(record)).status is Status.RETRYING
    )
    assert row, worker.log.read_text()
    sandbox.start()
    repository.make_due()
    from invenio_rdm_doi.tasks import nudge

    assert nudge()
    assert wait_for(lambda: sandbox.state(doi_of(record)) == "findable")


# Commands as an operator runs them


def test_check_of_a_good_account(repository, sandbox, instance):
    # DOIs of other tests without registrations would have to be adopted.
    db.session.execute(
        sa.delete(PersistentIdentifier).where(PersistentIdentifier.pid_type == "doi")
    )
    db.session.commit()
    result = instance.command("doi", "check")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "FAIL" not in result.stdout
    assert "10.1234 belongs to TEST.REPO" in result.stdout


def test_deliver_shows_progress_and_status_counts(
    repository, sandbox, instance, record_data, monkeypatch
):
    monkeypatch.setattr("invenio_rdm_doi.rdm.unit_of_work.nudge", lambda: False)
    # A run that was called before may still be in progress.
    assert wait_for(lambda: not repository.runs())
    record = repository.publish(record_data)
    before = instance.command("doi", "status", "--json")
    assert '"due": 2' in before.stdout
    delivered = instance.command("doi", "deliver")
    assert delivered.returncode == 0, delivered.stderr
    assert "done" in delivered.stdout and "2" in delivered.stdout
    assert sandbox.state(doi_of(record)) == "findable"
    after = instance.command("doi", "status")
    assert "findable           2" in after.stdout


def test_a_bad_setting_is_a_message_and_not_a_traceback(
    running_app, app_config, tmp_path
):
    config = deepcopy(app_config) | {"RDM_RECORDS_DOI_DATACITE_PREFIX": "nonsense"}
    result = Instance(tmp_path, config).command("doi", "check")
    assert result.returncode == 1
    assert "RDM_RECORDS_DOI_DATACITE_PREFIX: 'nonsense' is not a DOI" in result.stderr
    assert "Traceback" not in result.stderr

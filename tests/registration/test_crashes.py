# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Killed workers, lost database connections and lost messages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.registration.settlements import CHECK_DELAYS
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES
from tests.support.worker import Instance, Worker, wait_for

LEASE = 3600
"""A time longer than any lease, in seconds."""


@pytest.fixture(scope="module")
def instance(app_config, tmp_path_factory):
    """Return an instance folder whose beat runs every second."""
    instance = Instance(tmp_path_factory.mktemp("instance"), app_config)
    with (instance.directory / "invenio.cfg").open("a") as config:
        config.write(
            "from datetime import timedelta\n"
            "CELERY_BEAT_SCHEDULE = {'invenio-rdm-doi-deliver': {\n"
            "    'task': 'invenio_rdm_doi.tasks.deliver',\n"
            "    'schedule': timedelta(seconds=1)}}\n"
        )
    return instance


@pytest.fixture()
def delivering(instance):
    """Return a function that starts ``invenio doi deliver`` in a separate process."""
    processes = []

    def start():
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("invenio")), "doi", "deliver"],
            env=instance.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@contextmanager
def locked(statement):
    """Let another session hold a lock during the block."""
    db.session.rollback()
    connection = db.engine.connect()
    connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
    connection.execute(sa.text(statement))
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


def leased():
    db.session.rollback()
    return db.session.scalar(
        sa.select(sa.func.count()).where(Registration.lease_token.is_not(None))
    )


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def healed(repository, sandbox, record, clock):
    """Check that the claims expire and everything is delivered.

    Requests of the killed worker may still arrive later, so DataCite is queried once
    more.
    """
    dois = (doi_of(record), concept_doi_of(record))
    assert repository.deliver() == {}
    clock.forward(LEASE)
    assert repository.deliver() == {"done": 2}
    for doi in dois:
        assert sandbox.state(doi) == "findable"
        row = repository.registration(doi)
        assert (row.status, row.in_doubt) == (Status.FINDABLE, True)
        assert repository.pid_status(doi) == "R"
    written = len(sandbox.writes())
    clock.forward(CHECK_DELAYS[1] + 1)
    assert repository.deliver() == {"done": 2}
    assert len(sandbox.writes()) == written
    for doi in dois:
        row = repository.registration(doi)
        assert (row.status, row.in_doubt, row.due_at) == (Status.FINDABLE, False, None)
    return True


def test_killed_after_claiming_and_before_sending(
    repository, sandbox, delivering, record_data, clock
):
    record = repository.publish(record_data)
    with locked("LOCK TABLE rdm_records_metadata IN ACCESS EXCLUSIVE MODE"):
        process = delivering()
        assert wait_for(lambda: leased() == 2)
        kill(process)
    assert sandbox.log() == []
    assert not repository.registration(doi_of(record)).in_doubt
    assert healed(repository, sandbox, record, clock)


def test_killed_after_sending_and_before_the_answer(
    repository, sandbox, delivering, record_data, clock
):
    record = repository.publish(record_data)
    sandbox.server.fault(kind="hang", seconds=60, match=WRITES)
    process = delivering()
    assert wait_for(lambda: len(sandbox.writes()) == 2)
    kill(process)
    sandbox.server.clear_faults()
    assert repository.registration(doi_of(record)).in_doubt
    assert healed(repository, sandbox, record, clock)


def test_killed_after_the_answer_and_before_settling(
    repository, sandbox, delivering, record_data, clock
):
    record = repository.publish(record_data)
    with locked("LOCK TABLE rdm_doi_attempt IN ACCESS EXCLUSIVE MODE"):
        process = delivering()
        assert wait_for(lambda: sandbox.state(concept_doi_of(record)) == "findable")
        assert wait_for(lambda: sandbox.state(doi_of(record)) == "findable")
        kill(process)
    assert repository.registration(doi_of(record)).in_doubt
    assert repository.pid_status(doi_of(record)) == "K"
    assert healed(repository, sandbox, record, clock)


def test_the_database_drops_all_connections_in_mid_delivery(
    repository, sandbox, delivering, record_data, clock
):
    record = repository.publish(record_data)
    sandbox.server.fault(kind="hang", seconds=60, match=WRITES)
    process = delivering()
    assert wait_for(lambda: len(sandbox.writes()) == 2)
    dropped = db.session.execute(
        sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    ).all()
    db.session.rollback()
    assert dropped
    sandbox.server.clear_faults()
    process.wait(60)
    assert repository.registration(doi_of(record)).in_doubt
    assert healed(repository, sandbox, record, clock)


def test_messages_that_are_lost_cost_nothing(
    repository, sandbox, instance, record_data, monkeypatch
):
    """The broker lost everything; the schedule finds the due registrations."""
    monkeypatch.setattr("invenio_rdm_doi.rdm.unit_of_work.nudge", lambda: False)
    record = repository.publish(record_data)
    worker = Worker(
        instance, "--beat", "--schedule", str(instance.directory / "schedule")
    )
    worker.start()
    try:
        assert wait_for(
            lambda: sandbox.state(doi_of(record)) == "findable"
        ), worker.log.read_text()
    finally:
        worker.stop()

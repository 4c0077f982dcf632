# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Publishing while the broker is down."""

from __future__ import annotations

import os
import time
from urllib.parse import urlsplit

import pytest
from celery import current_app as current_celery
from invenio_pidstore.models import PersistentIdentifier

from invenio_rdm_doi.registration.models import Status
from invenio_rdm_doi.tasks import nudge
from tests.support.repository import doi_of
from tests.support.tcp_proxy import Proxy
from tests.support.worker import THROUGH_BROKER


@pytest.fixture(scope="module")
def broker():
    """Return a proxy to the real broker that can be cut off."""
    parts = urlsplit(os.environ["BROKER_URL"])
    proxy = Proxy(parts.hostname, parts.port)
    proxy.up()
    return proxy


@pytest.fixture(scope="module")
def broker_uri(broker):
    parts = urlsplit(os.environ["BROKER_URL"])
    return parts._replace(netloc=f"127.0.0.1:{broker.port}").geturl()


@pytest.fixture(scope="module")
def celery_config_ext(celery_config_ext, broker_uri):
    """Let tasks go to the broker."""
    return celery_config_ext | THROUGH_BROKER | {"CELERY_BROKER_URL": broker_uri}


@pytest.fixture()
def no_broker(repository, broker):
    """Take the broker away after the set-up."""
    # One Celery application serves the whole run: its pools would continue to use the
    # connections of another module's application, bypassing the proxy.
    current_celery._pool = None
    current_celery.amqp._producer_pool = None
    broker.down()
    yield
    broker.up()


@pytest.fixture()
def client(running_app, uploader, repository, no_broker):
    with running_app.test_client() as client:
        yield uploader.login(client)


def test_publishing_answers_that_it_is_published(
    repository, sandbox, client, record_data
):
    draft = client.post("/records", json=record_data)
    answer = client.post(f"/records/{draft.json['id']}/draft/actions/publish")
    assert answer.status_code == 202
    assert answer.json["status"] == "published"
    doi = answer.json["pids"]["doi"]["identifier"]
    assert repository.registration(doi).status is Status.PENDING

    repository.deliver()
    assert sandbox.state(doi) == "findable"


def test_what_the_host_wanted_to_queue_is_done_at_once(
    repository, no_broker, record_data
):
    """These identifiers are not managed here, and no later run would register them."""
    record_data["pids"] = {
        "doi": {"identifier": "10.9999/elsewhere.2", "provider": "external"}
    }
    record = repository.publish(record_data)
    assert repository.pid_status(doi_of(record)) == "R"
    oai = record.data["pids"]["oai"]["identifier"]
    assert PersistentIdentifier.get("oai", oai).status.value == "R"


def test_editing_deleting_and_restoring_work(
    repository, sandbox, no_broker, record_data
):
    record = repository.publish(record_data)
    repository.edit(record, title="Edited")
    repository.delete(record)
    repository.restore(record)
    repository.deliver()
    assert sandbox.doi(doi_of(record))["titles"] == [{"title": "Edited"}]


def test_a_nudge_that_fails_says_so_and_raises_nothing(no_broker, broker, caplog):
    assert nudge() is False
    assert "doi.nudge.failed" in caplog.text


def test_a_nudge_reaches_a_broker_that_is_back(running_app, broker):
    broker.down()
    assert nudge() is False
    broker.up()
    assert nudge() is True


def test_a_broker_that_says_nothing_holds_nobody(
    repository, sandbox, client, broker, record_data
):
    """InvenioRDM alone would wait for the broker without a limit."""
    draft = client.post("/records", json=record_data)
    broker.silent()
    begin = time.monotonic()
    try:
        answer = client.post(f"/records/{draft.json['id']}/draft/actions/publish")
    finally:
        broker.down()
    assert answer.status_code == 202
    # Two seconds for the broker, and the publish itself on a busy machine.
    assert time.monotonic() - begin < 15
    repository.deliver()
    assert sandbox.state(answer.json["pids"]["doi"]["identifier"]) == "findable"

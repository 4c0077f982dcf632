# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Passwords do not appear anywhere during a whole run."""

from __future__ import annotations

import base64
import logging
import traceback

import pytest
import sqlalchemy as sa
from celery.signals import task_prerun
from invenio_access.models import ActionUsers
from invenio_app.factory import create_app as create_both
from invenio_db import db

from invenio_rdm_doi import nightly
from invenio_rdm_doi.audit.models import AuditRun
from invenio_rdm_doi.datacite.errors import Trouble
from invenio_rdm_doi.notices import tasks as notices
from invenio_rdm_doi.notices.models import Notice
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration
from invenio_rdm_doi.signals import delivered
from tests.support import assets_manifest as manifest
from tests.support.repository import doi_of
from tests.support.sandbox_client import WRITES

create_app = create_both

TOKEN = "metrics-token-that-nobody-may-see"


@pytest.fixture(scope="module")
def app_config(app_config, mail_config):
    """Enable everything that displays data."""
    return {
        **app_config,
        **mail_config,
        "RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN": TOKEN,
        "AUDIT_LOGS_ENABLED": True,
        "WEBPACKEXT_MANIFEST_LOADER": manifest.Loader,
    }


@pytest.fixture(scope="module")
def administrator(make_user, database):
    user = make_user("administrator")
    for action in ("doi-manage", "administration-access"):
        database.session.add(ActionUsers(action=action, user_id=user.id))
    database.session.commit()
    return user


def secrets():
    """Yield the passwords, in plain text and as they are sent over the network."""
    for account in current_doi.settings.accounts:
        password = account.password.reveal()
        yield password
        pair = f"{account.username}:{password}".encode()
        yield base64.b64encode(pair).decode()
    yield TOKEN


def tables():
    """Yield all rows of all tables."""
    for table in db.metadata.sorted_tables:
        name = f'"{table.name}"'
        rows = db.session.scalars(sa.text(f"SELECT CAST({name} AS text) FROM {name}"))
        yield table.name, "\n".join(map(str, rows))


def answers(client):
    """Yield all pages and answers for DOI managers, including actions."""
    ids = db.session.scalars(sa.select(Registration.id)).all()
    items = [f"/dois/{id_}" for id_ in ids]
    for path in (
        "/dois",
        "/dois/summary",
        "/dois/findings",
        "/dois/accounts/default/check",
        *items,
        *(f"{item}/comparison" for item in items),
    ):
        yield path, client.get(f"/api{path}").text
    for item in items:
        yield item, client.post(f"/api{item}/actions/retry").text
    resumed = client.post("/api/dois/accounts/default/actions/resume")
    yield "resume", resumed.text
    headers = {"Authorization": f"Bearer {TOKEN}"}
    metrics = client.get("/api/dois/metrics", headers=headers)
    assert metrics.status_code == 200
    yield "metrics", metrics.text
    for page in ("overview", "list", "findings", "accounts", *ids):
        path = f"/administration/dois/{page}"
        answer = client.get(path)
        assert answer.status_code == 200
        yield path, answer.text


def raised():
    """Return the data that an error reporter would collect of a client's exception."""
    try:
        current_doi.client().read("10.1234/none")
    except Trouble as error:
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(found.format())
    raise AssertionError("DataCite has it")


def test_no_password_is_anywhere(
    running_app, administrator, repository, sandbox, record_data, mail_server, caplog
):
    caplog.set_level(logging.DEBUG)
    db.session.execute(sa.delete(AuditRun))
    db.session.execute(sa.delete(Notice))
    db.session.commit()
    reported, tasks = [], []

    def receive(_sender, **event):
        reported.append(repr(event))

    def prerun(task=None, args=(), kwargs=None, **_more):
        tasks.append(repr((task.name, args, kwargs)))

    task_prerun.connect(prerun)
    with delivered.connected_to(receive):
        done = repository.publish(record_data)
        repository.deliver()
        sandbox.put(doi_of(done), url="https://elsewhere.example.org/")
        nightly.audit()
        sandbox.server.fault(kind="status", status=422, match=WRITES)
        repository.publish(record_data)
        repository.deliver()
        sandbox.server.clear_faults()
        sandbox.server.fault(kind="status", status=401, match=WRITES)
        repository.publish(record_data)
        repository.deliver()
        sandbox.server.clear_faults()
        sandbox.server.stop()
        repository.publish(record_data)
        repository.deliver()
        exception = raised()
        sandbox.server.start()
        notices.notify()
    task_prerun.disconnect(prerun)
    with running_app.test_client() as client:
        shown = dict(answers(administrator.login(client)))
    account = current_doi.settings.account
    mails = mail_server.take()
    # InvenioRDM's OAuth library logs every bearer token, at DEBUG only.
    records = [one for one in caplog.records if one.name != "flask_oauthlib"]
    places = {
        "log": "\n".join(f"{one.getMessage()} {vars(one)}" for one in records),
        "mails": repr(mails),
        "signals": repr(reported),
        "tasks": repr(tasks),
        "exception": exception,
        "reprs": repr(
            (
                current_doi.settings,
                account,
                vars(account),
                current_doi.client(),
                current_doi.breaker(),
                current_doi.delivery(),
            )
        ),
        **dict(tables()),
        **shown,
    }
    # Check that there is something to search in all of them.
    assert mails and reported and tasks
    assert "401" in places["rdm_doi_attempt"]
    assert "10.1234" in places["log"]
    for secret in secrets():
        for name, text in places.items():
            assert secret not in text, name

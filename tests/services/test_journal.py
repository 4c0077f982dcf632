# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Manual actions of users are logged."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
import sqlalchemy as sa
from invenio_access.models import ActionUsers
from invenio_access.permissions import system_identity
from invenio_access.utils import get_identity
from invenio_audit_logs.proxies import current_audit_logs_service
from invenio_audit_logs.services import AuditLogOp
from invenio_db import db

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration
from invenio_rdm_doi.services import journal
from invenio_rdm_doi.services.auditlog import ACTIONS
from invenio_rdm_doi.services.management import Wanted
from tests.support.repository import doi_of
from tests.support.sandbox_client import WRITES


@pytest.fixture(scope="module")
def app_config(app_config):
    """Enable the site's audit log."""
    return app_config | {"AUDIT_LOGS_ENABLED": True}


@pytest.fixture()
def service(running_app):
    return current_doi.management.service


def entries(identity, action):
    """Return the entries of invenio-audit-logs from the database."""
    model = current_audit_logs_service.record_cls.model_cls
    rows = db.session.scalars(sa.select(model).where(model.action == action)).all()
    return [row.json for row in rows]


@pytest.fixture()
def failed(repository, sandbox, record_data):
    sandbox.server.fault(kind="status", status=422, match=WRITES)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    return record


def id_of(record):
    return db.session.scalar(sa.select(Registration.id).filter_by(doi=doi_of(record)))


@pytest.fixture()
def manager(uploader, running_app):
    """Return the identity of a DOI manager with an account."""
    if not ActionUsers.query.filter_by(action="doi-manage").first():
        db.session.add(ActionUsers(action="doi-manage", user_id=uploader.id))
        db.session.commit()
    return get_identity(uploader.user)


def test_what_is_done_with_a_doi(failed, service, manager, caplog):
    caplog.set_level(logging.INFO)
    service.mark_handled(manager, id_of(failed), True)
    service.mark_handled(manager, id_of(failed), False)
    service.retry(manager, id_of(failed))
    for action in ("mark", "unmark", "retry"):
        found = entries(manager, f"doi.{action}")[-1]
        assert found["resource"] == {"id": failed.id, "type": "record"}
        assert found["metadata"]["doi"] == doi_of(failed)
        assert found["user"]["id"] == str(manager.id)
    lines = [r for r in caplog.records if r.msg == "doi.by_hand"]
    assert [(r.action, r.doi, r.user) for r in lines][-1] == (
        "retry",
        doi_of(failed),
        str(manager.id),
    )


def test_what_is_done_with_many_is_one_entry(failed, service, manager):
    before = len(entries(manager, "doi.retry"))
    service.retry_many(manager, Wanted())
    found = entries(manager, "doi.retry")[before:]
    assert [(one["resource"]["id"], one["metadata"]["count"]) for one in found] == [
        ("all", 2)
    ]


def test_what_is_done_with_an_account(service, manager):
    service.resume(manager, "default")
    found = entries(manager, "doi.resume")[-1]
    assert found["resource"] == {"id": "default", "type": "doi-account"}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_can_be_written(running_app, action):
    before = len(entries(system_identity, f"doi.{action}"))
    journal.of_account(system_identity, action, "default", 3)
    assert len(entries(system_identity, f"doi.{action}")) == before + 1


def test_an_audit_log_that_does_not_work_does_no_harm(running_app, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no index")

    monkeypatch.setattr(AuditLogOp, "on_register", broken)
    journal.of_doi(system_identity, "retry", "10.1234/x", uuid4())
    assert "doi.by_hand.unwritten" in caplog.text

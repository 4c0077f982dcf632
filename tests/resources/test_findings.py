# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Findings of the audit over REST: lists and repairs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi import nightly
from invenio_rdm_doi.audit.models import AuditFinding, AuditRun, Problem
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration
from tests.support.repository import doi_of


@pytest.fixture()
def found(repository, record_data, sandbox):
    """Return a record with an audit finding: its URL at DataCite was changed."""
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.put(doi_of(record), url="https://elsewhere.example.org/")
    # Remove runs of this night, so that the audit starts again.
    db.session.execute(sa.delete(AuditRun))
    db.session.commit()
    nightly.audit()
    return record


def test_a_finding_is_fixed(found, repository, sandbox, ask):
    hits = ask("/dois/findings", problem="wrong_url").json["hits"]["hits"]
    (hit,) = [hit for hit in hits if hit["doi"] == doi_of(found)]
    account, *_others = ask("/dois/summary").json["accounts"]
    assert account["audit"]["findings"]["wrong_url"] == 1
    answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post")
    assert (answer.status_code, answer.json["fixed"]) == (202, True)
    repository.deliver()
    assert sandbox.state(doi_of(found)) == "findable"
    answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post")
    assert (answer.json["fixed"], answer.json["gone"]) == (False, True)
    assert ask("/dois/findings", problem="wrong_url").json["hits"]["hits"] == []


def test_a_second_click_before_the_delivery_loses_nothing(found, ask):
    (hit,) = ask("/dois/findings", problem="wrong_url").json["hits"]["hits"]
    for _click in range(2):
        answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post").json
        assert (answer["fixed"], answer["gone"]) == (True, False)
    assert ask("/dois/findings", problem="wrong_url").json["hits"]["hits"] != []


def test_what_another_account_confirmed_is_repaired(found, repository, ask):
    db.session.query(Registration).filter_by(doi=doi_of(found)).update(
        {"confirmed_account": "TEST.OTHER api.example.org"}
    )
    db.session.execute(sa.delete(AuditRun))
    db.session.commit()
    nightly.audit()
    hits = ask("/dois/findings", problem="elsewhere").json["hits"]["hits"]
    (hit,) = [hit for hit in hits if hit["doi"] == doi_of(found)]
    answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post").json
    assert (answer["fixed"], answer["gone"]) == (True, False)
    assert repository.registration(doi_of(found)).due_at is not None


def test_an_answer_without_sense_deletes_no_finding(found, sandbox, ask):
    (hit,) = ask("/dois/findings", problem="wrong_url").json["hits"]["hits"]
    sandbox.server.fault(
        kind="status", status=200, body={"data": "nonsense"}, match={"method": ["GET"]}
    )
    ask(f"/dois/findings/{hit['id']}/actions/fix", method="post")
    sandbox.server.clear_faults()
    assert ask("/dois/findings", problem="wrong_url").json["hits"]["hits"] != []


def test_a_repair_does_not_wait_for_a_busy_datacite(found, sandbox, ask):
    (hit,) = ask("/dois/findings", problem="wrong_url").json["hits"]["hits"]
    sandbox.server.fault(kind="status", status=503, match={"method": ["GET"]})
    answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post")
    sandbox.server.clear_faults()
    assert answer.status_code == 400
    assert ask("/dois/findings", problem="wrong_url").json["hits"]["hits"] != []


def test_findings_come_in_pages(found, ask):
    first = ask("/dois/findings", size=1).json
    seen = list(first["hits"]["hits"])
    while "next" in first["links"]:
        first = ask(first["links"]["next"]).json
        seen += first["hits"]["hits"]
    assert len({hit["id"] for hit in seen}) == len(seen) >= 1


def test_a_finding_while_datacite_is_down(found, sandbox, ask):
    hit, *_others = ask("/dois/findings").json["hits"]["hits"]
    sandbox.server.stop()
    answer = ask(f"/dois/findings/{hit['id']}/actions/fix", method="post")
    assert answer.status_code == 400
    assert doi_of(found) in answer.text


def test_a_finding_of_an_account_that_lost_the_doi_is_not_fixed(foreign, sandbox, ask):
    account = current_doi.settings.account.id
    finding = AuditFinding(
        doi=foreign,
        doi_key=foreign,
        account=account,
        problem=Problem.WRONG_STATE,
        run_id=1,
    )
    db.session.add(finding)
    db.session.commit()
    id_, before = finding.id, len(sandbox.log())
    hits = ask("/dois/findings", problem="wrong_state").json["hits"]["hits"]
    (hit,) = [hit for hit in hits if hit["doi"] == foreign]
    assert hit["fixable"] is False
    answer = ask(f"/dois/findings/{id_}/actions/fix", method="post")
    assert answer.status_code == 400
    assert len(sandbox.log()) == before
    assert db.session.get(AuditFinding, id_).problem is Problem.WRONG_STATE
    db.session.delete(finding)
    db.session.commit()

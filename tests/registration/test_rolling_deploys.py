# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""This version together with a newer one: unknown values and columns are tolerated."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import marks
from invenio_rdm_doi.registration.models import Mark, Registration, Status
from tests.support.repository import concept_doi_of, doi_of


def change(statement, **values):
    db.session.execute(sa.text(statement), values)
    db.session.commit()
    db.session.expire_all()


@pytest.fixture()
def newer_columns(repository):
    """Add the columns of a newer version's migration."""
    for table in ("registration", "attempt", "mark", "breaker", "runner", "tally"):
        change(
            f"ALTER TABLE rdm_doi_{table} ADD COLUMN newer text DEFAULT 'x' NOT NULL"
        )
    yield
    for table in ("registration", "attempt", "mark", "breaker", "runner", "tally"):
        change(f"ALTER TABLE rdm_doi_{table} DROP COLUMN newer")


def test_columns_of_a_newer_version(newer_columns, repository, sandbox, record_data):
    record = repository.publish(record_data)
    assert repository.deliver() == {"done": 2}
    repository.edit(record, title="Another title")
    assert set(repository.deliver()) <= {"done", "unchanged"}
    assert repository.registration(doi_of(record)).status is Status.FINDABLE


def test_a_kind_of_a_newer_version_is_left_to_it(
    repository, sandbox, record_data, clock
):
    newer = repository.publish(record_data)
    other = repository.publish(record_data)
    doi = doi_of(newer)
    change("UPDATE rdm_doi_registration SET kind = 'collection' WHERE doi = :d", d=doi)
    assert repository.deliver() == {"done": 3}
    assert sandbox.doi(doi) is None
    row = repository.registration(doi)
    assert (row.kind.value, row.lease_token) == ("collection", None)
    assert row.due_at is not None, "a newer worker takes it"
    assert sandbox.state(doi_of(other)) == "findable"
    change("UPDATE rdm_doi_registration SET kind = 'record' WHERE doi = :d", d=doi)
    clock.forward(301)
    assert repository.deliver() == {"done": 1}


def test_statuses_of_a_newer_version_are_shown(repository, sandbox, record_data, run):
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    change("UPDATE rdm_doi_registration SET status = 'archived' WHERE doi = :d", d=doi)
    change(
        "UPDATE rdm_doi_attempt SET outcome = 'archived' WHERE registration_id ="
        " (SELECT id FROM rdm_doi_registration WHERE doi = :d)",
        d=doi,
    )
    status, output = run("show", "--json", doi)
    here = json.loads(output)["registration"]
    assert (here["status"], here["attempts"][0]["outcome"]) == ("archived", "archived")
    assert run("status")[0] == 0
    assert "archived" in run("list")[1]
    repository.edit(record, title="Another title")
    assert repository.deliver()["done"] >= 1
    assert repository.registration(doi).status is Status.FINDABLE


def test_a_priority_of_a_newer_version_is_left_to_it(repository, sandbox, record_data):
    record = repository.publish(record_data)
    change(
        "UPDATE rdm_doi_registration SET priority = 3 WHERE doi = :d", d=doi_of(record)
    )
    assert repository.deliver() == {"done": 1}
    assert sandbox.state(concept_doi_of(record)) == "findable"
    assert repository.registration(doi_of(record)).due_at is not None


def test_a_mark_of_a_newer_version_is_left_to_it(repository, sandbox, record_data):
    repository.publish(record_data)
    repository.deliver()
    db.session.execute(sa.insert(Mark).values(scope="query", distrust=False, done=0))
    db.session.commit()
    assert marks.go_on(current_doi.settings.prefixes) is None
    assert repository.deliver() == {}
    assert Mark.query.one().scope == "query"
    assert Registration.query.filter(Registration.due_at.is_not(None)).count() == 0
    change("DELETE FROM rdm_doi_mark")

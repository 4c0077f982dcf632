# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Requests for many DOIs: one row for the request, small steps for the worker."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import marks, queue
from invenio_rdm_doi.registration.models import Mark, Priority, Registration, Status
from tests.support.communities import create_community
from tests.support.repository import doi_of


@pytest.fixture()
def fill(repository):
    """Return a function that creates many completely delivered registrations."""

    def fill(count):
        db.session.execute(
            sa.text(
                "INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id,"
                " status, revision, priority, confirmed_revision, confirmed_state,"
                " failures, in_doubt)"
                " SELECT gen_random_uuid(), d, d, 'record', gen_random_uuid(),"
                " 'findable', 1, 0, 1, 'findable', 0, false"
                f" FROM (SELECT '10.1234/m' || n AS d FROM generate_series(1, {count})"
                " n) r"
            )
        )
        db.session.commit()

    return fill


def due():
    db.session.rollback()
    return Registration.query.filter(Registration.due_at.is_not(None)).count()


def test_everything_is_gone_through_in_batches(fill):
    fill(marks.BATCH * 2 + 7)
    marks.note_all()
    db.session.commit()
    assert due() == 0
    assert [marks.go_on(current_doi.settings.prefixes) for _ in range(5)] == [
        marks.BATCH,
        marks.BATCH,
        7,
        0,
        None,
    ]
    assert due() == marks.BATCH * 2 + 7
    rows = Registration.query.all()
    assert {row.revision for row in rows} == {2}
    assert {row.priority for row in rows} == {Priority.BULK}
    assert {row.status for row in rows} == {Status.FINDABLE}


def test_it_goes_on_where_it_stopped(fill):
    fill(marks.BATCH + 10)
    marks.note_all()
    db.session.commit()
    marks.go_on(current_doi.settings.prefixes)
    assert marks.left()[0]["done"] == marks.BATCH
    db.session.rollback()
    marks.go_on(current_doi.settings.prefixes)  # another worker
    assert marks.left()[0]["done"] == marks.BATCH + 10
    assert {row.revision for row in Registration.query} == {2}


def test_a_worker_that_dies_in_a_batch_leaves_nothing_out(fill, monkeypatch):
    fill(20)
    marks.note_all()
    db.session.commit()

    class Died(BaseException):
        pass

    raise_all = marks._raise_all

    def dying(*args):
        raise_all(*args)
        raise Died

    monkeypatch.setattr(marks, "_raise_all", dying)
    with pytest.raises(Died):
        marks.go_on(current_doi.settings.prefixes)
    db.session.rollback()
    monkeypatch.undo()
    while marks.go_on(current_doi.settings.prefixes) is not None:
        pass
    # The batch is repeated, which only costs a revision.
    assert {row.revision for row in Registration.query} == {3}
    assert marks.left() == []


def test_rows_that_a_request_holds_are_not_left_out_and_hold_nothing_up(
    fill, running_app
):
    fill(50)
    marks.note_all()
    db.session.commit()
    held = Registration.query.first().id
    db.session.rollback()
    request = db.engine.connect()
    request.execute(
        sa.select(Registration.__table__)
        .where(Registration.id == held)
        .with_for_update()
    )
    done = threading.Event()

    def work():
        with running_app.app_context():
            while marks.go_on(current_doi.settings.prefixes) is not None:
                pass
            db.session.remove()
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    # All other rows are marked and committed, so nothing else waits.
    end = time.monotonic() + 10
    while due() < 49 and time.monotonic() < end:
        time.sleep(0.02)
    assert due() == 49 and not done.is_set()
    with db.engine.begin() as edit:
        edit.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
        edit.execute(
            sa.update(Registration.__table__)
            .where(Registration.id != held)
            .values(updated=sa.func.now())
        )
    request.rollback()
    request.close()
    worker.join(10)
    assert done.is_set() and due() == 50


def test_reserved_dois_are_left_alone(repository, record_data):
    from invenio_rdm_records.proxies import current_rdm_records_service as service

    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    marks.note_all()
    db.session.commit()
    while marks.go_on(current_doi.settings.prefixes) is not None:
        pass
    assert due() == 0


def test_a_renamed_community_notes_one_row_however_many_records_it_has(
    repository, sandbox, record_data, run
):
    from invenio_access.permissions import system_identity
    from invenio_communities.proxies import current_communities
    from invenio_rdm_records.proxies import current_record_communities_service

    id_ = create_community("many")
    records = [repository.publish(record_data) for _ in range(3)]
    current_record_communities_service.bulk_add(
        system_identity, id_, [record.id for record in records]
    )
    repository.deliver()
    current_communities.service.rename(system_identity, id_, {"slug": "more"})
    assert [mark["scope"] for mark in marks.left()] == ["community"]
    assert due() == 0
    assert "asked for" in run("status")[1]
    assert repository.deliver() == {"done": 6}
    related = sandbox.doi(doi_of(records[0]))["relatedIdentifiers"]
    assert "https://repository.example.org/communities/more/" in {
        item["relatedIdentifier"] for item in related
    }
    assert Mark.query.count() == 0


def test_a_community_without_records_notes_nothing(repository):
    create_community("empty")
    assert marks.left() == []


def test_a_first_publish_notes_nothing(repository, record_data):
    repository.publish(record_data)
    assert marks.left() == []


def test_many_marks_and_deliveries_share_a_run(fill, repository, sandbox, record_data):
    """A publish does not wait until all rows are processed."""
    fill(marks.BATCH * 3)
    marks.note_all()
    db.session.commit()
    fresh = repository.publish(record_data)
    done = []
    repository.deliver(
        progress=lambda claim, outcome: done.append((claim.doi, outcome)), seconds=5
    )
    assert doi_of(fresh) in [doi for doi, _outcome in done[:40]]
    assert sandbox.state(doi_of(fresh)) == "findable"


def test_a_mark_is_one_workers_at_a_time(fill, running_app):
    fill(10)
    marks.note_all()
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(sa.select(Mark.__table__).with_for_update())
        assert marks.go_on(current_doi.settings.prefixes) is None
    assert marks.go_on(current_doi.settings.prefixes) == 10
    assert len(queue.claim(20, 0, ("10.1234",))) == 10

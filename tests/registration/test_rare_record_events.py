# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Rare events in a record's life, for its DOI and for the concept DOI."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.records.systemfields.access.embargo import Embargo
from invenio_rdm_records.services.tasks import update_expired_embargos

from invenio_rdm_doi.records import batch
from invenio_rdm_doi.registration.intake import request_again
from invenio_rdm_doi.registration.models import Status
from tests.support.repository import (
    ask_for_all,
    concept_doi_of,
    doi_of,
    embargoed,
    expire,
)

UNALLOWED = [{"title": "(:unal)"}]


def versions_of(attributes):
    return [
        item["relatedIdentifier"]
        for item in attributes["relatedIdentifiers"]
        if item["relationType"] == "HasVersion"
    ]


@pytest.fixture()
def two_versions(repository, record_data):
    """Return two published and delivered versions."""
    first = repository.publish(record_data)
    second = repository.new_version(first, title="Second edition")
    repository.deliver()
    return first, second


# The concept DOI is findable exactly while a public version with a managed DOI exists,
# and describes the newest of these (builtin-defects 10 to 12).


def test_the_newest_version_is_deleted(repository, sandbox, two_versions, record_data):
    first, second = two_versions
    repository.delete(second)
    repository.deliver()
    assert sandbox.state(doi_of(second)) == "registered"
    assert sandbox.state(doi_of(first)) == "findable"
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["state"] == "findable"
    assert concept["titles"] == [{"title": record_data["metadata"]["title"]}]
    assert versions_of(concept) == [doi_of(first)]


def test_an_older_version_is_deleted(repository, sandbox, two_versions):
    first, second = two_versions
    repository.delete(first)
    repository.deliver()
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["state"] == "findable"
    assert concept["titles"] == [{"title": "Second edition"}]
    assert versions_of(concept) == [doi_of(second)]


def test_the_last_version_is_deleted_and_the_concept_doi_stays_hidden(
    repository, sandbox, two_versions
):
    first, second = two_versions
    for version in (first, second):
        repository.delete(version)
        repository.deliver()
    assert sandbox.state(concept_doi_of(first)) == "registered"
    ask_for_all()
    repository.deliver()
    assert sandbox.state(concept_doi_of(first)) == "registered"
    row = repository.registration(concept_doi_of(first))
    assert row.status is Status.HIDDEN


def test_one_of_the_deleted_versions_is_restored(repository, sandbox, two_versions):
    first, second = two_versions
    for version in (first, second):
        repository.delete(version)
    repository.deliver()
    repository.restore(second)
    repository.deliver()
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["state"] == "findable"
    assert versions_of(concept) == [doi_of(second)]
    assert sandbox.state(doi_of(first)) == "registered"


def test_the_newest_version_is_restricted(
    repository, sandbox, two_versions, record_data
):
    first, second = two_versions
    repository.change_access(second, record="restricted", files="restricted")
    repository.deliver()
    hidden = sandbox.doi(doi_of(second))
    assert (hidden["state"], hidden["titles"]) == ("registered", UNALLOWED)
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["state"] == "findable"
    assert concept["titles"] == [{"title": record_data["metadata"]["title"]}]
    assert "Second edition" not in str(concept)
    assert versions_of(concept) == [doi_of(first)]


def test_all_versions_are_restricted_and_one_comes_back(
    repository, sandbox, two_versions
):
    first, second = two_versions
    for version in two_versions:
        repository.change_access(version, record="restricted", files="restricted")
    repository.deliver()
    concept = sandbox.doi(concept_doi_of(first))
    assert (concept["state"], concept["titles"]) == ("registered", UNALLOWED)
    assert repository.registration(concept_doi_of(first)).status is Status.WITHHELD
    repository.change_access(second, record="public", files="public")
    repository.deliver()
    concept = sandbox.doi(concept_doi_of(first))
    assert concept["state"] == "findable"
    assert concept["titles"] == [{"title": "Second edition"}]


def test_a_deleted_version_and_a_restricted_one_leave_nothing_to_describe(
    repository, sandbox, two_versions
):
    first, second = two_versions
    repository.delete(first)
    repository.change_access(second, record="restricted", files="restricted")
    repository.deliver()
    concept = sandbox.doi(concept_doi_of(first))
    assert (concept["state"], concept["titles"]) == ("registered", UNALLOWED)


def test_the_concept_doi_has_no_identifiers_of_a_single_version(
    repository, sandbox, two_versions
):
    first, second = two_versions
    version = sandbox.doi(doi_of(second))["identifiers"]
    assert [item["identifierType"] for item in version] == ["oai"]
    assert sandbox.doi(concept_doi_of(first))["identifiers"] == []


def test_a_version_that_is_restricted_while_its_concept_doi_is_read_stays_here(
    repository, sandbox, record_data, monkeypatch
):
    """The list of public versions and their metadata are read one after the other."""
    record = repository.publish(record_data)
    versions_of = batch.versions_of

    def late(parents):
        found = versions_of(parents)
        monkeypatch.setattr(batch, "versions_of", versions_of)
        model = service.record_cls.pid.resolve(record.id).model
        data = deepcopy(model.json)
        data["access"]["record"] = "restricted"
        data["metadata"]["title"] = "SECRET, never public"
        table = model.__table__
        with db.engine.begin() as connection:
            connection.execute(
                table.update().where(table.c.id == model.id).values(json=data)
            )
        db.session.rollback()
        return found

    monkeypatch.setattr(batch, "versions_of", late)
    repository.deliver()
    assert batch.versions_of is versions_of, "it was read"
    assert "SECRET" not in str(sandbox.log())


# Withdrawal


def test_a_deleted_record_says_when_and_why_it_was_withdrawn(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        (entry,) = [
            entry
            for entry in sandbox.doi(doi)["dates"]
            if entry["dateType"] == "Withdrawn"
        ]
        assert entry["date"] == date.today().isoformat()
        assert entry["dateInformation"] == "Spam. A note"


def test_what_a_hidden_tombstone_does_not_show_is_not_at_datacite_either(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    service.delete_record(
        system_identity,
        record.id,
        {
            "removal_reason": {"id": "spam"},
            "note": "Not for everybody.",
            "is_visible": False,
        },
    )
    repository.deliver()
    hidden = sandbox.doi(doi_of(record))
    assert (hidden["state"], hidden["titles"]) == ("registered", UNALLOWED)
    assert (hidden["dates"], hidden["descriptions"]) == ([], [])


def test_another_reason_reaches_datacite(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    repository.deliver()
    service.update_tombstone(
        system_identity,
        record.id,
        {"removal_reason": {"id": "spam"}, "note": "Another note."},
    )
    repository.deliver()
    assert "Another note" in str(sandbox.doi(doi_of(record))["dates"])


def test_a_record_that_is_marked_for_purge_stays_hidden(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    service.mark_record_for_purge(system_identity, record.id)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "registered"
    service.unmark_record_for_purge(system_identity, record.id)
    repository.restore(record)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"


def test_the_doi_of_a_record_that_vanished_from_the_database_is_hidden(
    repository, sandbox, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    model = service.record_cls.pid.resolve(record.id).model
    db.session.execute(
        model.__table__.update()
        .where(model.__table__.c.id == model.id)
        .values(json=None)
    )
    request_again(doi_of(record))
    db.session.commit()
    repository.deliver()
    gone = sandbox.doi(doi_of(record))
    assert (gone["state"], gone["titles"]) == ("registered", UNALLOWED)


# Embargo


def test_an_embargo_is_lifted_where_the_record_has_no_doi(
    repository, sandbox, record_data, doi_optional
):
    """InvenioRDM's task crashes in this case (builtin-defects 13)."""
    data = embargoed(record_data, record="restricted", files="restricted")
    record = repository.publish(data)
    assert doi_of(record) is None
    expire(record)
    service.lift_embargo(system_identity, record.id)
    repository.deliver()
    lifted = service.read(system_identity, record.id)
    assert lifted.data["access"]["record"] == "public"
    assert sandbox.log() == []


def embargo(record):
    """Put an embargo that ended yesterday on a published record."""
    published = service.record_cls.pid.resolve(record.id)
    yesterday = date.today() - timedelta(days=1)
    published.access.embargo = Embargo(yesterday, "Under review.", active=True)
    published.commit()
    db.session.commit()
    service.indexer.index(published)
    service.indexer.refresh()


def test_one_record_whose_doi_cannot_be_made_does_not_keep_the_others_embargoed(
    repository, sandbox, record_data, caplog
):
    """They were published before this package reserved DOIs under an embargo."""
    data = record_data | {"access": {"record": "restricted", "files": "restricted"}}
    records = [repository.publish(data) for _ in range(3)]
    for record in records:
        embargo(record)
    taken = f"10.1234/{records[1].id}"
    PersistentIdentifier.create(
        "doi",
        taken,
        object_type="rec",
        object_uuid=service.record_cls.pid.resolve(records[0].id).id,
        status=PIDStatus.REGISTERED,
    )
    db.session.commit()
    update_expired_embargos()
    repository.deliver()
    after = [service.read(system_identity, record.id) for record in records]
    assert [r.data["access"]["record"] for r in after] == ["public"] * 3
    assert sandbox.state(doi_of(after[0])) == "findable"
    assert doi_of(after[1]) is None
    assert sandbox.state(doi_of(after[2])) == "findable"
    assert "doi.embargo.no_doi" in caplog.text

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Audits after an upgrade with a new mapping, and of DOIs from before."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.metadata.kernel import MAPPING
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.repository import concept_doi_of, doi_of


@pytest.fixture()
def record(repository, sandbox, record_data):
    """Publish a record and make its DOIs findable."""
    record = repository.publish(record_data)
    repository.deliver()
    return record


def change(**values):
    db.session.execute(sa.update(Registration).values(**values))
    db.session.commit()


def older(run):
    return json.loads(run("status", "--json")[1])["older_mapping"]


def as_another_system_sent(sandbox, doi):
    """Store the type with the values that DataCite derives from it."""
    types = sandbox.doi(doi)["types"]
    sandbox.put(doi, types={"resourceTypeGeneral": types["resourceTypeGeneral"]})


def test_the_mapping_is_kept_with_each_confirmation(record, repository, run):
    versions = {row.mapping_version for row in repository.registrations()}
    assert versions == {MAPPING}
    assert older(run) == 0
    assert "older" not in run("status")[1]
    assert run("sync", "--older-mapping")[1].endswith(
        "0 DOIs will be compared, and sent if they changed.\n"
    )


def test_what_an_older_mapping_sent_is_counted_and_sent(
    record, repository, sandbox, run
):
    row = repository.registration(doi_of(record))
    as_another_system_sent(sandbox, row.doi)
    version = sandbox.doi(row.doi)["metadataVersion"]
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi == row.doi)
        .values(
            mapping_version=MAPPING - 1,
            confirmed_digest="another one",
            metadata_version=version,
        )
    )
    db.session.commit()
    assert older(run) == 1
    assert "1  sent with an older mapping" in run("status")[1]
    assert run("audit") == (0, run("audit")[1]), "nobody changed anything there"
    assert "1 DOI will be compared" in run("sync", "--older-mapping")[1]
    assert repository.deliver() == {"done": 1}
    assert sandbox.doi(row.doi)["types"]["bibtex"] == "dataset"
    assert older(run) == 0


def test_what_did_not_change_with_the_mapping_is_not_sent(
    record, repository, sandbox, run
):
    change(mapping_version=None)
    assert older(run) == 2
    run("sync", "--older-mapping")
    before = len(sandbox.writes())
    assert repository.deliver() == {"unchanged": 2}
    assert len(sandbox.writes()) == before
    assert older(run) == 0


def test_a_change_at_datacite_is_found_also_of_an_older_one(
    record, repository, sandbox, run
):
    """A value that DataCite derived from the type is no finding; a manual edit is."""
    doi = doi_of(record)
    as_another_system_sent(sandbox, doi)
    change(mapping_version=MAPPING - 1)
    assert run("audit")[0] == 0
    sandbox.put(doi, titles=[{"title": "Changed in Fabrica"}])
    status, output = run("audit")
    assert status == 3
    assert "titles" in output and "types" not in output


def test_dois_of_the_builtin_provider_are_as_they_should_and_older(
    record, repository, sandbox, run
):
    dois = (doi_of(record), concept_doi_of(record))
    for doi in dois:
        as_another_system_sent(sandbox, doi)
    db.session.execute(sa.delete(Attempt))
    db.session.execute(sa.delete(Registration))
    db.session.commit()
    assert run("adopt")[0] == 0
    assert {row.status for row in repository.registrations()} == {Status.FINDABLE}
    assert older(run) == 2
    assert run("audit")[0] == 0
    run("sync", "--older-mapping")
    assert repository.deliver() == {"done": 2}
    assert sandbox.doi(dois[0])["types"]["citeproc"] == "dataset"
    assert (older(run), run("audit")[0]) == (0, 0)


def test_nobody_changed_what_an_unknown_version_of_the_mapping_sent(
    record, repository, sandbox, run
):
    """Rows from before the version of DataCite's metadata was stored."""
    sandbox.put(doi_of(record), titles=[{"title": "As the older mapping had it"}])
    change(mapping_version=None, metadata_version=None)
    assert run("audit")[0] == 0
    run("sync", "--older-mapping", "--force")
    repository.deliver()
    assert sandbox.doi(doi_of(record))["titles"][0]["title"] != (
        "As the older mapping had it"
    )


def test_another_address_at_datacite_is_no_change_of_metadata(
    record, repository, sandbox, run
):
    """The other differences come from a change here, not at DataCite."""
    doi = doi_of(record)
    row = repository.registration(doi)
    sandbox.put(doi, titles=[{"title": "Not what the record says now"}])
    version = sandbox.doi(doi)["metadataVersion"]
    db.session.execute(
        sa.update(Registration)
        .where(Registration.id == row.id)
        .values(metadata_version=version)
    )
    db.session.commit()
    sandbox.put(doi, url="https://elsewhere.example.org/")
    status, output = run("audit")
    assert status == 3
    assert "wrong_url" in output and "titles" not in output


def test_dois_of_an_account_that_is_gone_are_left_alone(record, repository, run):
    """They are counted as unknown, not as registrations that the command would send."""
    doi = doi_of(record)
    change(mapping_version=None)
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi == doi)
        .values(doi="10.9999/gone", doi_key="10.9999/gone")
    )
    db.session.commit()
    assert older(run) == 1
    assert "1 DOI will be compared" in run("sync", "--older-mapping")[1]
    assert "1 DOI will be sent again" in run("sync", "--force")[1]
    (row,) = [row for row in repository.registrations() if row.prefix == "10.9999"]
    assert (row.status, row.due_at) == (Status.FINDABLE, None)

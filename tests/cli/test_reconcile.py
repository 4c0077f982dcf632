# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi reconcile``: changes made while this package was off."""

from __future__ import annotations

import json
import uuid

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import intake
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Kind, Priority, Registration, Status
from invenio_rdm_doi.registration.pid_statuses import make_agree
from invenio_rdm_doi.registration.reconcile import Problem, reconcile
from tests.support.repository import concept_doi_of, doi_of

PID = PersistentIdentifier.__table__


def change(statement, **values):
    db.session.execute(
        sa.text(statement) if isinstance(statement, str) else statement, values
    )
    db.session.commit()


def forget_registrations():
    """Delete all registrations, as if the built-in provider had made all DOIs."""
    change(sa.delete(Attempt))
    change(sa.delete(Registration))


@pytest.fixture(autouse=True)
def alone(repository):
    """Remove the data of other tests, because the command reads every row."""
    change(
        "TRUNCATE rdm_records_metadata, rdm_drafts_metadata, rdm_parents_metadata,"
        " rdm_versions_state, rdm_doi_registration CASCADE"
    )
    change(sa.delete(PID).where(PID.c.pid_type == "doi"))


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    """Publish a record and make its DOIs findable."""
    record = repository.publish(record_data)
    repository.deliver()
    return record


def dois_of(record):
    return {doi_of(record), concept_doi_of(record)}


def test_nothing_to_find(delivered, run):
    assert run("reconcile") == (
        0,
        "Records, PIDStore and registrations agree.\n",
    )


def test_dois_of_before_are_found_and_taken_in(delivered, repository, sandbox, run):
    forget_registrations()
    before = len(sandbox.writes())
    status, output = run("reconcile")
    assert status == 3
    for doi in dois_of(delivered):
        assert f"unregistered        {doi}\n" in output
        assert repository.registration(doi) is None
        assert repository.pid_status(doi) == "R"
    assert "2  managed DOIs without a registration" in output
    assert len(sandbox.writes()) == before

    status, output = run("reconcile", "--apply")
    assert status == 0
    assert output.count("(repaired)") == 2
    row = repository.registration(concept_doi_of(delivered))
    assert (row.kind, row.made_here) == (Kind.CONCEPT, False)
    assert repository.pid_status(doi_of(delivered)) == "K"
    repository.deliver()
    methods = [entry["method"] for entry in sandbox.log()[-4:]]
    assert sorted(methods) == ["GET", "GET", "PUT", "PUT"], "it is asked first"
    for doi in dois_of(delivered):
        assert repository.registration(doi).status is Status.FINDABLE
        assert repository.pid_status(doi) == "R"
    assert run("reconcile")[0] == 0


def test_another_systems_doi_is_not_overwritten(delivered, repository, sandbox, run):
    forget_registrations()
    doi = doi_of(delivered)
    client = current_doi.client(current_doi.account_of(doi))
    client.move(doi, "https://elsewhere.example.org/x", None, float("inf"))
    held = sandbox.doi(doi)
    run("reconcile", "--apply")
    repository.deliver()
    assert sandbox.doi(doi) == held
    assert repository.registration(doi).error["code"] == "doi.other_system"
    assert repository.pid_status(doi) == "K"


def test_falsely_registered_ones_are_healed(delivered, repository, sandbox, run):
    doi = doi_of(delivered)
    sandbox.clear()
    change(
        sa.update(Registration)
        .where(Registration.doi == doi)
        .values(confirmed_state=None, confirmed_digest=None, confirmed_account=None)
    )
    status, output = run("reconcile")
    assert status == 3
    assert f"falsely_registered  {doi}" in output
    assert run("reconcile", "--apply")[0] == 0
    assert repository.pid_status(doi) == "K"
    repository.deliver()
    assert repository.pid_status(doi) == "R"
    assert sandbox.state(doi) == "findable"


def test_what_datacite_confirmed_is_registered_in_pidstore(delivered, repository, run):
    doi = doi_of(delivered)
    change(
        sa.update(PID).where(PID.c.pid_value == doi).values(status=PIDStatus.RESERVED)
    )
    assert f"not_registered      {doi}" in run("reconcile")[1]
    assert run("reconcile", "--apply")[0] == 0
    assert repository.pid_status(doi) == "R"


def test_a_registration_whose_record_is_gone_is_hidden(
    delivered, repository, sandbox, run
):
    doi = doi_of(delivered)
    with db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM rdm_versions_state"))
        connection.execute(sa.text("DELETE FROM rdm_records_metadata"))
    status, output = run("reconcile")
    assert status == 3
    assert f"owner_gone          {doi}" in output
    run("reconcile", "--apply")
    repository.deliver()
    assert sandbox.state(doi) == "registered"
    assert repository.registration(doi).status is Status.HIDDEN
    # The owner is deleted and the DOI is hidden, so there is nothing to report.
    assert f"owner_gone          {doi}" not in run("reconcile")[1]


def test_a_prefix_that_no_account_has_is_only_reported(delivered, repository, run):
    intake.request("10.9999/x", Kind.RECORD, uuid.uuid4())
    db.session.commit()
    for arguments in ((), ("--apply",)):
        status, output = run("reconcile", *arguments)
        assert status == 3
        assert "prefix_unknown      10.9999/x\n" in output
        assert "RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES" in output


@pytest.fixture()
def without_doi(delivered):
    """Return a record that was published while this package was off."""
    forget_registrations()
    change(sa.delete(PID).where(PID.c.pid_value.in_(dois_of(delivered))))
    for table in ("rdm_records_metadata", "rdm_parents_metadata"):
        change(f"UPDATE {table} SET json = json #- '{{pids,doi}}'")
    return delivered


def test_a_record_without_a_doi_gets_one_only_with_mint(
    without_doi, repository, sandbox, run
):
    for arguments in ((), ("--apply",)):
        status, output = run("reconcile", *arguments)
        assert status == 3
        assert "1  public records without a DOI: --mint gives each" in output
    assert repository.registrations() == []
    status, output = run("reconcile", "--mint")
    assert status == 0
    assert "without_doi         10.1234/" in output
    rows = repository.registrations()
    assert {row.kind for row in rows} == {Kind.RECORD, Kind.CONCEPT}
    repository.deliver()
    for row in repository.registrations():
        assert sandbox.state(row.doi) == "findable"
    assert run("reconcile")[0] == 0


def test_as_json(delivered, run):
    assert json.loads(run("reconcile", "--json")[1]) == []
    forget_registrations()
    found = json.loads(run("reconcile", "--json")[1])
    assert {item["problem"] for item in found} == {"unregistered"}
    assert {item["doi"] for item in found} == dois_of(delivered)
    assert {item["repaired"] for item in found} == {False}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_every_page_size_finds_the_same(repository, record_data, size):
    records = [repository.publish(record_data) for _ in range(3)]
    forget_registrations()
    found = list(reconcile(current_doi.settings, size=size))
    assert {finding.problem for finding in found} == {Problem.UNREGISTERED}
    expected = set().union(*map(dois_of, records))
    assert {finding.doi for finding in found} == expected
    done = list(reconcile(current_doi.settings, apply=True, size=size))
    assert len(done) == len(expected)
    assert list(reconcile(current_doi.settings, size=size)) == []


RESTRICT = (
    "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
    " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi"
)


def test_what_must_not_be_shown_is_taken_in_first(
    delivered, repository, sandbox, record_data, run
):
    """The built-in provider registered a record that is now restricted."""
    restricted = repository.publish(record_data)
    repository.deliver()
    forget_registrations()
    change(RESTRICT, doi=doi_of(restricted))
    assert run("reconcile", "--apply")[0] == 0
    assert repository.registration(doi_of(restricted)).priority == Priority.HIDE
    assert repository.registration(doi_of(delivered)).priority == Priority.BULK
    repository.deliver()
    assert sandbox.doi(doi_of(restricted))["titles"] == [{"title": "(:unal)"}]
    assert sandbox.state(doi_of(restricted)) == "registered"


def test_a_doi_of_before_whose_prefix_no_account_has(
    delivered, repository, sandbox, run
):
    """The built-in provider registered it; its present account receives no request."""
    forget_registrations()
    doi, foreign = doi_of(delivered), "10.9999/of-before"
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json,"
        " '{pids,doi,identifier}', to_jsonb(CAST(:foreign AS text)))",
        foreign=foreign,
    )
    change(
        "UPDATE pidstore_pid SET pid_value = :foreign WHERE pid_value = :doi",
        foreign=foreign,
        doi=doi,
    )
    for options in ((), ("--apply",)):
        output = run("reconcile", *options)[1]
        assert f"prefix_unknown      {foreign}\n" in output
        assert repository.registration(foreign) is None
        assert repository.pid_status(foreign) == "R"
    repository.deliver()
    assert sandbox.log(foreign) == []


@pytest.mark.parametrize("held", ["lease_token", "in_doubt"])
def test_what_is_not_certain_is_left_in_pidstore(delivered, repository, run, held):
    """A delivery is in progress or was interrupted, and its answer will decide."""
    doi = doi_of(delivered)
    value = {"lease_token": uuid.uuid4(), "in_doubt": True}[held]
    change(
        sa.update(Registration)
        .where(Registration.doi == doi)
        .values(confirmed_state=None, **{held: value})
    )
    make_agree([doi])
    db.session.commit()
    assert repository.pid_status(doi) == "R"
    empty = {"lease_token": None, "in_doubt": False}[held]
    change(sa.update(Registration).where(Registration.doi == doi).values({held: empty}))
    make_agree([doi])
    db.session.commit()
    assert repository.pid_status(doi) == "K"

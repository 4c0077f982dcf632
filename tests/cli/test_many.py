# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands about many DOIs: ``list``, ``retry``, ``sync``, ``diff``, exit statuses."""

from __future__ import annotations

import json
import re
import uuid

import pytest
import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.cli import doi as group
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import intake, marks
from invenio_rdm_doi.registration.models import Kind, Priority, Registration, Status
from invenio_rdm_doi.registration.selection import Selection
from tests.support.repository import concept_doi_of, doi_of
from tests.support.sandbox_client import WRITES


@pytest.fixture()
def failed(repository, sandbox, record_data):
    """Return a record with findable DOIs, and one whose DOIs DataCite refused."""
    good = repository.publish(record_data)
    repository.deliver()
    refused = {"errors": [{"source": "rights", "title": "is not allowed"}]}
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=refused)
    bad = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    assert repository.registration(doi_of(bad)).status is Status.FAILED
    return good, bad


def listed(output):
    return {line.split()[0] for line in output.splitlines() if line.startswith("10.")}


def test_list_has_all_or_those_of_a_status(failed, run):
    good, bad = failed
    of_good = {doi_of(good), concept_doi_of(good)}
    of_bad = {doi_of(bad), concept_doi_of(bad)}
    status, output = run("list")
    assert (status, listed(output)) == (0, of_good | of_bad)
    assert listed(run("list", "--status", "failed")[1]) == of_bad
    assert listed(run("list", "--status", "findable")[1]) == of_good
    assert listed(run("list", "--status", "failed", "--kind", "concept")[1]) == {
        concept_doi_of(bad)
    }
    code = current_doi_error(bad)
    assert listed(run("list", "--code", code)[1]) == of_bad
    assert code in run("list", "--status", "failed")[1]
    assert listed(run("list", "--code", "no.such")[1]) == set()
    assert listed(run("list", "--older-than", "1h")[1]) == set()
    assert listed(run("list", "--account", "default")[1]) == of_good | of_bad


def current_doi_error(record):
    row = Registration.query.filter_by(doi=doi_of(record)).one()
    return row.error["code"]


def test_list_as_json(failed, run):
    _good, bad = failed
    found = json.loads(run("list", "--status", "failed", "--json")[1])
    assert {item["doi"] for item in found} == {doi_of(bad), concept_doi_of(bad)}
    assert {item["account"] for item in found} == {"default"}
    assert all(item["error"]["code"] for item in found)
    assert json.loads(run("list", "--code", "no.such", "--json")[1]) == []


def test_list_refuses_what_is_no_age(repository, run):
    status, output = run("list", "--older-than", "soon")
    assert status == 2
    assert "'soon' is not an age, such as 90m, 12h or 7d." in output


def test_pages_have_each_row_once(repository, record_data):
    for _ in range(3):
        repository.publish(record_data)
    for size in (1, 2, 4, 6, 7):
        rows = [row.id for page in Selection().pages(size) for row in page]
        assert len(rows) == len(set(rows)) == 6
    db.session.execute(sa.update(Registration).values(status=Status.FAILED))
    db.session.commit()
    for size in (1, 4, 6):
        pages = Selection(status=Status.FAILED).pages(size)
        rows = [row.id for page in pages for row in page]
        assert len(rows) == len(set(rows)) == 6


def test_retry_sends_one_again_at_once(failed, repository, sandbox, run):
    _good, bad = failed
    status, output = run("retry", doi_of(bad).upper())
    assert status == 0
    assert "1 DOI will be delivered again." in output
    row = repository.registration(doi_of(bad))
    assert (row.status, row.failures) == (Status.PENDING, 0)
    assert row.priority == Priority.URGENT
    repository.deliver()
    assert sandbox.state(doi_of(bad)) == "findable"
    assert repository.registration(concept_doi_of(bad)).status is Status.FAILED


def test_retry_sends_a_selection_behind_the_others(failed, repository, sandbox, run):
    _good, bad = failed
    status, output = run("retry", "--status", "failed", "--yes")
    assert status == 0
    assert "2 DOIs will be delivered again." in output
    assert repository.registration(doi_of(bad)).priority == Priority.BULK
    repository.deliver()
    for doi in (doi_of(bad), concept_doi_of(bad)):
        assert repository.registration(doi).status is Status.FINDABLE
        assert sandbox.state(doi) == "findable"


def test_retry_needs_to_know_what_is_meant(failed, repository, run):
    _good, bad = failed
    for arguments in ((), (doi_of(bad), "--status", "failed")):
        status, output = run("retry", *arguments)
        assert status == 2
        assert "Give one or more DOIs, or a selection" in output
    status, output = run("retry", "10.1234/unknown")
    assert status == 1
    assert "10.1234/unknown is not known here, or only reserved." in output
    assert run("retry", "nonsense")[0] == 2
    # Without a confirmation, nothing is changed.
    assert run("retry", "--status", "failed")[0] == 1
    assert repository.registration(doi_of(bad)).status is Status.FAILED


def test_what_a_request_holds_is_left_alone_and_said_so(failed, repository, run):
    _good, bad = failed
    with db.engine.connect() as connection:
        connection.execute(
            sa.text("SELECT 1 FROM rdm_doi_registration WHERE doi = :doi FOR UPDATE"),
            {"doi": doi_of(bad)},
        )
        output = run("retry", "--status", "failed", "--yes")[1]
        connection.rollback()
    assert "1 DOI will be delivered again." in output
    assert "1 are being delivered or edited right now." in output


def test_sync_of_one_doi_sends_only_what_changed(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    before = len(sandbox.writes())
    assert run("sync", "--doi", doi_of(record))[0] == 0
    assert repository.deliver() == {"unchanged": 1}
    assert len(sandbox.writes()) == before
    assert run("sync", "--doi", doi_of(record), "--force")[0] == 0
    assert repository.deliver() == {"done": 1}
    assert len(sandbox.writes()) == before + 1
    assert run("sync", "--force")[0] == 0
    assert repository.deliver() == {"done": 2}


def test_sync_of_a_community_and_of_a_status(repository, sandbox, run, record_data):
    repository.publish(record_data)
    repository.deliver()
    said = run("sync", "--status", "findable")[1]
    assert "2 DOIs will be compared, and sent if they changed." in said
    assert repository.deliver() == {"unchanged": 2}
    status, output = run("sync", "--community", "nowhere")
    assert status == 2
    assert "there is no community 'nowhere'" in output
    assert run("sync", "--after-restore", "--status", "findable")[0] == 2


def test_diff_shows_what_somebody_changed_at_datacite(
    repository, sandbox, run, record_data
):
    record = repository.publish(record_data)
    doi = doi_of(record)
    status, output = run("diff", doi)
    assert status == 3
    assert "(nothing)" in output, "it was not sent yet"
    repository.deliver()
    status, output = run("diff", doi.upper())
    assert (status, output) == (
        0,
        f"{doi} is the same here and at DataCite.\n",
    )
    sandbox.put(doi, titles=[{"title": "Changed in Fabrica"}])
    status, output = run("diff", doi)
    assert status == 3
    assert "titles" in output
    assert '- [{"title": "Changed in Fabrica"}]' in output
    found = json.loads(run("diff", doi, "--json")[1])
    assert list(found["differences"]) == ["titles"]
    assert found["differences"]["titles"]["datacite"] == [
        {"title": "Changed in Fabrica"}
    ]
    before = len(sandbox.writes())
    run("diff", doi)
    assert len(sandbox.writes()) == before


def test_diff_of_what_is_not_known(repository, run):
    status, output = run("diff", "10.1234/unknown")
    assert status == 1
    assert "10.1234/unknown is not known here." in output


def test_diff_says_that_datacite_is_away(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    sandbox.stop()
    status, output = run("diff", doi_of(record))
    assert status == 1
    assert output.startswith("Error: ")


def test_the_exit_status_is_for_monitoring(failed, repository, sandbox, run):
    assert run("status")[0] == 0
    assert run("status", "--exit-code")[0] == 3
    assert run("status", "--exit-code", "--json")[0] == 3
    run("retry", "--status", "failed", "--yes")
    repository.deliver()
    assert run("status", "--exit-code")[0] == 0
    current_doi.breaker().pause({"code": "x", "message": "x", "complaints": []})
    assert run("status", "--exit-code")[0] == 4
    run("resume")


def test_what_waits_for_an_hour_is_overdue(repository, run, record_data):
    repository.publish(record_data)
    assert run("status", "--exit-code")[0] == 0
    db.session.execute(
        sa.update(Registration).values(
            due_at=sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 2)
        )
    )
    db.session.commit()
    assert run("status", "--exit-code")[0] == 3


def test_a_reserved_doi_stays_reserved(repository, sandbox, run):
    intake.reserve("10.1234/kept", Kind.RECORD, uuid.uuid4())
    db.session.commit()
    run("sync", "--force")
    status, output = run("retry", "10.1234/kept")
    assert status == 1
    assert "10.1234/kept is not known here, or only reserved." in output
    assert repository.registration("10.1234/kept").status is Status.RESERVED
    assert listed(run("list", "--status", "reserved")[1]) == {"10.1234/kept"}


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    """Publish a record and make its DOIs findable."""
    record = repository.publish(record_data)
    repository.deliver()
    return record


def parsed(output, first="["):
    return json.loads(output[output.index(first) :])


def test_sync_shows_what_it_would_send(delivered, run, repository, sandbox):
    """A record was changed without this package noticing."""
    doi = doi_of(delivered)
    before = len(sandbox.writes())
    assert run("sync", "--dry-run", "--doi", doi)[0] == 0
    db.session.execute(
        sa.text(
            "UPDATE rdm_records_metadata SET json ="
            " jsonb_set(json, '{metadata,title}', '\"By hand\"')"
            " WHERE json->'pids'->'doi'->>'identifier' = :doi"
        ),
        {"doi": doi},
    )
    db.session.commit()
    status, output = run("sync", "--dry-run", "--doi", doi)
    assert status == 3
    assert '+ [{"title": "By hand"}]' in output and "1 DOI would be sent." in output
    status, output = run("sync", "--dry-run", "--json", "--doi", doi)
    (change,) = parsed(output)
    assert change["doi"] == doi
    assert change["differences"]["titles"]["here"] == [{"title": "By hand"}]
    assert len(sandbox.writes()) == before
    assert repository.deliver() == {}
    run("sync", "--doi", doi)
    assert repository.deliver() == {"done": 1}
    assert sandbox.doi(doi)["titles"] == [{"title": "By hand"}]


def test_sync_of_what_leads_elsewhere(delivered, run, repository):
    doi = doi_of(delivered)
    assert "0 DOIs will be" in run("sync", "--urls-only")[1]
    row = repository.registration(doi)
    assert row.due_at is None
    db.session.execute(
        sa.update(Registration)
        .where(Registration.doi == doi)
        .values(confirmed_url=f"https://before.example.org/doi/{doi}")
    )
    db.session.commit()
    assert "1 DOI will be" in run("sync", "--urls-only")[1]
    db.session.expire_all()
    assert repository.registration(doi).due_at is not None


def test_sync_of_what_changed_since(delivered, run, repository):
    assert "0 DOIs will be" in run("sync", "--changed-since", "2999-01-01")[1]
    status, output = run("sync", "--changed-since", "2020-01-01", "--json")
    assert status == 0
    assert parsed(output, "{")["asked"] >= 2
    assert repository.registration(doi_of(delivered)).due_at is not None
    assert repository.registration(concept_doi_of(delivered)).due_at is not None


def test_sync_of_what_a_search_finds(repository, sandbox, record_data, run, search):
    record_data["metadata"]["title"] = "Unmistakable"
    record = repository.publish(record_data)
    record_data["metadata"]["title"] = "Another one"
    other = repository.publish(record_data)
    repository.deliver()
    service.record_cls.index.refresh()
    status, output = run("sync", "--query", "metadata.title:Unmistakable", "--json")
    assert (status, parsed(output, "{")["asked"]) == (0, 2)
    assert repository.registration(doi_of(record)).due_at is not None
    assert repository.registration(doi_of(other)).due_at is None


def test_sync_options_exclude_each_other(run):
    for options in (
        ["--after-restore", "--query", "x"],
        ["--community", "x", "--status", "failed"],
        ["--after-restore", "--dry-run"],
    ):
        status, output = run("sync", *options)
        assert (status, "Error" in output) == (2, True), options


def test_show_takes_the_identifier_of_a_record(delivered, run):
    status, output = run("show", delivered.id)
    assert status == 0 and doi_of(delivered) in output
    status, output = run("show", "nothi-ng000")
    assert status == 2 and "There is no record 'nothi-ng000'" in output
    assert run("show", "10.1234")[0] == 2


def test_every_command_speaks_json_and_has_an_example():
    for name, command in group.commands.items():
        options = {option.name for option in command.params}
        assert "as_json" in options, name
        assert "Example: invenio doi" in command.help, name


def test_retry_sends_what_somebody_changed_at_datacite(
    repository, sandbox, run, record_data
):
    """Nothing changed here; ``retry`` restores the metadata of this repository."""
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    sandbox.put(doi, titles=[{"title": "Changed in Fabrica"}])
    assert run("retry", doi)[0] == 0
    assert repository.deliver() == {"done": 1}
    titles = sandbox.doi(doi)["titles"]
    assert titles == [{"title": record_data["metadata"]["title"]}]


def test_deliver_goes_through_what_is_marked(repository, sandbox, run, record_data):
    """A synchronization was requested, and nothing is due yet."""
    repository.publish(record_data)
    repository.deliver()
    assert run("deliver") == (0, "Nothing is due.\n")
    assert run("sync")[0] == 0
    status, output = run("deliver")
    assert status == 0
    assert re.search(r"unchanged +\d+", output)
    assert not marks.left()
    assert run("deliver") == (0, "Nothing is due.\n")

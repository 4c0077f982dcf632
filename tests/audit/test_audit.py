# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi audit``: confirmed registrations compared with DataCite's list."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from invenio_rdm_doi.audit import runs, walk
from invenio_rdm_doi.audit.audit import Audit
from invenio_rdm_doi.audit.models import Job
from invenio_rdm_doi.datacite import listing
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Priority
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change, problems


def test_nothing_to_find(delivered, run, sandbox):
    before = len(sandbox.log())
    assert problems(run) == (0, {})
    asked = sandbox.log()[before:]
    assert [entry["method"] for entry in asked] == ["POST", "GET"]


def test_what_datacite_confirmed_is_kept(delivered, repository, sandbox):
    row = repository.registration(doi_of(delivered[0]))
    held = sandbox.doi(row.doi)
    assert row.confirmed_url == held["url"]
    assert row.metadata_version == held["metadataVersion"]
    repository.edit(delivered[0], title="Another title")
    repository.deliver()
    row = repository.registration(row.doi)
    assert row.metadata_version == sandbox.doi(row.doi)["metadataVersion"]
    assert row.metadata_version > held["metadataVersion"]


def test_what_is_lost_at_datacite(delivered, run, repository, sandbox):
    lost = [concept_doi_of(delivered[0]), doi_of(delivered[2])]
    for doi in lost:
        sandbox.lose(doi)
    assert problems(run) == (3, {(doi, "missing"): {} for doi in lost})
    assert {repository.registration(doi).due_at for doi in lost} == {None}
    assert problems(run, "--fix")[0] == 3
    assert repository.pid_status(lost[0]) == "K"
    assert repository.deliver()["done"] == 2
    assert sandbox.doi(lost[1])["state"] == "findable"
    assert repository.pid_status(lost[0]) == "R"
    assert problems(run) == (0, {})


def test_what_somebody_changed_there(delivered, run, repository, sandbox):
    title, state, url, all_three = (
        doi_of(delivered[0]),
        doi_of(delivered[1]),
        doi_of(delivered[2]),
        concept_doi_of(delivered[0]),
    )
    sandbox.put(title, titles=[{"title": "Changed in Fabrica"}])
    sandbox.put(state, event="hide")
    sandbox.put(url, url="https://elsewhere.example.org/x")
    sandbox.put(all_three, event="hide", url="https://elsewhere.example.org/y")
    status, found = problems(run)
    assert status == 3
    assert set(found) == {
        (title, "changed"),
        (state, "wrong_state"),
        (url, "wrong_url"),
        (all_three, "wrong_state"),
        (all_three, "wrong_url"),
    }
    assert (
        "Changed in Fabrica" in found[title, "changed"]["fields"]["titles"]["datacite"]
    )
    assert found[state, "wrong_state"] == {"datacite": "registered", "here": "findable"}
    before = len(sandbox.writes())
    assert run("audit")[0] == 3
    assert repository.deliver() == {}
    assert len(sandbox.writes()) == before, "without --fix, nothing is sent"

    status, output = run("audit", "--fix")
    assert status == 3 and "are delivered again" in output
    assert repository.deliver()["done"] == 4
    assert sandbox.doi(title)["titles"][0]["title"] != "Changed in Fabrica"
    assert sandbox.doi(state)["state"] == "findable"
    assert sandbox.doi(url)["url"] == f"https://repository.example.org/doi/{url}"
    assert problems(run) == (0, {})
    status, output = run("audit")
    assert status == 0 and output.endswith(
        "\nDataCite has the expected DOIs and " "metadata.\n"
    )


def test_what_was_changed_and_changed_back(delivered, run, sandbox):
    doi = doi_of(delivered[0])
    titles = sandbox.doi(doi)["titles"]
    sandbox.put(doi, titles=[{"title": "Changed in Fabrica"}])
    sandbox.put(doi, titles=titles)
    assert problems(run) == (0, {})
    before = len(sandbox.log(doi))
    assert problems(run) == (0, {})
    assert len(sandbox.log(doi)) == before, "the version is known to be the same"


def test_orphans_and_drafts_are_found_and_left_alone(
    delivered, run, sandbox, monkeypatch
):
    sandbox.make("10.1234/other-system")
    sandbox.make("10.1234/library.1")
    sandbox.make("10.1234/left-behind", event=None)
    found = {
        ("10.1234/other-system", "orphaned"),
        ("10.1234/library.1", "orphaned"),
        ("10.1234/left-behind", "draft"),
    }
    assert set(problems(run)[1]) == found
    before = sandbox.writes()
    assert set(problems(run, "--fix")[1]) == found
    assert sandbox.writes() == before
    excluding = replace(current_doi.settings, audit_exclude=("10.1234/library.*",))
    monkeypatch.setattr(current_doi, "configured", excluding)
    assert set(problems(run)[1]) == found - {("10.1234/library.1", "orphaned")}


def test_what_is_exposed_comes_first(delivered, run, repository, sandbox):
    """With the package off, one record was restricted and another one deleted."""
    restricted, deleted, changed = (doi_of(record) for record in delivered)
    sandbox.put(changed, titles=[{"title": "Changed in Fabrica"}])
    change(
        "UPDATE rdm_records_metadata SET json = jsonb_set(json, '{access,record}',"
        " '\"restricted\"') WHERE json->'pids'->'doi'->>'identifier' = :doi",
        doi=restricted,
    )
    repository.delete(delivered[1])
    change(
        "UPDATE rdm_doi_registration SET due_at = NULL, revision = confirmed_revision,"
        " status = 'findable' WHERE doi = :doi",
        doi=deleted,
    )
    concepts = {concept_doi_of(record) for record in delivered[:2]}
    change("UPDATE rdm_doi_registration SET due_at = NULL WHERE kind = 'concept'")
    change(
        "UPDATE rdm_doi_registration SET revision = confirmed_revision"
        " WHERE kind = 'concept'"
    )
    status, output = run("audit", "--json")
    found = json.loads(output[output.index("[") :])
    assert status == 3
    assert [item["problem"] for item in found] == ["exposed"] * 4 + ["changed"]
    assert {item["doi"] for item in found[:4]} == {restricted, deleted, *concepts}
    run("audit", "--fix")
    repository.deliver()
    assert sandbox.doi(restricted)["state"] == "registered"
    assert sandbox.doi(restricted)["titles"] == [{"title": "(:unal)"}]
    assert sandbox.doi(deleted)["state"] == "registered"
    assert problems(run) == (0, {})


def test_pidstore_and_spellings(delivered, run, repository):
    status, twice = doi_of(delivered[0]), doi_of(delivered[1])
    change("UPDATE pidstore_pid SET status = 'K' WHERE pid_value = :doi", doi=status)
    change(
        "INSERT INTO pidstore_pid (created, updated, pid_type, pid_value, status)"
        " VALUES (now(), now(), 'doi', :doi, 'R')",
        doi=twice.upper(),
    )
    found = problems(run, "--fix")[1]
    assert found == {
        (status, "pidstore"): {
            "pidstore": "reserved",
            "here": "registered",
            "fixed": True,
        },
        (twice, "duplicate"): {"spellings": sorted([twice, twice.upper()])},
    }
    assert repository.pid_status(status) == "R"
    assert set(problems(run)[1]) == {(twice, "duplicate")}


def test_another_account_confirmed_it(delivered, run, repository, sandbox):
    doi = doi_of(delivered[0])
    change(
        "UPDATE rdm_doi_registration SET confirmed_account = 'OTHER@x'"
        " WHERE doi = :doi",
        doi=doi,
    )
    assert problems(run)[1] == {(doi, "elsewhere"): {"confirmed_by": "OTHER@x"}}
    run("audit", "--fix")
    before = len(sandbox.log(doi))
    repository.deliver()
    assert [entry["method"] for entry in sandbox.log(doi)[before:]] == ["GET", "PUT"]
    assert problems(run) == (0, {})


def test_what_is_on_its_way_is_no_finding(delivered, run, repository, sandbox):
    repository.edit(delivered[0], title="Another title")
    repository.publish({**delivered[0].data, "pids": {}, "id": None})
    assert problems(run) == (0, {})


def test_a_wrong_password_finds_nothing_missing(delivered, run, sandbox):
    sandbox.server.fault(
        kind="status",
        status=401,
        match={"method": "POST", "path": "/token"},
        body={"errors": [{"status": "401", "title": "Bad credentials."}]},
    )
    status, output = run("audit")
    sandbox.server.clear_faults()
    assert status == 1 and "does not accept" in output


def test_findings_keep_their_first_time(delivered, run, sandbox):
    sandbox.lose(doi_of(delivered[0]))

    def times():
        output = run("audit", "--json")[1]
        (item,) = json.loads(output[output.index("[") :])
        return item["first_seen"], item["last_seen"]

    first, second = times(), times()
    assert first[0] == second[0] and first[1] < second[1]


def test_only_what_changed_since(delivered, run, sandbox):
    sandbox.lose(doi_of(delivered[0]))
    sandbox.make("10.1234/other-system")
    since = "2026-01-01"
    assert set(problems(run, "--since", since)[1]) == {
        ("10.1234/other-system", "orphaned")
    }
    asked = [e["query"]["query"] for e in sandbox.log() if "query" in e["query"]]
    assert set(asked) == {"updated:[2026-01-01T00:00:00Z TO *]"}


def test_it_goes_on_where_it_was(delivered, run, sandbox, monkeypatch):
    monkeypatch.setattr(listing, "SIZE", 2)
    monkeypatch.setattr(walk, "SIZE", 2)
    sandbox.lose(doi_of(delivered[0]))
    sandbox.make("10.1234/other-system")
    pages = []

    def killed(self, entries):
        pages.append(sorted(entries))
        if len(pages) == 3:
            raise KeyboardInterrupt()
        return listed(self, entries)

    listed = Audit.listed
    monkeypatch.setattr(Audit, "listed", killed)
    run("audit")
    status, found = problems(run)
    assert set(found) == {
        (doi_of(delivered[0]), "missing"),
        ("10.1234/other-system", "orphaned"),
    }
    assert pages[2] == pages[3], "the page at which it was"
    assert len(pages) == len({tuple(page) for page in pages}) + 1


def test_one_at_a_time(delivered, run):
    taken = runs.begin(Job.AUDIT, current_doi.settings.account.id)
    status, output = run("audit")
    assert status == 1 and "audits or adopts the DOIs of default" in output
    runs.leave(taken)
    assert run("audit")[0] == 0


def test_a_paused_account(delivered, run, repository, sandbox):
    repository.edit(delivered[0], title="Another title")
    refusal = {"errors": [{"status": "401", "title": "Bad credentials."}]}
    sandbox.server.fault(kind="status", status=401, body=refusal)
    repository.deliver()
    sandbox.server.clear_faults()
    status, output = run("audit")
    assert status == 4 and "is paused" in output


def test_an_audit_since_does_not_end_another_one(delivered, run, sandbox):
    account = current_doi.settings.account.id
    whole = runs.begin(Job.AUDIT, account)
    runs.leave(whole)
    assert run("audit", "--since", "2026-01-01")[0] == 0
    again = runs.begin(Job.AUDIT, account)
    assert again.id == whole.id
    runs.leave(again)


def test_what_was_begun_long_ago_begins_anew(delivered, run):
    account = current_doi.settings.account.id
    old = runs.begin(Job.AUDIT, account)
    runs.leave(old)
    change("UPDATE rdm_doi_run SET started_at = now() - interval '2 days'")
    new = runs.begin(Job.AUDIT, account)
    assert new.id != old.id
    runs.leave(new)


@pytest.mark.parametrize(
    ("one", "command"), [(Job.ADOPT, "audit"), (Job.AUDIT, "adopt")]
)
def test_an_audit_and_an_adoption_exclude_each_other(delivered, run, one, command):
    """Both record what they saw, and decide by data that the other may be changing."""
    taken = runs.begin(one, current_doi.settings.account.id)
    status, output = run(command)
    assert status == 1 and "audits or adopts the DOIs of default" in output
    runs.leave(taken)
    assert run(command)[0] == 0


def test_an_adoption_does_not_end_an_audit(delivered, run, sandbox):
    """The observations of an interrupted audit are kept."""
    account = current_doi.settings.account.id
    interrupted = runs.begin(Job.AUDIT, account)
    runs.leave(interrupted)
    assert run("adopt")[0] == 0
    again = runs.begin(Job.AUDIT, account)
    assert again.id == interrupted.id
    runs.leave(again)
    sandbox.lose(doi_of(delivered[0]))
    assert problems(run) == (3, {(doi_of(delivered[0]), "missing"): {}})


def test_what_is_exposed_and_cannot_be_read(delivered, run, repository, monkeypatch):
    """An unreadable record must not hide the finding that its metadata are exposed."""
    doi = doi_of(delivered[0])
    repository.delete(delivered[0])
    change("UPDATE rdm_doi_registration SET due_at = NULL, revision = 1")

    def broken(*args):
        raise RuntimeError("The dumper failed.")

    monkeypatch.setattr(walk, "load_all", broken)
    monkeypatch.setattr(walk, "wanted_of", broken)
    status, found = problems(run)
    assert status == 3
    assert found[doi, "exposed"] == {"error": "RuntimeError: The dumper failed."}


def test_what_waits_and_is_exposed_is_delivered_first(delivered, run, repository):
    doi = doi_of(delivered[0])
    repository.delete(delivered[0])
    change(
        "UPDATE rdm_doi_registration SET priority = :bulk,"
        " due_at = now() + interval '1 day' WHERE doi = :doi",
        doi=doi,
        bulk=int(Priority.BULK),
    )
    assert (doi, "exposed") in problems(run)[1]
    assert repository.registration(doi).priority == Priority.BULK
    run("audit", "--fix")
    row = repository.registration(doi)
    assert row.priority == Priority.HIDE
    repository.deliver()
    assert repository.registration(doi).confirmed_state == "registered"

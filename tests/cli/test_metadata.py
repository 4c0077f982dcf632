# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi preview`` and ``invenio doi validate``."""

from __future__ import annotations

import json

import pytest
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.find import public_ids
from invenio_rdm_doi.settings.model import Off
from invenio_rdm_doi.validation import all_records
from tests.support.repository import concept_doi_of, doi_of


@pytest.fixture()
def language(running_app):
    """Let the site send a language that DataCite refuses, for some records."""
    settings = current_doi.metadata_settings

    def use(titles):
        def dumper(record, attributes):
            bad = record["metadata"]["title"] in titles
            return attributes | {"language": "no language"} if bad else attributes

        object.__setattr__(settings, "dumpers", (dumper,))

    yield use
    object.__setattr__(settings, "dumpers", ())


def test_preview_is_exactly_what_is_sent(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    doi, concept = doi_of(record), concept_doi_of(record)
    shown = {
        doi: run("preview", "--json", record.id),
        concept: run("preview", "--json", "--parent", record.id),
    }
    repository.deliver()
    sent = {entry["doi"]: entry for entry in sandbox.writes()}
    for name, (status, output) in shown.items():
        found = json.loads(output)
        assert status == 0
        assert (found["state"], found["valid"]) == ("findable", True)
        attributes = sent[name.lower()]["body"]["data"]["attributes"]
        assert found["payload"] == {
            key: value for key, value in attributes.items() if key != "event"
        }


def test_preview_of_a_doi_and_of_a_concept_doi(repository, run, record_data):
    record = repository.publish(record_data)
    for doi in (doi_of(record), concept_doi_of(record)):
        for form in (doi, f"https://doi.org/{doi}"):
            status, output = run("preview", form)
            assert status == 0
            assert f"{doi} would be findable." in output
            assert "valid: DataCite would accept it." in output


def test_preview_tells_what_is_sent_in_another_form(repository, run, record_data):
    record_data["metadata"]["languages"] = [{"id": "eng"}, {"id": "deu"}]
    record = repository.publish(record_data)
    status, output = run("preview", record.id)
    assert status == 0
    assert (
        "warning metadata.languages: DataCite accepts only one language; the first "
        "one is sent." in output
    )


def test_preview_of_a_restricted_record_has_nothing_of_it(repository, run, record_data):
    record_data["access"]["record"] = "restricted"
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    status, output = run("preview", record.id)
    assert status == 0
    assert "the record is restricted; DataCite gets nothing" in output
    assert "Wadden" not in output


def test_preview_of_a_draft_tells_what_to_enter(repository, run, record_data):
    del record_data["metadata"]["creators"]
    draft = repository.draft(record_data)
    status, output = run("preview", "--draft", draft.id)
    assert status == 1
    assert "refused metadata.creators: Add at least one creator" in output
    assert "Tides of the Wadden Sea" in output


def test_preview_of_a_restricted_record_without_a_doi(repository, run, record_data):
    record_data["access"]["record"] = "restricted"
    record = repository.publish(record_data)
    draft = repository.draft(record_data)
    for arguments in ((record.id,), ("--draft", draft.id)):
        status, output = run("preview", *arguments)
        assert status == 0
        assert "the record is restricted; DataCite gets nothing" in output
        assert "Wadden" not in output


def test_preview_of_a_doi_of_somebody_else(repository, run, record_data):
    record_data["pids"] = {
        "doi": {"identifier": "10.4321/elsewhere", "provider": "external"}
    }
    record = repository.publish(record_data)
    status, output = run("preview", record.id)
    assert status == 1
    assert "10.4321/elsewhere is an external DOI" in output


def test_preview_of_a_record_without_a_doi(repository, run, record_data, doi_optional):
    record = repository.publish(record_data)
    status, output = run("preview", record.id)
    assert status == 0
    assert "the record has no DOI; with one, DataCite would get this" in output
    assert json.loads(run("preview", "--json", record.id)[1])["state"] is None


def test_preview_of_a_draft_is_what_is_sent_on_publishing(
    repository, sandbox, run, record_data
):
    first = repository.publish(record_data)
    draft = service.new_version(repository.identity, first.id)
    data = {**draft.data, "files": {"enabled": False}}
    data["metadata"]["publication_date"] = "2026-06-01"
    service.update_draft(repository.identity, draft.id, data)
    shown = json.loads(run("preview", "--json", "--draft", draft.id)[1])
    second = service.publish(repository.identity, draft.id)
    repository.deliver()
    (entry,) = sandbox.writes(doi_of(second))
    attributes = entry["body"]["data"]["attributes"]
    attributes.pop("event")
    # InvenioRDM creates the OAI identifier when the record is published.
    assert [i["identifierType"] for i in attributes.pop("identifiers")] == ["oai"]
    assert shown["payload"].pop("identifiers") == []
    assert shown["payload"] == attributes


def test_preview_prefers_the_published_record(repository, run, record_data):
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    data = {**draft.data}
    data["metadata"]["title"] = "Only in the draft"
    service.update_draft(repository.identity, record.id, data)
    assert "Only in the draft" not in run("preview", record.id)[1]
    assert "Only in the draft" in run("preview", "--draft", record.id)[1]


@pytest.mark.parametrize("unknown", ["zzzzz-99999", "10.1234/unknown"])
def test_preview_of_nothing(repository, run, unknown):
    status, output = run("preview", unknown)
    assert status == 1
    assert f"Nothing was found for {unknown}" in output


def test_preview_changes_nothing_and_sends_nothing(
    repository, sandbox, run, record_data
):
    record = repository.publish(record_data)
    repository.deliver()
    before = repository.registration(doi_of(record)).revision
    requests = len(sandbox.log())
    run("preview", record.id)
    run("validate", "--all")
    assert repository.registration(doi_of(record)).revision == before
    assert len(sandbox.log()) == requests
    assert repository.deliver() == {}


def test_validate_counts_complaints_and_names_records(
    repository, run, record_data, language
):
    for title in ("Wrong one", "Wrong two", "Right"):
        record_data["metadata"]["title"] = title
        repository.publish(record_data)
    language({"Wrong one", "Wrong two"})
    status, output = run("validate", "--json")
    found = json.loads(output[output.index("{") :])
    assert status == 1
    assert found["refused"] == 2
    ((complaint, group),) = found["complaints"].items()
    records = group["records"]
    assert complaint.startswith(
        "metadata.languages: DataCite cannot read the value of language"
    )
    assert len(records) == group["count"] == 2

    status, output = run("validate")
    assert status == 1
    assert "2 would be refused" in output
    assert records[0] in output


def test_validate_of_many_in_several_processes(
    repository, run, record_data, monkeypatch
):
    monkeypatch.setattr("invenio_rdm_doi.validation.all_records.CHUNK", 2)
    records = [repository.publish(record_data) for _ in range(7)]
    _status, one = run("validate", "--json")
    _status, two = run("validate", "--json", "--jobs", "2")
    assert json.loads(one[one.index("{") :]) == json.loads(two[two.index("{") :])
    assert json.loads(two[two.index("{") :])["total"] >= len(records)


def test_validate_goes_on_where_it_was_interrupted(
    repository, run, record_data, monkeypatch, language
):
    monkeypatch.setattr("invenio_rdm_doi.validation.all_records.CHUNK", 2)
    for _ in range(5):
        record_data["metadata"]["title"] = "Wrong"
        repository.publish(record_data)
    language({"Wrong"})
    whole = json.loads(_json(run("validate", "--json")[1]))
    check, steps = all_records._check, iter(range(1))

    def interrupted(ids):
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return check(ids)

    monkeypatch.setattr(all_records, "_check", interrupted)
    status, output = run("validate")
    assert status == 130 and "\n2 records, " in output
    after = output.partition("--after ")[2].split()[0]
    monkeypatch.setattr(all_records, "_check", check)
    rest = json.loads(_json(run("validate", "--json", "--after", after)[1]))
    assert rest["total"] == whole["total"] - 2
    assert rest["last"] == whole["last"]


def test_validate_keeps_no_more_than_some_identifiers(monkeypatch):
    monkeypatch.setattr(all_records, "NAMED", 3)
    found = all_records.Survey()
    found.add([(f"r{n}", ["a complaint"], []) for n in range(10)])
    assert found.complaints["a complaint"].count == 10
    assert found.complaints["a complaint"].records == ["r0", "r1", "r2"]


def test_records_are_gone_through_page_by_page(repository, record_data):
    ids = {repository.publish(record_data)._record.id for _ in range(5)}
    some = list(public_ids(False, size=2))
    assert ids <= set(some) and some == sorted(some)
    assert list(public_ids(False, after=some[2], size=2)) == some[3:]


def test_validate_leaves_out_what_datacite_never_gets(repository, run, record_data):
    before = json.loads(_json(run("validate", "--all", "--json")[1]))["total"]
    record_data["access"]["record"] = "restricted"
    repository.publish(record_data)
    record_data["access"]["record"] = "public"
    repository.delete(repository.publish(record_data))
    repository.draft(record_data)
    after = json.loads(_json(run("validate", "--all", "--json")[1]))["total"]
    assert after == before


def test_validate_all_has_records_without_a_doi_too(
    repository, run, record_data, doi_optional
):
    repository.publish(record_data)
    some = json.loads(_json(run("validate", "--json")[1]))["total"]
    everything = json.loads(_json(run("validate", "--all", "--json")[1]))["total"]
    assert everything > some


def test_both_work_while_registration_is_off(
    repository, run, record_data, running_app, monkeypatch
):
    record = repository.publish(record_data)
    extension = running_app.extensions["invenio-rdm-doi"]
    monkeypatch.setattr(extension, "configured", Off())
    assert run("preview", record.id)[0] == 0
    assert run("validate", "--all")[0] == 0


def _json(output):
    return output[output.index("{") :]

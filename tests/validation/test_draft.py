# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Errors that DataCite would report are reported before anything is sent."""

from __future__ import annotations

from copy import deepcopy

import pytest
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from invenio_rdm_doi.metadata.complaints import field_of
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Status
from tests.support.repository import doi_of


@pytest.fixture()
def dumper(running_app, monkeypatch):
    """Return a function that sets the site's dumpers, which change the payload."""

    def use(*functions):
        object.__setattr__(current_doi.metadata_settings, "dumpers", functions)

    yield use
    object.__setattr__(current_doi.metadata_settings, "dumpers", ())


def messages(errors, field):
    return [str(m) for e in errors if e["field"] == field for m in e["messages"]]


def save(repository, data):
    """Create a draft, and return the errors that the deposit form would show."""
    return service.create(repository.identity, deepcopy(data)).errors


# Drafts


def test_a_draft_in_order_has_no_errors(repository, record_data):
    assert save(repository, record_data) == []


def test_a_draft_without_publisher_is_told_what_to_enter(repository, record_data):
    del record_data["metadata"]["publisher"]
    errors = save(repository, record_data)
    assert messages(errors, "metadata.publisher") == [
        "Enter a publisher, such as the name of this repository. A DOI needs one."
    ]


def test_saving_again_tells_it_again(repository, record_data):
    draft = repository.draft(record_data)
    data = deepcopy(draft.data)
    data["metadata"]["publisher"] = ""
    errors = service.update_draft(repository.identity, draft.id, data).errors
    assert len(messages(errors, "metadata.publisher")) == 1


def test_what_the_host_says_already_is_not_said_twice(repository, record_data):
    record_data["metadata"] = {"publisher": "Tidal Archive"}
    errors = save(repository, record_data)
    for field in ("title", "creators", "publication_date", "resource_type"):
        assert len(messages(errors, f"metadata.{field}")) == 1


def test_an_external_doi_needs_nothing_of_it(repository, record_data):
    del record_data["metadata"]["publisher"]
    record_data["pids"] = {
        "doi": {"identifier": "10.4321/elsewhere", "provider": "external"}
    }
    assert messages(save(repository, record_data), "metadata.publisher") == []


def test_without_a_doi_nothing_is_asked(repository, record_data, doi_optional):
    del record_data["metadata"]["publisher"]
    assert save(repository, record_data) == []


def test_a_restricted_draft_that_gets_no_doi_is_asked_for_nothing(
    repository, record_data
):
    record_data["access"]["record"] = "restricted"
    del record_data["metadata"]["publisher"]
    draft = repository.draft(record_data)
    assert draft.errors == []
    record = service.publish(repository.identity, draft.id)
    assert doi_of(record) is None


def test_what_a_dumper_made_wrong_is_told_by_field(repository, record_data, dumper):
    dumper(lambda record, attributes: attributes | {"language": "not a language"})
    (message,) = messages(save(repository, record_data), "metadata.languages")
    assert message.startswith("DataCite cannot read the value of language.")


def test_a_defect_of_a_dumper_keeps_nobody_from_saving_and_publishing(
    repository, record_data, dumper
):
    def broken(record, attributes):
        raise KeyError("site:curator")

    dumper(broken)
    draft = repository.draft(record_data)
    assert draft.errors == []
    record = service.publish(repository.identity, draft.id)
    assert repository.deliver() == {"retry": 2}
    dumper()
    repository.make_due()
    repository.deliver()
    assert repository.registration(doi_of(record)).status is Status.FINDABLE


# Publishing


def test_publishing_without_publisher_is_refused_and_nothing_is_committed(
    repository, sandbox, record_data
):
    del record_data["metadata"]["publisher"]
    draft = repository.draft(record_data)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    (error,) = raised.value.messages
    assert error["field"] == "metadata.publisher"
    assert repository.registrations() == []


def test_the_form_gets_the_field_and_the_message(
    repository, running_app, uploader, record_data
):
    del record_data["metadata"]["publisher"]
    draft = repository.draft(record_data)
    with running_app.test_client() as client:
        client = uploader.login(client)
        answer = client.post(f"/records/{draft.id}/draft/actions/publish")
    assert answer.status_code == 400
    assert answer.json["errors"] == [
        {
            "field": "metadata.publisher",
            "messages": [
                "Enter a publisher, such as the name of this repository. "
                "A DOI needs one."
            ],
        }
    ]


def test_a_restricted_record_is_checked_too(repository, record_data):
    """It may become public at any time, without a user who could read an error."""
    record_data["access"] = {"record": "restricted", "files": "restricted"}
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["metadata"]["publisher"] = ""
    service.update_draft(repository.identity, draft.id, data)
    with pytest.raises(ValidationErrorWithMessageAsList):
        service.publish(repository.identity, draft.id)


# Delivery


def test_what_is_invalid_is_not_sent_and_says_why(
    repository, sandbox, record_data, dumper
):
    record = repository.publish(record_data)
    dumper(lambda record, attributes: attributes | {"titel": "Tides"})
    assert repository.deliver() == {"rejected": 2}
    assert sandbox.log() == []
    row = repository.registration(doi_of(record))
    assert (row.status, row.due_at) == (Status.FAILED, None)
    assert row.error["code"] == "metadata.invalid"
    assert "RDM_RECORDS_DOI_DATACITE_DUMPERS" in row.error["advice"]
    (complaint,) = row.error["complaints"]
    assert complaint["title"] == "titel DataCite silently ignores it"


def test_what_must_be_hidden_is_hidden_however_its_metadata_are(
    repository, sandbox, record_data, dumper
):
    record = repository.publish(record_data)
    repository.deliver()

    def broken(record, attributes):
        raise RuntimeError("a defect of the site")

    dumper(broken)
    repository.delete(record)
    repository.deliver()
    assert sandbox.state(doi_of(record)) == "registered"
    assert repository.registration(doi_of(record)).status is Status.HIDDEN


def test_a_dumper_changes_what_is_sent(repository, sandbox, record_data, dumper):
    def add_curator(record, attributes):
        """Add a curator, as in the documentation's example."""
        curator = record["metadata"]["creators"][0]["person_or_org"]["name"]
        entry = {"name": curator, "contributorType": "DataCurator"}
        contributors = [*attributes.get("contributors", []), entry]
        record["metadata"].clear()
        return attributes | {"contributors": contributors}

    dumper(add_curator)
    record = repository.publish(record_data)
    repository.deliver()
    (contributor,) = sandbox.doi(doi_of(record))["contributors"]
    assert contributor["contributorType"] == "DataCurator"


@pytest.mark.parametrize(
    "returned, message",
    [
        (None, "it returned NoneType"),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
    ],
)
def test_a_dumper_that_fails_is_named(
    repository, sandbox, record_data, dumper, returned, message
):
    record = repository.publish(record_data)

    def site_dumper(record, attributes):
        if isinstance(returned, Exception):
            raise returned
        return returned

    dumper(site_dumper)
    repository.deliver()
    error = repository.registration(doi_of(record)).error
    assert "site_dumper of RDM_RECORDS_DOI_DATACITE_DUMPERS failed" in error["message"]
    assert message in error["message"]
    assert error["advice"].startswith("Correct the function that is named")


# DataCite's own complaints


@pytest.mark.parametrize(
    "source, title, field",
    [
        ("creators", "Can't be blank", "metadata.creators"),
        ("publication_year", "Is invalid", "metadata.publication_date"),
        ("related_identifiers", "…", "metadata.related_identifiers"),
        ("rights_list", "…", "metadata.rights"),
        ("funding_references", "…", "metadata.funding"),
        ("geo_locations", "…", "metadata.locations"),
        ("version_info", "…", "metadata.version"),
        # lupo spec post_spec.rb:1706
        ("creatorName', attribute 'nameType", "…", "metadata.creators"),
        (
            "xml",
            "No matching global declaration available for the validation root. at line "
            "1: Element '{http://datacite.org/schema/kernel-4}resource'",
            "metadata.resource_type",
        ),
        (
            None,
            "DOI 10.14454/4k3m-nyvg: Missing child element(s). Expected is ( "
            "{http://datacite.org/schema/kernel-4}title ). at line 5, column 0",
            "metadata.title",
        ),
        (
            "metadata",
            "Element '{http://datacite.org/schema/kernel-4}contributorName': …",
            "metadata.contributors",
        ),
        ("doi", "This DOI has already been taken", "pids.doi"),
        ("url", "Can't be blank", None),
        ("metadata", "Is invalid", None),
        (None, "The resource you are looking for doesn't exist.", None),
    ],
)
def test_complaints_of_datacite_are_about_a_field(source, title, field):
    assert field_of(source, title) == field

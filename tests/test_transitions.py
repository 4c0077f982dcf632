# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Kinds of DOIs from version to version, and DOIs that a draft gives back.

The numbers are those of defects of InvenioRDM's own support.
"""

from __future__ import annotations

from copy import deepcopy

import pytest
from invenio_access.permissions import system_identity
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.config import RDM_OPTIONAL_DOI_VALIDATOR
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.components.pids import OPTIONAL_DOI_TRANSITIONS
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from repository import doi_of

from invenio_rdm_doi.transitions import transitions, use, validate_optional_doi

counter = iter(range(1000))
STAY = "A previous version used a DOI registered from"
LEAVE = "A previous version was published with a DOI from an external provider"


def told(errors):
    return [str(m) for e in errors if e["field"] == "pids.doi" for m in e["messages"]]


def external():
    """A DOI of somebody else that no other record has."""
    identifier = f"10.4321/elsewhere.{next(counter)}"
    return {"doi": {"identifier": identifier, "provider": "external"}}


def next_version(repository, record, pids, identity=None):
    """A draft of the next version, saved with these identifiers."""
    draft = service.new_version(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["publication_date"] = "2026-06-01"
    data["files"] = {"enabled": False}
    data["pids"] = pids
    return service.update_draft(identity or repository.identity, draft.id, data)


def managed(draft):
    return {"doi": {"identifier": f"10.1234/{draft.id}", "provider": "datacite"}}


# 22


def test_22_a_new_version_stays_with_this_repository(repository, record_data):
    record = repository.publish(record_data)
    draft = next_version(repository, record, external())
    (message,) = told(draft.errors)
    assert message.startswith(STAY)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert told(raised.value.messages) == [message]


def test_22_those_who_manage_identifiers_may(repository, record_data):
    record = repository.publish(record_data)
    pids = external()
    draft = next_version(repository, record, pids, identity=system_identity)
    assert told(draft.errors) == []
    version = service.publish(system_identity, draft.id)
    assert doi_of(version) == pids["doi"]["identifier"]


def test_a_new_version_without_a_word_about_its_doi_gets_one(repository, record_data):
    record = repository.publish(record_data)
    draft = next_version(repository, record, {})
    assert told(draft.errors) == []
    assert doi_of(service.publish(repository.identity, draft.id))


# 10: the host looks at the identifiers that the draft had before


@pytest.mark.parametrize("kind", ["external", "none"])
def test_10_what_is_not_allowed_is_told_when_it_is_saved(
    repository, record_data, doi_optional, kind
):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    draft = next_version(repository, record, external() if kind == "external" else {})
    (message,) = told(draft.errors)
    assert message.startswith(STAY)


def test_10_what_is_allowed_is_not_complained_of(repository, record_data, doi_optional):
    record = repository.publish({**record_data, "pids": external()})
    draft = next_version(repository, record, {})
    assert told(draft.errors) == []
    service.pids.create(repository.identity, draft.id, "doi")
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["pids"] = {}
    # Before, the draft had a DOI that is not allowed; now it has none.
    saved = service.update_draft(repository.identity, draft.id, data)
    assert told(saved.errors) == []


def test_after_a_doi_of_somebody_else_there_is_none_of_this_repository(
    repository, record_data, doi_optional
):
    record = repository.publish({**record_data, "pids": external()})
    draft = next_version(repository, record, {})
    service.pids.create(repository.identity, draft.id, "doi")
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert told(raised.value.messages)[0].startswith(LEAVE)


# 24


def test_24_other_identifiers_do_not_count(repository, record_data, doi_optional):
    record = repository.publish(record_data)
    assert doi_of(record) is None
    pids = {"oai": {"identifier": "oai:x:1", "provider": "oai"}}
    assert transitions({"pids": pids})["allowed_providers"] == [
        "external",
        "not_needed",
    ]
    draft = {"pids": {**pids, **external()}}
    validate_optional_doi(draft, {"pids": pids})


def test_24_what_the_form_writes_into_is_a_copy():
    before = deepcopy(OPTIONAL_DOI_TRANSITIONS)
    allowed = transitions({"pids": managed_pids()})
    allowed["message"] = "in the language of the first reader"
    assert before == OPTIONAL_DOI_TRANSITIONS


def managed_pids():
    return {"doi": {"identifier": "10.1234/x", "provider": "datacite"}}


def test_a_validator_of_the_site_stays():
    def own(*args, **kwargs):
        return {}

    config = {"RDM_OPTIONAL_DOI_VALIDATOR": own}
    use(config)
    assert config["RDM_OPTIONAL_DOI_VALIDATOR"] is own
    config = {"RDM_OPTIONAL_DOI_VALIDATOR": RDM_OPTIONAL_DOI_VALIDATOR}
    use(config)
    assert config["RDM_OPTIONAL_DOI_VALIDATOR"] is validate_optional_doi


# 23


@pytest.mark.parametrize("pids", [{}, external()], ids=["none", "external"])
def test_23_a_reserved_doi_that_is_not_wanted_any_more_is_given_back(
    repository, record_data, pids
):
    draft = repository.draft(record_data)
    reserved = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["pids"] = pids
    service.update_draft(repository.identity, draft.id, data)
    assert repository.registration(reserved) is None
    assert PersistentIdentifier.query.filter_by(pid_value=reserved).count() == 0
    # And it can be had again.
    data["pids"] = {}
    service.update_draft(repository.identity, draft.id, data)
    again = service.pids.create(repository.identity, draft.id, "doi")
    assert doi_of(again) == reserved


def test_a_reserved_doi_that_is_kept_is_kept(repository, record_data):
    draft = repository.draft(record_data)
    reserved = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["metadata"]["title"] = "Another title"
    service.update_draft(repository.identity, draft.id, data)
    assert doi_of(service.publish(repository.identity, draft.id)) == reserved

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes of the kind of DOI between versions, and DOIs that a draft releases.

The numbers refer to defects of InvenioRDM's own DOI support.
"""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from uuid import uuid4

import pytest
from invenio_access.permissions import system_identity
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.config import RDM_OPTIONAL_DOI_VALIDATOR
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.components.pids import OPTIONAL_DOI_TRANSITIONS
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from invenio_rdm_doi.choices.next_version import (
    TRANSITIONS,
    allowed_after,
    validate_optional_doi,
)
from invenio_rdm_doi.doi import provider_of
from invenio_rdm_doi.hooks import Hooks
from invenio_rdm_doi.rdm.optional_doi import use
from invenio_rdm_doi.records.versions import Version
from tests.support.repository import doi_of

counter = iter(range(1000))
STAY = "A previous version used a DOI registered from"
LEAVE = "A previous version was published with a DOI from an external provider"


def messages_of(errors):
    return [str(m) for e in errors if e["field"] == "pids.doi" for m in e["messages"]]


def external():
    """Return an external DOI that no other record has."""
    identifier = f"10.4321/elsewhere.{next(counter)}"
    return {"doi": {"identifier": identifier, "provider": "external"}}


def next_version(repository, record, pids, identity=None):
    """Save a draft of the next version with these identifiers."""
    draft = service.new_version(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["publication_date"] = "2026-06-01"
    data["files"] = {"enabled": False}
    data["pids"] = pids
    return service.update_draft(identity or repository.identity, draft.id, data)


def managed(draft):
    return {"doi": {"identifier": f"10.1234/{draft.id}", "provider": "datacite"}}


# Defect 22


def test_22_a_new_version_stays_with_this_repository(repository, record_data):
    record = repository.publish(record_data)
    draft = next_version(repository, record, external())
    (message,) = messages_of(draft.errors)
    assert message.startswith(STAY)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert messages_of(raised.value.messages) == [message]


def test_22_those_who_manage_identifiers_may(repository, record_data):
    record = repository.publish(record_data)
    pids = external()
    draft = next_version(repository, record, pids, identity=system_identity)
    assert messages_of(draft.errors) == []
    version = service.publish(system_identity, draft.id)
    assert doi_of(version) == pids["doi"]["identifier"]


def test_a_new_version_without_a_word_about_its_doi_gets_one(repository, record_data):
    record = repository.publish(record_data)
    draft = next_version(repository, record, {})
    assert messages_of(draft.errors) == []
    assert doi_of(service.publish(repository.identity, draft.id))


# Defect 10: InvenioRDM checks the previous identifiers of the draft


@pytest.mark.parametrize("kind", ["external", "none"])
def test_10_what_is_not_allowed_is_told_when_it_is_saved(
    repository, record_data, doi_optional, kind
):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    record = service.publish(repository.identity, draft.id)
    draft = next_version(repository, record, external() if kind == "external" else {})
    (message,) = messages_of(draft.errors)
    assert message.startswith(STAY)


def test_10_what_is_allowed_is_not_complained_of(repository, record_data, doi_optional):
    record = repository.publish({**record_data, "pids": external()})
    draft = next_version(repository, record, {})
    assert messages_of(draft.errors) == []
    service.pids.create(repository.identity, draft.id, "doi")
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["pids"] = {}
    # The draft had a DOI that is not allowed; now it has none.
    saved = service.update_draft(repository.identity, draft.id, data)
    assert messages_of(saved.errors) == []


def test_after_a_doi_of_somebody_else_there_is_none_of_this_repository(
    repository, record_data, doi_optional
):
    record = repository.publish({**record_data, "pids": external()})
    draft = next_version(repository, record, {})
    service.pids.create(repository.identity, draft.id, "doi")
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert messages_of(raised.value.messages)[0].startswith(LEAVE)


# Defect 24


def a_version(provider):
    return Version(uuid4(), 1, None, provider, True, False)


def test_24_other_identifiers_do_not_count():
    pids = {"oai": {"identifier": "oai:x:1", "provider": "oai"}}
    assert provider_of({"pids": pids}) == "not_needed"
    assert provider_of({"pids": {**pids, **external()}}) == "external"


def test_24_what_the_form_writes_into_is_a_copy():
    before = deepcopy(TRANSITIONS)
    allowed = allowed_after(a_version("datacite"))
    allowed["message"] = "in the language of the first reader"
    assert before == TRANSITIONS


def test_24_the_rules_are_those_of_the_host():
    assert TRANSITIONS == OPTIONAL_DOI_TRANSITIONS


# The previous version


def edited(repository, record, pids=None, **metadata):
    """Save an edit of a published record without publishing it."""
    draft = service.edit(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"].update(metadata)
    if pids is not None:
        data["pids"] = pids
    return service.update_draft(repository.identity, record.id, data)


def test_what_was_published_once_may_be_edited(repository, record_data):
    """An import or an administrator published an external DOI after a managed one."""
    first = repository.publish(record_data)
    draft = next_version(repository, first, external(), identity=system_identity)
    second = service.publish(system_identity, draft.id)
    for record in (first, second):
        assert messages_of(edited(repository, record, title="Edited").errors) == []
        published = service.publish(repository.identity, record.id)
        assert published.data["metadata"]["title"] == "Edited"


@pytest.mark.parametrize("versions", [2, 3])
def test_an_older_version_is_not_compared_with_newer_ones(
    repository, record_data, versions
):
    first = repository.publish({**record_data, "pids": external()})
    last = first
    for _ in range(versions - 1):
        last = repository.new_version(last)
    assert doi_of(last).startswith("10.1234/")
    assert messages_of(edited(repository, first, title="Edited").errors) == []
    service.publish(repository.identity, first.id)


def test_a_record_is_not_compared_with_itself(repository, record_data, doi_optional):
    record = repository.publish(record_data)
    service.edit(repository.identity, record.id)
    draft = service.pids.create(repository.identity, record.id, "doi")
    data = deepcopy(draft.data)
    assert (
        messages_of(service.update_draft(repository.identity, record.id, data).errors)
        == []
    )
    assert doi_of(service.publish(repository.identity, record.id))


def test_a_deleted_version_does_not_count(repository, record_data):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    third = service.new_version(repository.identity, second.id)
    repository.delete(first)
    repository.delete(second)
    data = deepcopy(third.data)
    data["metadata"]["publication_date"] = "2026-07-01"
    data["files"], data["pids"] = {"enabled": False}, external()
    saved = service.update_draft(repository.identity, third.id, data)
    assert messages_of(saved.errors) == []
    assert service.publish(repository.identity, third.id)


def test_a_validator_of_the_site_is_the_only_one(
    repository, record_data, doi_optional, running_app, monkeypatch
):
    monkeypatch.setitem(
        running_app.config, "RDM_OPTIONAL_DOI_VALIDATOR", lambda *args, **kwargs: {}
    )
    first = repository.publish({**record_data, "pids": external()})
    draft = next_version(repository, first, {})
    service.pids.create(repository.identity, draft.id, "doi")
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    assert (
        messages_of(service.update_draft(repository.identity, draft.id, data).errors)
        == []
    )
    assert doi_of(service.publish(repository.identity, draft.id))


def site(config):
    """Return an application, as far as the hook uses it."""
    extensions = {"invenio-rdm-doi": SimpleNamespace(hooks=Hooks())}
    return SimpleNamespace(config=config, extensions=extensions)


def test_a_validator_of_the_site_stays():
    def own(*args, **kwargs):
        return {}

    config = {"RDM_OPTIONAL_DOI_VALIDATOR": own}
    use(site(config))
    assert config["RDM_OPTIONAL_DOI_VALIDATOR"] is own
    config = {"RDM_OPTIONAL_DOI_VALIDATOR": RDM_OPTIONAL_DOI_VALIDATOR}
    use(site(config))
    assert config["RDM_OPTIONAL_DOI_VALIDATOR"] is validate_optional_doi


# Defect 23


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
    # The same DOI can be reserved again.
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


def test_a_reserved_doi_is_kept_while_the_other_one_is_refused(repository, record_data):
    draft = repository.draft(record_data)
    reserved = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["pids"] = {"doi": {"identifier": "10.1234/typo", "provider": "external"}}
    assert messages_of(service.update_draft(repository.identity, draft.id, data).errors)
    assert repository.registration(reserved)
    assert repository.pid_status(reserved) == "N"


def test_dois_of_other_providers_are_left_alone(repository, record_data, database):
    draft = repository.draft(record_data)
    uuid = service.draft_cls.pid.resolve(draft.id, registered_only=False).id
    doi = f"10.4321/crossref.{next(counter)}"
    PersistentIdentifier.create(
        "doi",
        doi,
        pid_provider="crossref",
        object_type="rec",
        object_uuid=uuid,
        status=PIDStatus.NEW,
    )
    database.session.commit()
    service.update_draft(repository.identity, draft.id, deepcopy(draft.data))
    assert PersistentIdentifier.get("doi", doi)


def test_nobody_gives_back_a_doi_of_somebody_else(repository, record_data, make_user):
    draft = repository.draft(record_data)
    reserved = doi_of(service.pids.create(repository.identity, draft.id, "doi"))
    thief = make_user("thief")
    pids = {"doi": {"identifier": reserved, "provider": "datacite"}}
    stolen = service.create(thief.identity, {**deepcopy(record_data), "pids": pids})
    service.delete_draft(thief.identity, stolen.id)
    assert repository.pid_status(reserved) == "N"
    assert repository.registration(reserved)
    assert doi_of(service.publish(repository.identity, draft.id)) == reserved

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A DOI in a request is accepted only as far as PIDStore confirms it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from uuid import uuid4

import pytest
from invenio_access.permissions import system_identity
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from invenio_rdm_doi.choices.spelling import MOST_TYPED
from invenio_rdm_doi.doi import doi_key
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.pids import spellings
from tests.support.repository import Repository, concept_doi_of, doi_of, embargoed

MADE_HERE = "This repository generates its own DOIs"


@pytest.fixture()
def attacker(make_user):
    """Return another depositor."""
    return Repository(make_user("attacker").identity)


@pytest.fixture(scope="module")
def make_user(UserFixture, running_app, database):
    made = {}

    def make(name):
        if name not in made:
            user = UserFixture(email=f"{name}@example.org", password=f"{name}-pass")
            user.create(running_app, database)
            made[name] = user
        return made[name]

    return make


def managed(identifier):
    return {"doi": {"identifier": identifier, "provider": "datacite"}}


def external(identifier):
    return {"doi": {"identifier": identifier, "provider": "external"}}


def messages_of(item):
    return [
        str(message)
        for error in item.errors or []
        if error["field"] == "pids.doi"
        for message in error["messages"]
    ]


def mixed(doi):
    return "".join(c.upper() if i % 2 else c for i, c in enumerate(doi))


@pytest.mark.parametrize("spelling", [str, str.upper, mixed])
@pytest.mark.parametrize("state", ["registered", "reserved", "restricted", "concept"])
def test_the_doi_of_another_record_cannot_be_taken(
    repository, attacker, sandbox, record_data, spelling, state
):
    if state == "restricted":
        record_data["access"]["record"] = "restricted"
    if state == "reserved":
        victim = repository.draft(record_data)
        service.pids.create(repository.identity, victim.id, "doi")
        doi = f"10.1234/{victim.id}"
    else:
        draft = repository.draft(record_data)
        if state == "restricted":
            service.pids.create(repository.identity, draft.id, "doi")
        victim = service.publish(repository.identity, draft.id)
        doi = concept_doi_of(victim) if state == "concept" else doi_of(victim)
    repository.deliver()
    before = sandbox.doi(doi)
    row = repository.registration(doi)
    owner = row.owner_id

    data = deepcopy(record_data)
    data["access"]["record"] = "public"
    data["metadata"]["title"] = "Mine now"
    data["pids"] = managed(spelling(doi))
    draft = attacker.draft(data)
    assert any(MADE_HERE in message for message in messages_of(draft))
    assert "doi" not in draft.data["pids"]
    published = service.publish(attacker.identity, draft.id)
    repository.deliver()

    assert doi_key(doi_of(published)) != doi_key(doi)
    assert sandbox.doi(doi) == before
    assert repository.registration(doi).owner_id == owner
    assert "Mine now" not in str(sandbox.writes(doi))


@pytest.mark.parametrize(
    "suffix",
    [
        "nobel-prize-2026",
        "../../repositories/TEST.REPO",
        "x/../victim",
        "x//y",
        "x/",
        ".",
        "ü",
        "x y",
        "x\x00y",
        "x\ud800",
        "y" * 300,
    ],
)
def test_no_suffix_is_invented(repository, sandbox, record_data, suffix):
    record_data["pids"] = managed(f"10.1234/{suffix}")
    draft = repository.draft(record_data)
    assert any(MADE_HERE in message for message in messages_of(draft))
    record = service.publish(repository.identity, draft.id)
    assert doi_of(record) == f"10.1234/{record.id}"
    repository.deliver()
    assert {entry["path"] for entry in sandbox.writes()} <= {"/dois"}


def test_another_drafts_future_doi_cannot_be_blocked(repository, attacker, record_data):
    victim = repository.draft(record_data)
    data = record_data | {"pids": managed(f"10.1234/{victim.id}")}
    draft = attacker.draft(data)
    assert messages_of(draft)
    service.publish(attacker.identity, draft.id)
    record = service.publish(repository.identity, victim.id)
    assert doi_of(record) == f"10.1234/{victim.id}"


def test_the_doi_that_a_draft_would_get_counts_as_new(repository, record_data):
    draft = repository.draft(record_data)
    data = deepcopy(draft.data)
    data["pids"] = managed(f"10.1234/{draft.id}".upper())
    saved = service.update_draft(repository.identity, draft.id, data)
    assert messages_of(saved) == []
    assert saved.data["pids"]["doi"]["identifier"] == ""
    record = service.publish(repository.identity, draft.id)
    assert doi_of(record) == f"10.1234/{draft.id}"


def test_the_own_reserved_doi_is_believed_in_any_spelling(repository, record_data):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    own = data["pids"]["doi"]["identifier"]
    data["pids"]["doi"]["identifier"] = own.upper()
    saved = service.update_draft(repository.identity, draft.id, data)
    assert saved.data["pids"]["doi"]["identifier"] == own


def test_reserving_twice_returns_the_doi_that_there_is(repository, record_data):
    draft = repository.draft(record_data)
    first = service.pids.create(repository.identity, draft.id, "doi")
    again = service.pids.create(repository.identity, draft.id, "doi")
    assert again.data["pids"]["doi"] == first.data["pids"]["doi"]


def test_a_curator_who_accepts_does_not_approve_what_was_typed(
    repository, record_data, database
):
    """The user who saved the DOI is decisive. It was saved before it was checked."""
    draft = repository.draft(record_data)
    saved = service.draft_cls.pid.resolve(draft.id, registered_only=False)
    saved.pids = managed("10.1234/typed-by-a-depositor")
    saved.commit()
    database.session.commit()
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(system_identity, draft.id)
    assert MADE_HERE in str(raised.value.messages)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.pids.create(repository.identity, draft.id, "doi")
    assert MADE_HERE in str(raised.value.messages)


@pytest.mark.parametrize("status", [PIDStatus.DELETED, PIDStatus.RESERVED])
def test_a_doi_that_belonged_to_something_else_is_not_revived(
    repository, record_data, database, status
):
    other = repository.draft(record_data)
    pid = PersistentIdentifier.create(
        "doi",
        f"10.4321/gone.{status.value}",
        object_type="rec",
        object_uuid=other._record.id,
        status=PIDStatus.RESERVED,
    )
    pid.sync_status(status)
    database.session.commit()
    record_data["pids"] = external(pid.pid_value.upper())
    draft = repository.draft(record_data)
    assert messages_of(draft)
    with pytest.raises(ValidationErrorWithMessageAsList):
        service.publish(repository.identity, draft.id)


def test_a_migration_brings_a_doi_and_datacite_is_asked_before_it_is_written(
    repository, sandbox, record_data
):
    record_data["pids"] = managed("10.5678/Legacy.1")
    system = Repository(system_identity)
    draft = system.draft(record_data)
    assert messages_of(draft) == []
    record = service.publish(system_identity, draft.id)
    assert doi_of(record) == "10.5678/Legacy.1"
    repository.deliver()
    methods = [entry["method"] for entry in sandbox.log("10.5678/legacy.1")]
    assert methods == ["GET", "POST"]
    assert sandbox.state("10.5678/legacy.1") == "findable"


@pytest.mark.parametrize(
    "identifier", ["10.9999/not-ours", "10.1234/a/../b", "10.1234/ü", "10.1234/"]
)
def test_a_migration_cannot_bring_what_the_account_cannot_have(
    record_data, repository, identifier
):
    record_data["pids"] = managed(identifier)
    draft = Repository(system_identity).draft(record_data)
    assert messages_of(draft)
    assert "doi" not in draft.data["pids"]


# External DOIs


def test_an_external_doi_is_used_in_any_spelling(repository, attacker, record_data):
    record_data["pids"] = external("10.4321/Elsewhere.Case")
    repository.publish(record_data)
    record_data["pids"] = external("10.4321/ELSEWHERE.case")
    draft = attacker.draft(record_data)
    assert any("has this DOI already" in message for message in messages_of(draft))
    with pytest.raises(ValidationErrorWithMessageAsList):
        service.publish(attacker.identity, draft.id)


def test_a_sici_doi_stays_valid(repository, record_data):
    sici = "10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-#"
    record_data["pids"] = external(sici)
    assert doi_of(repository.publish(record_data)) == sici


@pytest.mark.parametrize(
    "identifier",
    ["10.4321/a\x00b", "10.4321/a\x1b[31m", "10.4321/\ud800", "10.4321/" + "x" * 300],
)
def test_what_no_database_or_page_can_hold_is_not_stored(
    repository, record_data, identifier
):
    record_data["pids"] = external(identifier)
    draft = repository.draft(record_data)
    # InvenioRDM's schema removes some characters before.
    kept = draft.data["pids"].get("doi", {}).get("identifier", "")
    assert kept.isprintable() and len(kept) <= MOST_TYPED
    assert kept or messages_of(draft)


def test_turkish_letters_are_not_folded(repository, attacker, record_data):
    """``str.lower`` turns one of them into two characters."""
    record_data["pids"] = external("10.4321/İstanbul")
    repository.publish(record_data)
    record_data["pids"] = external("10.4321/i̇stanbul")
    assert messages_of(attacker.draft(record_data)) == []


# Other providers


def test_a_provider_that_is_switched_off_is_refused(repository, record_data):
    record_data["pids"] = {"doi": {"identifier": "10.1234/x", "provider": "crossref"}}
    draft = repository.draft(record_data)
    assert any(
        "does not support this kind" in message for message in messages_of(draft)
    )
    assert "doi" not in draft.data["pids"]


def test_a_doi_of_this_repository_is_not_another_providers(
    repository, record_data, running_app, monkeypatch
):
    monkeypatch.setitem(running_app.config, "CROSSREF_ENABLED", True)
    record_data["pids"] = {"doi": {"identifier": "10.1234/x", "provider": "crossref"}}
    draft = repository.draft(record_data)
    assert any(
        "registers DOIs that begin with" in message for message in messages_of(draft)
    )


# Collisions and failing functions


@pytest.fixture()
def formatted(running_app, monkeypatch):
    """Return a setter for the site's FORMAT function."""

    def use(function):
        extension = running_app.extensions["invenio-rdm-doi"]
        for name in (
            "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
            "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS",
        ):
            for provider in running_app.config[name]:
                if provider.name == "datacite":
                    account = replace(extension.settings.account, format=function)
                    settings = replace(extension.settings, account=account)
                    monkeypatch.setattr(provider, "settings", settings)
                    monkeypatch.setattr(provider.client, "settings", settings)

    return use


def test_a_format_that_makes_a_doi_twice_is_an_error_at_the_field(
    repository, record_data, formatted, caplog
):
    formatted(lambda prefix, record: f"{prefix}/the-only-one.{type(record).__name__}")
    repository.publish(record_data)
    draft = repository.draft(record_data)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    (error,) = raised.value.messages
    assert error["field"] == "pids.doi"
    assert "already exists" in str(error["messages"])
    assert "doi.format.collision" in caplog.text


@pytest.mark.parametrize("makes", [None, 7, b"10.1234/x", ["10.1234/x"], 1 / 3])
def test_a_format_that_makes_no_text_is_an_error_at_the_field(
    repository, record_data, formatted, makes
):
    formatted(lambda prefix, record: makes)
    draft = repository.draft(record_data)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert raised.value.messages[0]["field"] == "pids.doi"


def test_a_format_that_fails_is_an_error_at_the_field(
    repository, record_data, formatted, caplog
):
    def fail(prefix, record):
        raise KeyError("no such field")

    formatted(fail)
    draft = repository.draft(record_data)
    with pytest.raises(ValidationErrorWithMessageAsList) as raised:
        service.publish(repository.identity, draft.id)
    assert raised.value.messages[0]["field"] == "pids.doi"
    assert "no such field" not in str(raised.value.messages)
    assert "doi.format.failed" in caplog.text


# A record's own DOI as an external one


def test_a_published_doi_does_not_become_external(repository, sandbox, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    for spelling in (doi, doi.upper()):
        service.edit(repository.identity, record.id)
        data = {**deepcopy(record_data), "pids": external(spelling)}
        service.update_draft(repository.identity, record.id, data)
        published = service.publish(repository.identity, record.id)
        assert published.data["pids"]["doi"]["provider"] == "datacite"
        assert doi_of(published) == doi
        repository.deliver()
        assert sandbox.state(doi) == "findable"
        assert PersistentIdentifier.get("doi", doi).status == PIDStatus.REGISTERED


@pytest.mark.parametrize("spelling", [str, str.upper])
def test_a_reserved_doi_does_not_become_external(
    repository, sandbox, record_data, spelling
):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    doi = f"10.1234/{draft.id}"
    data = {**deepcopy(record_data), "pids": external(spelling(doi))}
    service.update_draft(repository.identity, draft.id, data)
    published = service.publish(repository.identity, draft.id)
    assert published.data["pids"]["doi"]["provider"] == "datacite"
    repository.deliver()
    assert sandbox.state(doi) == "findable"
    assert len(spellings(doi)) == 1


def test_a_reserved_doi_called_external_goes_with_its_draft(repository, record_data):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    doi = f"10.1234/{draft.id}"
    data = {**deepcopy(record_data), "pids": external(doi)}
    service.update_draft(repository.identity, draft.id, data)
    service.delete_draft(repository.identity, draft.id)
    assert spellings(doi) == []
    assert repository.registration(doi) is None


@pytest.mark.parametrize("spelling", [str, str.upper])
def test_a_published_external_doi_does_not_become_managed(
    repository, record_data, spelling
):
    doi = f"10.4321/mine.{spelling.__name__}"
    record_data["pids"] = external(doi)
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    data = {**deepcopy(record_data), "pids": managed(spelling(doi))}
    saved = service.update_draft(repository.identity, draft.id, data)
    assert any(MADE_HERE in message for message in messages_of(saved))
    published = service.publish(repository.identity, record.id)
    assert published.data["pids"]["doi"]["provider"] == "external"


@pytest.mark.parametrize("pids", [managed(""), {}])
def test_a_published_external_doi_can_be_exchanged(
    repository, record_data, doi_optional, pids
):
    """A user with the permission does so; then another record may use the DOI."""
    record_data["pids"] = external("10.4321/exchanged")
    record = repository.publish(record_data)
    service.edit(system_identity, record.id)
    data = {**deepcopy(record_data), "pids": pids}
    service.update_draft(system_identity, record.id, data)
    published = service.publish(system_identity, record.id)
    if pids:
        assert doi_of(published) == f"10.1234/{record.id}"
    else:
        assert doi_of(published) is None
    assert spellings("10.4321/exchanged") == []


def test_an_external_doi_of_a_deleted_record_is_not_given_away(
    repository, attacker, record_data
):
    record_data["pids"] = external("10.4321/tombstone")
    record = repository.publish(record_data)
    repository.delete(record)
    with pytest.raises(ValidationErrorWithMessageAsList):
        attacker.publish({**record_data, "pids": external("10.4321/Tombstone")})
    repository.restore(record)
    assert doi_of(repository.edit(record, title="Restored")) == "10.4321/tombstone"
    assert len(spellings("10.4321/tombstone")) == 1


def test_a_removed_doi_that_was_taken_again_stays(
    repository, record_data, doi_optional
):
    record_data["pids"] = managed("")
    record = repository.publish(record_data)
    repository.deliver()
    current_doi.service.remove(system_identity, record.id)
    record = repository.edit(record, title="Without")
    assert doi_of(record) is None
    draft = service.edit(repository.identity, record.id)
    service.pids.create(system_identity, draft.id, "doi")
    again = service.publish(system_identity, record.id)
    assert doi_of(again) == f"10.1234/{record.id}"
    assert doi_of(repository.edit(again, title="Still there")) == doi_of(again)


@pytest.mark.parametrize("pids", [{}, {"doi": {}}, {"doi": None}])
def test_a_published_external_doi_that_is_left_out_stays_the_records(
    repository, attacker, record_data, pids
):
    """InvenioRDM keeps it on the record, so no other record may get it meanwhile."""
    doi = f"10.4321/left-out-{uuid4()}"
    record_data["pids"] = external(doi)
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    data = {**deepcopy(draft.data), "pids": pids}
    service.update_draft(repository.identity, record.id, data)
    record = service.publish(repository.identity, record.id)
    assert doi_of(record) == doi
    assert [pid.pid_value for pid in spellings(doi)] == [doi]
    record_data["pids"] = external(doi.replace("left", "LEFT"))
    with pytest.raises(ValidationErrorWithMessageAsList):
        service.publish(attacker.identity, attacker.draft(record_data).id)


@pytest.mark.parametrize("required", [True, False])
def test_a_depositor_does_not_exchange_a_published_external_doi(
    repository, record_data, required, request
):
    if not required:
        request.getfixturevalue("doi_optional")
    doi = f"10.4321/stays-{uuid4()}"
    record_data["pids"] = external(doi)
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    new = {"doi": {"identifier": "", "provider": "datacite"}}
    saved = service.update_draft(
        repository.identity, record.id, {**deepcopy(draft.data), "pids": new}
    )
    (error,) = [one for one in saved.errors if one["field"] == "pids.doi"]
    assert "published with an external DOI" in str(error["messages"][0])
    service.update_draft(
        repository.identity, record.id, {**deepcopy(draft.data), "pids": {}}
    )
    assert doi_of(service.publish(repository.identity, record.id)) == doi


def test_an_embargo_does_not_exchange_a_published_external_doi(repository, record_data):
    record_data["pids"] = external("10.4321/embargoed")
    record = repository.publish(record_data)
    draft = service.edit(repository.identity, record.id)
    data = embargoed(deepcopy(draft.data), record="restricted", files="restricted")
    service.update_draft(repository.identity, record.id, {**data, "pids": {}})
    assert doi_of(service.publish(repository.identity, record.id)) == (
        "10.4321/embargoed"
    )


@pytest.mark.parametrize("invisible", ["\u00ad", "\u200e"])
def test_what_is_invisible_is_taken_away(repository, record_data, invisible):
    unique = uuid4()
    record_data["pids"] = external(f"10.4321/{invisible}{unique}")
    assert doi_of(repository.publish(record_data)) == f"10.4321/{unique}"


def test_who_says_external_gets_no_other_doi(repository, record_data):
    """A refused DOI is not stored, but the choice of an external DOI is."""
    record_data["pids"] = external("10.4321/" + "x" * 2000)
    draft = repository.draft(record_data)
    assert messages_of(draft)
    with pytest.raises(ValidationErrorWithMessageAsList):
        service.publish(repository.identity, draft.id)

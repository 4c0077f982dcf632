# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes around a record, without an edit of the record, reach DataCite too.

This is defect 32 of InvenioRDM's own DOI support, which sends nothing in this case.
"""

from __future__ import annotations

import pytest
from invenio_access.permissions import system_identity
from invenio_communities.proxies import current_communities
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.proxies import current_record_communities_service
from invenio_vocabularies.proxies import current_service as vocabularies

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import marks
from invenio_rdm_doi.registration.models import Priority, Status
from tests.support.repository import concept_doi_of, doi_of

SITE = "https://repository.example.org"
counter = iter(range(1000))


@pytest.fixture()
def community(repository):
    """Return a function that creates a community."""

    def make(slug: str, visibility: str = "public"):
        slug = f"{slug}-{next(counter)}"
        return current_communities.service.create(
            system_identity,
            {
                "slug": slug,
                "metadata": {"title": slug},
                "access": {
                    "visibility": visibility,
                    "record_submission_policy": "open",
                },
            },
        )

    return make


def add(record, community):
    current_record_communities_service.bulk_add(
        system_identity, community.id, [record.id]
    )


def remove(record, community):
    current_record_communities_service.remove(
        system_identity, record.id, {"communities": [{"id": community.id}]}
    )


def part_of(sandbox, doi):
    """Return the identifiers in DataCite's IsPartOf relations of a DOI."""
    return [
        item["relatedIdentifier"]
        for item in sandbox.doi(doi)["relatedIdentifiers"]
        if item["relationType"] == "IsPartOf"
    ]


def relations(sandbox, doi):
    """Return the related DOIs of versions by relation type."""
    return {
        item["relationType"]: item["relatedIdentifier"]
        for item in sandbox.doi(doi)["relatedIdentifiers"]
    }


# Communities


def test_a_record_that_is_added_to_a_community_says_so(
    repository, sandbox, record_data, community
):
    record = repository.publish(record_data)
    repository.deliver()
    sea = community("sea")
    add(record, sea)
    # The request adds a single row; a worker processes it.
    assert [mark["scope"] for mark in marks.left()] == ["parent"]
    assert marks.go_on(current_doi.settings.prefixes) == 2 and marks.left() == []
    row = repository.registration(doi_of(record))
    # It has a low priority, so records published meanwhile go first.
    assert (row.status, row.priority) == (Status.FINDABLE, Priority.BULK)
    assert repository.deliver() == {"done": 2}
    for doi in (doi_of(record), concept_doi_of(record)):
        assert part_of(sandbox, doi) == [f"{SITE}/communities/{sea.data['slug']}/"]


def test_a_record_that_is_removed_from_a_community_says_so(
    repository, sandbox, record_data, community
):
    record = repository.publish(record_data)
    sea, tides = community("sea"), community("tides")
    add(record, sea)
    add(record, tides)
    repository.deliver()
    remove(record, sea)
    repository.deliver()
    assert part_of(sandbox, doi_of(record)) == [
        f"{SITE}/communities/{tides.data['slug']}/"
    ]


def test_a_community_gets_another_address(repository, sandbox, record_data, community):
    record, other = repository.publish(record_data), repository.publish(record_data)
    sea = community("sea")
    add(record, sea)
    repository.deliver()
    slug = f"ocean-{next(counter)}"
    current_communities.service.rename(system_identity, sea.id, {"slug": slug})
    assert repository.deliver() == {"done": 2}
    assert part_of(sandbox, doi_of(record)) == [f"{SITE}/communities/{slug}/"]
    assert part_of(sandbox, doi_of(other)) == []


def test_a_community_becomes_restricted_and_its_name_goes(
    repository, sandbox, record_data, community
):
    record = repository.publish(record_data)
    sea = community("sea")
    add(record, sea)
    repository.deliver()
    data = {**sea.data, "access": {**sea.data["access"], "visibility": "restricted"}}
    current_communities.service.update(system_identity, sea.id, data)
    repository.deliver()
    assert part_of(sandbox, doi_of(record)) == []


def test_a_restricted_community_is_never_named(
    repository, sandbox, record_data, community
):
    record = repository.publish(record_data)
    add(record, community("secret", visibility="restricted"))
    repository.deliver()
    assert "secret" not in str(sandbox.log())


def test_other_changes_of_a_community_ask_for_nothing(
    repository, sandbox, record_data, community
):
    record = repository.publish(record_data)
    sea = community("sea")
    add(record, sea)
    repository.deliver()
    data = {**sea.data, "metadata": {**sea.data["metadata"], "description": "Deep."}}
    current_communities.service.update(system_identity, sea.id, data)
    assert repository.deliver() == {}


def test_what_is_rolled_back_asks_for_nothing(
    repository, sandbox, record_data, community, database
):
    record = repository.publish(record_data)
    repository.deliver()
    parent = service.record_cls.pid.resolve(record.id).parent
    parent.communities.add(community("sea").id)
    parent.commit()
    database.session.rollback()
    assert repository.deliver() == {}


# Versions


def test_a_new_version_is_named_by_the_one_before(repository, sandbox, record_data):
    first = repository.publish(record_data)
    repository.deliver()
    second = repository.new_version(first)
    assert repository.deliver() == {"done": 3}
    concept = concept_doi_of(first)
    assert relations(sandbox, doi_of(first)) == {
        "IsVersionOf": concept,
        "IsPreviousVersionOf": doi_of(second),
    }
    assert relations(sandbox, doi_of(second)) == {
        "IsVersionOf": concept,
        "IsNewVersionOf": doi_of(first),
    }


def test_a_version_in_the_middle_goes_and_comes_back(repository, sandbox, record_data):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    third = repository.new_version(second)
    repository.deliver()
    before = {r.id: relations(sandbox, doi_of(r)) for r in (first, second, third)}
    repository.delete(second)
    repository.deliver()
    assert relations(sandbox, doi_of(first))["IsPreviousVersionOf"] == doi_of(third)
    assert relations(sandbox, doi_of(third))["IsNewVersionOf"] == doi_of(first)
    repository.restore(second)
    repository.deliver()
    after = {r.id: relations(sandbox, doi_of(r)) for r in (first, second, third)}
    assert after == before


def test_a_restricted_version_is_not_named(repository, sandbox, record_data):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    third = repository.new_version(second)
    repository.deliver()
    repository.change_access(second, record="restricted")
    repository.deliver()
    named = {**relations(sandbox, doi_of(first)), **relations(sandbox, doi_of(third))}
    assert doi_of(second) not in named.values()
    assert relations(sandbox, doi_of(first))["IsPreviousVersionOf"] == doi_of(third)


def test_an_edit_of_a_version_sends_only_that_version(repository, sandbox, record_data):
    first = repository.publish(record_data)
    second = repository.new_version(first)
    repository.deliver()
    repository.edit(first, title="Another title")
    assert repository.deliver() == {"done": 1, "unchanged": 2}
    assert "IsNewVersionOf" in relations(sandbox, doi_of(second))


# Everything at once: invenio doi sync


def test_a_changed_vocabulary_reaches_datacite_with_a_synchronization(
    repository, sandbox, record_data, run
):
    record_data["metadata"]["resource_type"] = {"id": "image-photo"}
    record = repository.publish(record_data)
    repository.deliver()
    item = vocabularies.read(system_identity, ("resourcetypes", "image-photo"))
    changed = {**item.data, "props": {**item.data["props"], "datacite_type": "Glass"}}
    vocabularies.update(system_identity, ("resourcetypes", "image-photo"), changed)
    try:
        assert run("sync")[0] == 0
        repository.deliver()
        assert sandbox.doi(doi_of(record))["types"]["resourceType"] == "Glass"
    finally:
        vocabularies.update(
            system_identity, ("resourcetypes", "image-photo"), item.data
        )


def test_another_host_name_reaches_datacite_with_a_synchronization(
    repository, sandbox, record_data, run, running_app, monkeypatch, community
):
    record = repository.publish(record_data)
    sea = community("sea")
    add(record, sea)
    repository.deliver()
    monkeypatch.setattr(
        "invenio_rdm_doi.registration.subject.landing_page",
        lambda doi: f"https://new.example.org/doi/{doi}",
    )
    assert run("sync")[0] == 0
    repository.deliver()
    for doi in (doi_of(record), concept_doi_of(record)):
        assert sandbox.doi(doi)["url"] == f"https://new.example.org/doi/{doi}"

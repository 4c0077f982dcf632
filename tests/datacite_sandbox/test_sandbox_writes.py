# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Creating, changing and deleting DOIs (facts 2)."""

from __future__ import annotations

import re

import pytest

from .helpers import DOI, FULL, METADATA, OTHER, URL, decoded, metadata, read


def test_post_creates_a_draft_from_a_doi_alone(owner):
    """post_spec.rb:1481."""
    answer = owner.post(doi="10.14454/10704")
    assert answer.status_code == 201
    assert read(answer)["doi"] == "10.14454/10704"
    assert read(answer)["state"] == "draft"
    assert answer.headers["Location"].endswith("/dois/10.14454/10704")


def test_post_with_a_prefix_gets_a_random_suffix(owner):
    """post_spec.rb:138."""
    stored = read(owner.post(prefix="10.14454"))
    assert re.fullmatch(r"10\.14454/[0-9a-z]{4}-[0-9a-z]{2}\d\d", stored["doi"])


def test_post_ignores_the_suffix(owner):
    """params_sanitizer.rb:306: prefix and suffix are read-only."""
    assert read(owner.post(prefix="10.14454", suffix="mine"))["suffix"] != "mine"


def test_post_without_doi_and_prefix_is_forbidden(owner):
    assert owner.post(**metadata()).status_code == 403


def test_post_with_a_bad_prefix_alone_is_a_500(owner):
    """``IdentifierError`` is not rescued (compressed_requests.rb:32-38)."""
    answer = owner.post(prefix="10.x")
    assert answer.status_code == 500
    assert answer.json() == {"status": 400, "title": "No valid prefix found"}


def test_post_of_a_malformed_doi_is_forbidden(owner):
    """post_spec.rb:1505."""
    answer = owner.post(doi="10.aaaa03", url=URL)
    assert answer.status_code == 403
    title = "You are not authorized to access this resource."
    assert answer.json() == {"errors": [{"status": "403", "title": title}]}


def test_post_of_an_existing_doi_is_refused(owner):
    """post_spec.rb:1552."""
    owner.put(**metadata(event="publish"))
    answer = owner.post(doi=DOI.upper(), **metadata(event="publish"))
    assert answer.status_code == 422
    title = "This DOI has already been taken"
    assert answer.json() == {"errors": [{"source": "doi", "title": title, "uid": DOI}]}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_put_and_patch_create_an_unknown_doi(owner, method):
    """patch_spec.rb:234, dois_spec:1346: upsert with 201."""
    answer = owner.send(method, f"/dois/{DOI}", metadata(event="publish"))
    assert answer.status_code == 201
    assert read(answer)["state"] == "findable"
    assert "Location" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_put_and_patch_of_an_existing_doi_are_the_same(owner, method):
    """routes.rb:207."""
    owner.put(**metadata())
    answer = owner.send(method, f"/dois/{DOI}", {"url": "https://a.org"})
    assert answer.status_code == 200
    stored = read(answer)
    assert stored["url"] == "https://a.org"
    assert stored["titles"] == METADATA["titles"]


def test_put_can_be_repeated(owner):
    codes = [owner.put(**metadata(event="publish")).status_code for _ in range(3)]
    assert codes == [201, 200, 200]


@pytest.mark.parametrize("existing", [False, True])
def test_the_doi_of_the_path_wins(owner, existing):
    """DC:618-627."""
    if existing:
        owner.put(**metadata())
    stored = read(owner.put(DOI, doi="10.14454/another", **metadata()))
    assert stored["doi"] == DOI
    assert owner.get("/dois/10.14454/another").status_code == 404


def test_put_of_something_that_is_no_doi_is_a_404(owner):
    assert owner.put("nonsense", **metadata()).status_code == 404


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("empty", [[], None])
def test_an_empty_list_clears_and_a_missing_one_keeps(owner, name, empty):
    """patch_spec.rb:783-980."""
    owner.put(**metadata(**FULL))
    assert len(owner.read()[name]) == len(FULL[name])
    assert len(read(owner.put(url=URL))[name]) == len(FULL[name])
    assert read(owner.put(**{name: empty}))[name] == []


@pytest.mark.parametrize("name", ["language", "version", "publicationYear", "url"])
def test_null_clears_a_plain_value_and_a_missing_one_is_kept(owner, name):
    owner.put(**metadata(language="en", version="2"))
    before = owner.read()[name]
    assert before is not None
    assert read(owner.put(reason="x"))[name] == before
    assert read(owner.put(**{name: None}))[name] is None


def test_a_list_is_replaced_as_a_whole(owner):
    owner.put(**metadata(subjects=[{"subject": "a"}, {"subject": "b"}]))
    stored = read(owner.put(subjects=[{"subject": "c"}]))
    assert stored["subjects"] == [{"subject": "c"}]


def test_clearing_alternate_identifiers_clears_identifiers(owner):
    """patch_spec.rb:830-890."""
    owner.put(**metadata(identifiers=FULL["identifiers"]))
    stored = read(owner.put(alternateIdentifiers=[]))
    assert (stored["identifiers"], stored["alternateIdentifiers"]) == ([], [])
    assert "alternateIdentifiers" not in decoded(owner.get(f"/dois/{DOI}"))


def test_url_and_event_alone_leave_the_xml_untouched(owner):
    """params_sanitizer.rb:349-374."""
    owner.put(**metadata())
    before = owner.read()
    after = read(owner.put(url="https://a.org", event="publish"))
    assert after["xml"] == before["xml"]
    assert after["metadataVersion"] == before["metadataVersion"] == 0


def test_metadata_version_counts_changes_of_the_xml(owner):
    """MD:103."""
    versions = [
        read(owner.put(**metadata(version=version)))["metadataVersion"]
        for version in ("1", "1", "2", "2", "3")
    ]
    assert versions == [0, 0, 1, 1, 2]


def test_updated_changes_with_every_write_and_created_with_none(owner, clock):
    """doi.rb:2560-2565; even a write that changes nothing."""
    first = read(owner.put(**metadata()))
    clock.tick(90)
    second = read(owner.put())
    assert first["created"] == second["created"] == "2026-01-01T00:00:00.000Z"
    assert second["updated"] == "2026-01-01T00:01:30.000Z"


def test_source_is_api_unless_sent(owner):
    assert read(owner.put())["source"] == "api"
    assert read(owner.put(source="test"))["source"] == "test"


def test_a_version_number_becomes_text(owner):
    """post_spec.rb:114."""
    assert read(owner.post(doi=DOI, version=45))["version"] == "45"


def test_a_version_that_is_too_long_is_a_500(owner):
    answer = owner.put(**metadata(version="v" * 192))
    assert answer.status_code == 500
    assert answer.json()["status"] == 400
    assert owner.get(f"/dois/{DOI}").status_code == 404


def test_a_year_that_no_column_can_hold_is_a_500(owner):
    answer = owner.put(publicationYear=10**30)
    assert (answer.status_code, answer.json()["status"]) == (500, 400)


def test_read_only_attributes_are_accepted_and_ignored(owner):
    """patch_spec.rb:51."""
    owner.put(**metadata())
    before = owner.read()
    sent = {"viewCount": 7, "published": "1999", "created": "1999", "container": {}}
    after = read(owner.put(**sent))
    assert {key: after[key] for key in sent} == {key: before[key] for key in sent}


def test_what_is_served_can_be_sent_back(owner):
    """A client may read, change and write without losing data."""
    owner.put(**metadata(event="publish", **FULL))
    options = {"affiliation": "true", "publisher": "true"}
    before = owner.read(**options)
    owner.put(**{key: part for key, part in before.items() if key != "xml"})
    after = owner.read(**options)
    ignored = ("xml", "metadataVersion", "updated")
    for key in ignored:
        del before[key], after[key]
    assert after == before


def test_a_draft_can_be_deleted(owner):
    """dois_spec:1642."""
    owner.put(**metadata())
    answer = owner.delete()
    assert (answer.status_code, answer.content) == (204, b"")
    assert owner.get(f"/dois/{DOI}").status_code == 404


@pytest.mark.parametrize("event", ["register", "publish"])
def test_any_other_doi_cannot_be_deleted(owner, event):
    """dois_spec:1653."""
    owner.put(**metadata(event=event))
    answer = owner.delete()
    assert answer.status_code == 405
    error = {"status": "405", "title": "Method not allowed"}
    assert answer.json() == {"errors": [error]}
    assert answer.headers["Allow"] == "HEAD, GET, POST, PATCH, PUT, OPTIONS"
    assert owner.get(f"/dois/{DOI}").status_code == 200


def test_deleting_an_absent_doi_is_a_404(owner):
    assert owner.delete().status_code == 404


def test_a_member_moves_a_doi_to_another_repository(owner, member):
    """patch_spec.rb:620."""
    owner.put(**metadata())
    client = {"client": {"data": {"type": "clients", "id": OTHER.uid}}}
    sent = {"mode": "transfer"}
    answer = member.send("PUT", f"/dois/{DOI}", sent, relationships=client)
    assert answer.status_code == 200
    related = answer.json()["data"]["relationships"]
    assert related["client"]["data"]["id"] == "other.repo"
    assert read(answer)["titles"] == METADATA["titles"]


def test_a_repository_cannot_move_a_doi(owner):
    """patch_spec.rb:603."""
    owner.put(**metadata())
    assert owner.put(mode="transfer").status_code == 403


@pytest.mark.parametrize("suffix", ["a//b", "a/b/c", "nvb5=", "nvb4$", "nvb3~", "a;b"])
def test_unusual_suffixes_are_found_again(owner, suffix):
    """doi_spec.rb:12."""
    doi = f"10.14454/{suffix}"
    assert owner.put(doi, **metadata()).status_code == 201
    assert owner.read(doi)["doi"] == doi


def test_names_are_case_insensitive_and_served_lower(owner):
    """dois_spec:2233, doi.rb:1472, 1827."""
    owner.put("10.14454/AbC", **metadata())
    data = owner.get("/dois/10.14454/aBC").json()["data"]
    assert data["id"] == data["attributes"]["doi"] == "10.14454/abc"
    assert owner.put("10.14454/ABC", url=URL).status_code == 200
    assert ">10.14454/ABC</identifier>" in decoded(owner.get("/dois/10.14454/abc"))


@pytest.mark.parametrize("name", FULL)
def test_every_attribute_comes_back_as_sent(owner, name):
    """post_spec.rb:313: round trip of all properties."""
    owner.put(**metadata(event="publish", **FULL))
    stored = owner.read(affiliation="true")[name]
    if name in ("creators", "contributors"):
        both = {"affiliation": [], "nameIdentifiers": []}
        assert stored == [{**both, **item} for item in FULL[name]]
    else:
        assert stored == FULL[name]

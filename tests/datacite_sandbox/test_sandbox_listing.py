# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""GET /dois: visibility, order and pages of the list (facts 2)."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from .helpers import DOI, KERNEL_4, metadata


def uids(answer):
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["data"]]


def suffixes(answer):
    return [uid.split("/")[1] for uid in uids(answer)]


def make(client, *names, prefix="10.14454", **changes):
    for name in names:
        answer = client.put(f"{prefix}/{name}", **metadata(**changes))
        assert answer.status_code == 201, answer.text


@pytest.fixture()
def ten(owner, clock):
    """Return ten findable DOIs, created one second apart."""
    for name in "abcdefghij":
        clock.tick()
        make(owner, name, event="publish")
    return owner


# Visibility


@pytest.fixture()
def of_two(owner, other):
    """Create a DOI in each state for two accounts."""
    for event, name in ((None, "draft"), ("register", "reg"), ("publish", "find")):
        make(owner, name, event=event)
        make(other, name, prefix="10.5072", event=event)


@pytest.mark.usefixtures("of_two")
@pytest.mark.parametrize("who", ["anonymous", "mistyped"])
@pytest.mark.parametrize("state", [None, "draft", "registered,findable"])
def test_nobody_in_particular_sees_findable_dois_only(request, who, state):
    """auth_headers_spec:44-60; the parameter ``state`` does not change that."""
    answer = request.getfixturevalue(who).get("/dois", state=state)
    assert sorted(uids(answer)) == ["10.14454/find", "10.5072/find"]


@pytest.mark.usefixtures("of_two")
@pytest.mark.parametrize("who", ["owner", "other", "member", "inactive"])
def test_an_account_sees_the_dois_of_all_accounts(request, who):
    """DC:71-74, auth_headers_spec:63-100: drafts too, unless ``client-id`` is given."""
    assert len(uids(request.getfixturevalue(who).get("/dois"))) == 6


@pytest.mark.usefixtures("of_two")
@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({"client-id": "test.repo"}, 3),
        ({"client_id": "test.repo"}, 3),
        ({"client-id": "TEST.Repo"}, 3),
        ({"client-id": "test.repo,other.repo"}, 6),
        ({"client-id": "test.repo", "provider-id": "other"}, 6),
        ({"provider-id": "test"}, 3),
        ({"client-id": "no.such"}, 0),
        ({"prefix": "10.5072"}, 3),
        ({"prefix": "10.5072,10.14454"}, 6),
        ({"state": "draft"}, 2),
        ({"state": "registered,findable"}, 4),
        ({"state": "draft", "client-id": "test.repo", "prefix": "10.5072"}, 0),
        ({"source": "api"}, 6),
        ({"source": "else"}, 0),
        ({"updated": "1999"}, 6),  # there is no such filter
        ({"nonsense": "x"}, 6),
    ],
)
def test_filters(owner, params, number):
    answer = owner.get("/dois", **params)
    assert len(uids(answer)) == answer.json()["meta"]["total"] == number


def test_a_nested_path_does_not_filter(owner, other):
    """``/repositories/{id}/dois`` ignores the id [code reading]."""
    make(owner, "a")
    make(other, "b", prefix="10.5072")
    assert len(uids(owner.get("/repositories/test.repo/dois"))) == 2


def test_filters_on_metadata(owner):
    make(owner, "a", types={"resourceTypeGeneral": "JournalArticle"})
    make(owner, "b", publicationYear=2020, schemaVersion=f"{KERNEL_4}.3")
    assert suffixes(owner.get("/dois", **{"resource-type-id": "journal-article"})) == [
        "a"
    ]
    assert suffixes(owner.get("/dois", published="2019,2021")) == ["b"]
    assert suffixes(owner.get("/dois", published="2016")) == ["a"]
    assert suffixes(owner.get("/dois", **{"schema-version": "4.3"})) == ["b"]


@pytest.mark.parametrize("name", ["created", "registered"])
def test_filters_on_years(owner, clock, name):
    make(owner, "a", event="register")
    clock.tick(366 * 86400)
    make(owner, "b", event="register")
    assert suffixes(owner.get("/dois", **{name: "2026"})) == ["a"]
    assert suffixes(owner.get("/dois", **{name: "2027"})) == ["b"]
    assert len(uids(owner.get("/dois", **{name: "2027,2025"}))) == 2


@pytest.mark.parametrize("name", ["created", "registered", "published"])
def test_only_years_can_be_asked_for(owner, name):
    """The index reports an error in its own format (DC:440-450)."""
    answer = owner.get("/dois", **{name: "2026-01-01"})
    assert answer.status_code == 400
    assert isinstance(answer.json()["errors"]["title"], str)


def test_ids_in_any_case(owner):
    make(owner, "a", "b", "c")
    answer = owner.get("/dois", ids="10.14454/A,10.14454/c,10.14454/zzz")
    assert sorted(suffixes(answer)) == ["a", "c"]


# Order and pages


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        (None, "j"),
        ("-updated", "j"),
        ("updated", "a"),
        ("created", "a"),
        ("-created", "j"),
        ("name", "a"),
        ("-name", "j"),
        ("nonsense", "j"),
    ],
)
def test_sort(ten, sort, first):
    assert suffixes(ten.get("/dois", sort=sort))[0] == first


def test_a_write_moves_a_doi_to_the_front(ten, clock):
    clock.tick()
    ten.put("10.14454/c", reason="x")
    assert suffixes(ten.get("/dois"))[0] == "c"


def test_25_of_a_page_unless_asked_otherwise(owner):
    make(owner, *(f"x{number}" for number in range(26)))
    answer = owner.get("/dois")
    assert len(uids(answer)) == 25
    assert answer.json()["meta"] == {"total": 26, "totalPages": 2, "page": 1}


@pytest.mark.parametrize(
    ("size", "number", "found", "page", "pages"),
    [
        (4, 1, "abcd", 1, 3),
        (4, 3, "ij", 3, 3),
        (4, 9, "", 9, 3),  # dois_spec:158
        (5, 2, "fghij", 2, 2),
        (0, 1, "", 1, 0),
        (4, 0, "abcd", 1, 3),
        (4, -1, "abcd", 1, 3),
        (1000, 11, "", 10, 1),  # clamped to 10 000 results
        (2000, 1, "abcdefghij", 1, 1),  # size is clamped to 1000
    ],
)
def test_pages_by_number(ten, size, number, found, page, pages):
    """dois_spec:110-165, paginatable.rb."""
    params = {"page[size]": size, "page[number]": number}
    answer = ten.get("/dois", sort="name", **params)
    assert "".join(suffixes(answer)) == found
    meta = answer.json()["meta"]
    assert meta == {"total": 10, "totalPages": pages, "page": page}


def test_a_negative_size_is_an_error_of_the_index(owner):
    answer = owner.get("/dois", **{"page[size]": -5})
    assert answer.status_code == 400
    title = "[size] parameter cannot be negative, found [-5]"
    assert answer.json() == {"errors": {"title": title}}


def follow(client, answer):
    """Follow ``links.next`` and return the suffixes of every page."""
    pages = [suffixes(answer)]
    while "next" in answer.json()["links"]:
        link = answer.json()["links"]["next"]
        assert link.startswith(f"{client.url}/dois?")
        answer = client.get(link.removeprefix(client.url))
        pages.append(suffixes(answer))
    return pages


@pytest.mark.parametrize("size", [3, 4, 5, 10, 11])
def test_the_next_links_lead_through_all_pages(ten, size):
    """dois_spec:110-150."""
    answer = ten.get("/dois", **{"page[size]": size})
    pages = follow(ten, answer)
    assert "".join(sum(pages, [])) == "jihgfedcba"
    assert len(pages) == -(-10 // size)


@pytest.mark.parametrize("start", ["", "1", "not%base64"])
@pytest.mark.parametrize("size", [3, 4, 10, 11])
def test_the_cursor_leads_through_everything_oldest_first(ten, size, start):
    """dois_spec:167; the order is always created, uid."""
    answer = ten.get("/dois", **{"page[cursor]": start, "page[size]": size})
    assert "".join(sum(follow(ten, answer), [])) == "abcdefghij"
    assert "page" not in answer.json()["meta"]


def test_with_a_cursor_a_full_last_page_has_a_next_one(ten):
    """DC:321: the page number is always 1, so the end is an empty page."""
    pages = follow(ten, ten.get("/dois", **{"page[cursor]": "", "page[size]": 5}))
    assert [len(page) for page in pages] == [5, 5, 0]


def test_the_form_of_the_cursor(ten):
    """paginatable.rb: URL-safe base64 of milliseconds and DOI, without padding."""
    answer = ten.get("/dois", **{"page[cursor]": "1", "page[size]": 2})
    query = parse_qs(urlsplit(answer.json()["links"]["next"]).query)
    (cursor,) = query["page[cursor]"]
    decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    assert decoded == "1767225602000,10.14454/b"
    assert "=" not in cursor


def test_a_cursor_holds_while_dois_are_added_and_removed(owner, clock):
    make(owner, "a", "b", "c")
    answer = owner.get("/dois", **{"page[cursor]": "", "page[size]": 2})
    owner.delete("10.14454/b")
    clock.tick()
    make(owner, "aa")
    assert follow(owner, answer) == [["a", "b"], ["c", "aa"], []]


def test_dois_of_the_same_second_are_told_apart(owner, clock):
    """Therefore the cursor contains the DOI."""
    make(owner, *"edcba")
    answer = owner.get("/dois", **{"page[cursor]": "", "page[size]": 1})
    assert "".join(sum(follow(owner, answer), [])) == "abcde"


def test_cursor_and_random_exclude_each_other(ten):
    """dois_spec:206."""
    answer = ten.get("/dois", **{"page[cursor]": "1", "random": "true"})
    assert answer.status_code == 400
    title = (
        "Cursor-based pagination and random sampling are mutually exclusive, "
        "please choose one or the other."
    )
    assert answer.json() == {"errors": [{"status": "400", "title": title}]}


def test_random_without_cursor(ten):
    assert sorted(suffixes(ten.get("/dois", random="true"))) == list("abcdefghij")


def test_the_next_link_keeps_some_parameters_and_loses_others(ten):
    """DC:329-374."""
    kept = {
        "client-id": "test.repo",
        "provider-id": "test",
        "prefix": "10.14454",
        "created": "2026",
        "registered": "2026",
        "published": "2016",
        "resource-type-id": "text",
        "detail": "true",
        "affiliation": "true",
        "publisher": "true",
        "disable-facets": "true",
        "fields[dois]": "doi,url",
    }
    lost = {
        "state": "findable",
        "sort": "name",
        "include": "client",
        "source": "api",
        "schema-version": "4",
    }
    answer = ten.get("/dois", **kept, **lost, **{"page[size]": 2})
    link = parse_qs(urlsplit(answer.json()["links"]["next"]).query)
    assert {name: link[name] for name in kept} == {
        name: [value] for name, value in kept.items()
    }
    assert lost.keys().isdisjoint(link)


def test_the_self_link_is_the_request(ten):
    answer = ten.get("/dois", **{"page[size]": 2})
    assert answer.json()["links"]["self"] == answer.url


@pytest.mark.parametrize("sent", [{}, {"disable-facets": "true"}])
def test_no_facets_by_default(ten, sent):
    """doc:datacite-rest-api-facets-meta-default-change."""
    assert ten.get("/dois", **sent).json()["meta"].keys() == {
        "total",
        "totalPages",
        "page",
    }


def test_facets_on_demand(ten):
    """dois_spec:327-450, reduced."""
    meta = ten.get("/dois", **{"disable-facets": "false"}).json()["meta"]
    assert meta["states"] == [{"id": "findable", "title": "findable", "count": 10}]
    assert meta["created"] == [{"id": "2026", "title": "2026", "count": 10}]


# Format of an item


@pytest.mark.parametrize("name", ["xml", "prefix", "suffix", "alternateIdentifiers"])
def test_detail_adds_to_the_items(ten, name):
    """SER:76-135, dois_spec:240."""
    plain = ten.get("/dois", **{"page[size]": 1}).json()["data"][0]
    detail = ten.get("/dois", **{"page[size]": 1, "detail": "true"}).json()["data"][0]
    assert name not in plain["attributes"]
    assert detail["attributes"][name] is not None
    assert plain["relationships"].keys() == {"client"}
    assert detail["relationships"]["provider"]["data"]["id"] == "test"
    assert "media" not in detail["relationships"]


@pytest.mark.parametrize(
    ("fields", "attributes", "relationships"),
    [
        ("id", set(), set()),  # dois_spec:272
        ("id,subjects", {"subjects"}, set()),  # dois_spec:287
        ("state,updated,client", {"state", "updated"}, {"client"}),
        ("publicationYear,publication_year", {"publicationYear"}, set()),
    ],
)
def test_sparse_fields(ten, fields, attributes, relationships):
    for item in ten.get("/dois", **{"fields[dois]": fields}).json()["data"]:
        assert item["id"] and item["type"] == "dois"
        assert item["attributes"].keys() == attributes
        assert item["relationships"].keys() == relationships


def test_sparse_fields_only_work_on_the_list(owner):
    owner.put(**metadata())
    assert len(owner.read(**{"fields[dois]": "state"})) > 10


def test_times_in_a_list_differ_from_those_of_one_doi(owner, clock):
    """Facts 4 [code reading]."""
    owner.put(**metadata(event="publish"))
    (item,) = owner.get("/dois").json()["data"]
    assert item["attributes"]["updated"] == "2026-01-01T00:00:00Z"
    assert item["attributes"]["published"] is None
    assert owner.read()["updated"] == "2026-01-01T00:00:00.000Z"
    assert owner.read()["published"] == "2016"


@pytest.mark.parametrize("path", ["/dois", f"/dois/{DOI}"])
def test_unknown_formats_are_not_acceptable(owner, path):
    """application_controller.rb:113, content_negotiation_spec."""
    owner.put(**metadata(event="publish"))
    answer = owner.get(path, headers={"Accept": "application/x-unknown"})
    assert answer.status_code == 406
    error = {"status": "406", "title": "The content type is not recognized."}
    assert answer.json() == {"errors": [error]}


@pytest.mark.parametrize(
    "accept",
    ["application/json", "application/vnd.api+json", "*/*", "text/html, */*;q=0.1"],
)
def test_formats_that_mean_json(owner, accept):
    owner.put(**metadata(event="publish"))
    answer = owner.get(f"/dois/{DOI}", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_searching_is_refused_and_not_ignored(ten):
    """A client that filters by a query must not take all DOIs for its result."""
    answer = ten.get("/dois", query="titles.title:dog")
    assert answer.status_code == 400
    assert "does not search" in answer.json()["errors"]["title"]


def test_what_changed_since_can_be_asked_for(ten):
    everything = ten.get("/dois", query="updated:[2000-01-01T00:00:00Z TO *]")
    assert everything.json()["meta"]["total"] == 10
    nothing = ten.get("/dois", query="updated:[2999-01-01T00:00:00Z TO *]")
    assert nothing.json()["meta"]["total"] == 0
    assert ten.get("/dois", query="updated:[now TO *]").status_code == 400

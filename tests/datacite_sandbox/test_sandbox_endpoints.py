# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The API apart from writing and listing DOIs (facts 2)."""

from __future__ import annotations

import re

import pytest

from .helpers import DOI, URL, metadata

NOT_FOUND = {
    "errors": [
        {"status": "404", "title": "The resource you are looking for doesn't exist."}
    ]
}


def test_a_suffix_from_a_number(anonymous):
    """dois_spec:1784."""
    answer = anonymous.get("/dois/random", prefix="10.14454", number="122149076")
    assert answer.json() == {"dois": ["10.14454/3mfp-6m52"]}


def test_random_suffixes_have_a_checksum(anonymous):
    """helpable_spec:20: base32 of a number below 2**30, and two check digits."""
    (doi,) = anonymous.get("/dois/random", prefix="10.14454").json()["dois"]
    assert re.fullmatch(r"10\.14454/[0-9a-hjkmnp-tv-z]{4}-[0-9a-z]{2}\d\d", doi)
    suffix = doi.split("/")[1].replace("-", "")
    number = int(suffix[:-2].translate(CROCKFORD), 32)
    assert int(suffix[-2:]) == 97 - number * 100 % 97 + 1


CROCKFORD = str.maketrans("abcdefghjkmnpqrstvwxyz", "abcdefghijklmnopqrstuv")


def test_many_random_suffixes(anonymous):
    dois = anonymous.get("/dois/random", prefix="10.14454", size="7").json()["dois"]
    assert len(set(dois)) == 7


def test_random_suffixes_with_a_start(anonymous):
    (doi,) = anonymous.get("/dois/random", prefix="10.14454/abc").json()["dois"]
    assert doi.startswith("10.14454/abc-")


def test_random_needs_a_prefix(anonymous):
    answer = anonymous.get("/dois/random")
    assert answer.status_code == 422
    error = {"status": "422", "title": "Parameter prefix is required"}
    assert answer.json() == {"errors": [error]}


def test_random_with_a_bad_prefix_is_the_odd_500(anonymous):
    """compressed_requests.rb:32-38: the body contains status 400, but no errors."""
    answer = anonymous.get("/dois/random", prefix="nonsense")
    assert answer.status_code == 500
    assert answer.json() == {"status": 400, "title": "No valid prefix found"}
    assert "Content-Type" not in answer.headers


def test_status_is_not_implemented(owner):
    answer = owner.post("/dois/status")
    assert answer.status_code == 501
    assert answer.json() == {"message": "Not Implemented."}


@pytest.mark.parametrize("event", [None, "register", "publish"])
def test_get_url(owner, event):
    """DC: ``get_url``."""
    owner.put(**metadata(event=event))
    answer = owner.get(f"/dois/{DOI}/get-url")
    assert (answer.status_code, answer.json()) == (200, {"url": URL})


def test_get_url_of_a_draft_without_one(owner):
    owner.put()
    assert owner.get(f"/dois/{DOI}/get-url").status_code == 204


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 200), ("anonymous", 200), ("other", 403), ("inactive", 403)],
)
def test_who_may_get_a_url(request, owner, who, status):
    """ability.rb: anonymous users may, other repositories may not [code reading]."""
    owner.put(**metadata(event="publish"))
    client = request.getfixturevalue(who)
    assert client.get(f"/dois/{DOI}/get-url").status_code == status


def test_activities_are_the_history(owner):
    owner.put(**metadata())
    owner.put(event="publish")
    data = owner.get(f"/dois/{DOI}/activities").json()["data"]
    found = [
        (item["attributes"]["action"], item["attributes"]["changes"]["aasm_state"])
        for item in data
    ]
    assert found == [("create", [None, "draft"]), ("update", ["draft", "findable"])]


def test_heartbeat(anonymous):
    """heartbeat_spec."""
    answer = anonymous.get("/heartbeat")
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("kind", ["repositories", "clients"])
@pytest.mark.parametrize("symbol", ["TEST.LIMITED", "test.limited"])
def test_a_repository_is_public(anonymous, kind, symbol):
    data = anonymous.get(f"/{kind}/{symbol}").json()["data"]
    assert (data["id"], data["type"]) == ("test.limited", kind)
    assert data["attributes"]["symbol"] == "TEST.LIMITED"
    assert data["attributes"]["domains"] == "*.example.org,exact.org"
    assert data["attributes"]["isActive"] is True
    prefixes = data["relationships"]["prefixes"]["data"]
    assert prefixes == [{"id": "10.8888", "type": "prefixes"}]
    assert "secret" not in str(data)


def test_an_inactive_repository_says_so(anonymous):
    data = anonymous.get("/repositories/test.old").json()["data"]
    assert data["attributes"]["isActive"] is False


@pytest.mark.parametrize(
    "path", ["/repositories/no.such", "/clients/test", "/prefixes/10.1", "/nonsense"]
)
def test_what_nobody_knows_is_a_404(anonymous, path):
    answer = anonymous.get(path)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/dois"), ("POST", "/heartbeat")])
def test_a_method_that_a_path_does_not_have_is_a_404(owner, method, path):
    """routes.rb ends with a route that matches everything else."""
    answer = owner.request(method, path, json={})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_the_prefixes_of_a_repository(anonymous):
    answer = anonymous.get("/prefixes", **{"client-id": "test.repo"}).json()
    assert [item["id"] for item in answer["data"]] == ["10.14454", "10.5555"]
    assert answer["meta"]["total"] == 2
    (client,) = answer["data"][0]["relationships"]["clients"]["data"]
    assert client == {"id": "test.repo", "type": "clients"}


def test_all_prefixes(anonymous):
    assert anonymous.get("/prefixes").json()["meta"]["total"] == 5


def test_one_prefix(anonymous):
    data = anonymous.get("/prefixes/10.5072").json()["data"]
    assert data["attributes"]["prefix"] == "10.5072"


def test_client_prefixes(anonymous):
    answer = anonymous.get("/client-prefixes", **{"client-id": "TEST.REPO"}).json()
    found = [item["relationships"]["prefix"]["data"]["id"] for item in answer["data"]]
    assert found == ["10.14454", "10.5555"]


@pytest.mark.parametrize(
    "path", ["/works", "/works/10.1/x", "/members", "/data-centers"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_old_paths_are_gone(anonymous, method, path):
    """mastino legacy-api-deprecation.tf, 1 July 2026."""
    assert anonymous.request(method, path).status_code == 410


def test_options_are_answered(anonymous):
    """routes.rb: the global responder."""
    answer = anonymous.request("OPTIONS", f"/dois/{DOI}")
    assert answer.status_code == 204

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Permissions (facts 2, table "Auth"; user.rb:31-105, authenticable.rb)."""

from __future__ import annotations

import pytest

from datacite_sandbox import Account, SandboxServer

from .helpers import DOI, OTHER, OWNER, Client, metadata

NOT_AUTHORIZED = "You are not authorized to access this resource."
BODIES = {
    401: {"errors": [{"status": "401", "title": "Bad credentials."}]},
    403: {"errors": [{"status": "403", "title": NOT_AUTHORIZED}]},
    404: {
        "errors": [
            {
                "status": "404",
                "title": "The resource you are looking for doesn't exist.",
            }
        ]
    },
}


class Bearer:
    """Authorization with a token."""

    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@pytest.fixture()
def bad_token(server):
    return Client(server.url, Bearer("a.b.c"))


def assert_refused(answer, status):
    assert answer.status_code == status
    assert answer.json() == BODIES[status]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401),  # post_spec.rb:62
        ("mistyped", 404),  # doi.rb:1924-1929, datacite/lupo#947
        ("bad_token", 401),
        ("inactive", 403),
        ("other", 403),  # post_spec.rb:1505, foreign prefix
        ("member", 404),
    ],
)
def test_who_cannot_post(request, who, status):
    client = request.getfixturevalue(who)
    assert_refused(client.post(doi=DOI, **metadata()), status)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 404),
        ("mistyped", 404),
        ("bad_token", 401),
        ("inactive", 403),
        ("other", 403),
        ("member", 404),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_who_cannot_put_an_unknown_doi(request, who, method, status):
    client = request.getfixturevalue(who)
    assert_refused(client.send(method, f"/dois/{DOI}", metadata()), status)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("mistyped", 401),
        ("bad_token", 401),
        ("inactive", 403),
        ("other", 403),
        ("member", 403),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_who_cannot_change_an_existing_doi(request, owner, who, method, status):
    owner.put(**metadata())
    client = request.getfixturevalue(who)
    assert_refused(client.send(method, f"/dois/{DOI}", {"url": "x"}), status)
    assert owner.read()["url"] == metadata()["url"]


@pytest.mark.parametrize("event", [None, "register"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200),
        ("member", 200),
        ("other", 404),
        ("inactive", 404),
        ("anonymous", 404),  # dois_spec:1148
        ("mistyped", 404),
        ("bad_token", 401),
    ],
)
def test_who_sees_a_doi_that_is_not_findable(request, owner, who, event, status):
    """authenticable.rb:265-288; all others get 404, as if it did not exist."""
    owner.put(**metadata(event=event))
    answer = request.getfixturevalue(who).get(f"/dois/{DOI}")
    assert answer.status_code == status
    if status != 200:
        assert answer.json() == BODIES[status]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200),
        ("other", 200),
        ("anonymous", 200),
        ("mistyped", 200),
        ("bad_token", 401),
    ],
)
def test_everybody_sees_a_findable_doi(request, owner, who, status):
    owner.put(**metadata(event="publish"))
    answer = request.getfixturevalue(who).get(f"/dois/{DOI}")
    assert answer.status_code == status


def test_a_foreign_prefix_is_forbidden_before_validation(other):
    """DC:566: ``authorize!`` comes before ``valid?``."""
    assert_refused(other.post(doi=DOI, event="publish"), 403)


def test_authorization_of_an_existing_doi_comes_before_the_payload(owner, other):
    owner.put(**metadata())
    assert_refused(other.request("PUT", f"/dois/{DOI}", json={}), 403)


def test_a_payload_without_data_comes_before_a_wrong_password(mistyped):
    assert mistyped.request("POST", "/dois", json={}).status_code == 400


@pytest.mark.parametrize(("who", "status"), [("mistyped", 401), ("member", 403)])
def test_a_named_repository_turns_the_404_into(request, who, status):
    """ability.rb: with ``relationships.client`` there is a repository to check."""
    client = {"client": {"data": {"type": "clients", "id": OWNER.uid}}}
    answer = request.getfixturevalue(who).send(
        "POST", "/dois", {"doi": DOI}, relationships=client
    )
    assert_refused(answer, status)


def test_a_repository_can_write_for_another_one_that_it_names(owner):
    """ability.rb:199-202: only the prefix is checked [code reading]."""
    client = {"client": {"data": {"type": "clients", "id": OTHER.uid}}}
    doi = f"{OTHER.prefixes[0]}/x"
    answer = owner.send("POST", "/dois", {"doi": doi}, relationships=client)
    assert answer.status_code == 201
    related = answer.json()["data"]["relationships"]
    assert related["client"]["data"]["id"] == OTHER.uid


def test_an_unknown_repository_is_a_404(owner):
    client = {"client": {"data": {"type": "clients", "id": "no.such"}}}
    answer = owner.send("POST", "/dois", {"doi": DOI}, relationships=client)
    assert_refused(answer, 404)


def test_the_symbol_is_case_insensitive(server):
    client = Client(server.url, (OWNER.symbol.lower(), OWNER.password))
    assert client.post(doi=DOI).status_code == 201


def test_a_password_may_contain_a_colon():
    with SandboxServer([Account("A.B", "se:cr:et", ["10.1234"])]) as server:
        client = Client(server.url, ("A.B", "se:cr:et"))
        assert client.post(prefix="10.1234").status_code == 201


@pytest.mark.parametrize(
    ("who", "name", "value"),
    [
        ("owner", "X-Credential-Username", "test.repo"),
        ("member", "X-Credential-Username", "test"),
        ("anonymous", "X-Anonymous-Consumer", "true"),
    ],
)
def test_the_answer_tells_who_asked(request, who, name, value):
    """application_controller.rb:46-52."""
    assert request.getfixturevalue(who).get("/dois").headers[name] == value


def test_a_wrong_password_is_neither_known_nor_anonymous(mistyped):
    names = {"X-Credential-Username", "X-Anonymous-Consumer"}
    assert names.isdisjoint(mistyped.get("/dois").headers)


def test_a_token_works_like_the_password(server, anonymous):
    """sessions_spec.rb."""
    credentials = {
        "grant_type": "password",
        "username": OWNER.symbol,
        "password": OWNER.password,
    }
    for body in ({"data": credentials}, {"json": credentials}):
        answer = anonymous.request("POST", "/token", **body)
        assert answer.status_code == 200
        assert answer.json()["expires_in"] == 2592000
        client = Client(server.url, Bearer(answer.json()["access_token"]))
        assert client.put(**metadata()).ok


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        (("password", "TEST.REPO", "wrong"), "Wrong account ID or password."),
        (("password", "NO.SUCH", "x"), "Wrong account ID or password."),
        (("password", "TEST.REPO", ""), "Missing account ID or password."),
        (("code", "TEST.REPO", "secret"), "Wrong grant type."),
    ],
)
def test_no_token_without_the_right_password(anonymous, sent, title):
    """sessions_spec.rb."""
    names = ("grant_type", "username", "password")
    body = dict(zip(names, sent, strict=True))
    answer = anonymous.request("POST", "/token", data=body)
    assert answer.status_code == 400
    assert answer.json() == {"errors": [{"status": "400", "title": title}]}

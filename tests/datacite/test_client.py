# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The client, over HTTP, against the sandbox and against answers that go wrong."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from datacite_sandbox.accounts import Account as SandboxAccount
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.datacite import errors
from invenio_rdm_doi.datacite.client import DataCiteClient, user_agent
from invenio_rdm_doi.datacite.preflight import domain_allowed, preflight
from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.settings.model import Account

DOI = "10.1234/one"
ATTRIBUTES = complete(
    {
        "titles": [{"title": "One"}],
        "creators": [{"name": "Petersen, Frauke"}],
        "publisher": {"name": "Tidal Archive"},
        "publicationYear": 2026,
        "types": {"resourceTypeGeneral": "Dataset"},
    }
) | {"url": "https://repository.example.org/doi/10.1234/one"}


def account(url, **changes):
    values = {
        "username": "TEST.REPO",
        "password": "sandbox-password",
        "prefixes": ("10.1234", "10.5678"),
        "api_url": url.rstrip("/") + "/",
        "timeout": (1, 1),
        "contact": "doi@example.org",
    }
    return Account(**values | changes)


@pytest.fixture()
def client(sandbox):
    """A client of the sandbox's account."""
    return DataCiteClient(account(sandbox.url))


def test_a_new_doi_is_created_and_an_existing_one_updated(client, sandbox):
    assert client.save(DOI, ATTRIBUTES, "findable", None).http_status == 201
    changed = ATTRIBUTES | {"titles": [{"title": "Two"}]}
    answer = client.save(DOI, changed, "findable", "findable")
    assert (answer.http_status, answer.state) == (200, "findable")
    assert sandbox.doi(DOI)["titles"] == [{"title": "Two"}]
    assert {entry["method"] for entry in sandbox.log()} <= {"PUT", "GET"}


def test_put_doi_of_the_base_class_accepts_a_creation(client):
    data = {"attributes": ATTRIBUTES | {"event": "publish"}}
    assert client.put_doi(DOI, data)["state"] == "findable"


@pytest.mark.parametrize(
    "known, wanted",
    [
        (None, "registered"),
        ("findable", "registered"),
        ("registered", "findable"),
        ("findable", "findable"),
    ],
)
@pytest.mark.parametrize("real", [None, "findable", "registered"])
def test_the_wanted_state_is_reached_whatever_was_believed(
    client, sandbox, known, real, wanted
):
    if real:
        client.save(DOI, ATTRIBUTES, "findable", None)
    if real == "registered":
        client.save(DOI, ATTRIBUTES, "registered", "findable")
    assert client.save(DOI, ATTRIBUTES, wanted, known).state == wanted
    assert sandbox.state(DOI) == wanted


def test_the_user_agent_says_who_calls(client, sandbox):
    client.save(DOI, ATTRIBUTES, "findable", None)
    (entry,) = sandbox.puts()
    agent = {k.lower(): v for k, v in entry["headers"].items()}["user-agent"]
    assert agent == user_agent("doi@example.org")
    assert agent.startswith("invenio-rdm-doi/")
    assert "mailto:doi@example.org" in agent


def test_nothing_that_is_sent_is_dropped(client, sandbox):
    client.save(DOI, ATTRIBUTES, "findable", None)
    (entry,) = sandbox.puts()
    assert entry["dropped"] == []


def test_refusals_carry_datacites_complaints(client):
    with pytest.raises(errors.Refused) as error:
        client.save(DOI, ATTRIBUTES | {"creators": [], "url": None}, "findable", None)
    sources = {complaint.source for complaint in error.value.complaints}
    assert sources == {"creators", "url"}
    assert error.value.http_status == 422
    assert error.value.to_dict()["code"] == "datacite.refused"
    assert "Can't be blank" in str(error.value)


def test_a_wrong_password_is_not_found_for_a_new_doi_and_unauthorized_for_an_old_one(
    client, sandbox
):
    wrong = DataCiteClient(account(sandbox.url, password="wrong"))
    with pytest.raises(errors.NotFound):
        wrong.save(DOI, ATTRIBUTES, "findable", None)
    client.save(DOI, ATTRIBUTES, "findable", None)
    with pytest.raises(errors.Unauthorized):
        wrong.save(DOI, ATTRIBUTES, "findable", None)


def test_a_prefix_that_is_not_configured_is_never_sent(client, sandbox):
    with pytest.raises(errors.ForeignPrefix):
        client.save("10.12345/one", ATTRIBUTES, "findable", None)
    assert sandbox.log() == []


def test_reading(client):
    client.save(DOI, ATTRIBUTES, "findable", None)
    assert client.read(DOI.upper())["titles"] == [{"title": "One"}]
    assert client.read(DOI)["publisher"] == {"name": "Tidal Archive"}
    with pytest.raises(errors.NotFound):
        client.read("10.1234/none")


def test_connections_are_used_again(client, sandbox):
    for number in range(5):
        client.save(f"10.1234/{number}", ATTRIBUTES, "findable", None)
    adapter = client.session.get_adapter(client.api_url)
    (pool,) = adapter.poolmanager.pools._container.values()
    assert (pool.num_connections, pool.num_requests) == (1, 5)


def test_no_answer_at_all(client, sandbox):
    sandbox.stop()
    with pytest.raises(errors.Unreachable) as error:
        client.save(DOI, ATTRIBUTES, "findable", None)
    assert error.value.http_status is None
    assert sandbox.url in str(error.value)


# Answers that the sandbox does not give


@contextmanager
def answering(status, body, content_type="application/json", wait=None):
    """A server that always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            if wait:
                wait.wait(10)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def put(url):
    return DataCiteClient(account(url)).save(DOI, ATTRIBUTES, "findable", None)


def answer(**attributes):
    return json.dumps({"data": {"id": DOI, "attributes": attributes}}).encode()


@pytest.mark.parametrize(
    "status, body, kind, titles",
    [
        (400, b'{"errors":[{"status":"400","title":"No"}]}', errors.BadRequest, ["No"]),
        (
            401,
            b'{"errors":[{"status":"401","title":"No"}]}',
            errors.Unauthorized,
            ["No"],
        ),
        (403, b'{"errors":[{"status":"403","title":"No"}]}', errors.Forbidden, ["No"]),
        (404, b'{"errors":[{"status":"404","title":"No"}]}', errors.NotFound, ["No"]),
        (409, b"{}", errors.Conflict, []),
        (405, b"{}", errors.NotAllowed, []),
        (413, b"<html>Too large</html>", errors.TooLarge, []),
        (422, b'{"errors":[{"source":"url","title":"No"}]}', errors.Refused, ["No"]),
        (429, b'{"errors":[{"title":"Slow"}]}', errors.RateLimited, ["Slow"]),
        (500, b'{"status":400,"title":"Odd"}', errors.ServerFailed, ["Odd"]),
        (418, b"{}", errors.RequestFailed, []),
        (502, b"<html>Down</html>", errors.Unavailable, []),
        (503, b"<html>Down</html>", errors.Unavailable, []),
        (504, b"", errors.Unavailable, []),
        (400, b'{"errors":{"title":"An object"}}', errors.BadRequest, ["An object"]),
        (302, b"", errors.Redirected, []),
    ],
)
def test_each_answer_has_its_error(status, body, kind, titles):
    with answering(status, body) as url, pytest.raises(kind) as error:
        put(url)
    assert type(error.value) is kind
    assert error.value.http_status == status
    assert [complaint.title for complaint in error.value.complaints] == titles


def test_a_success_with_another_state_is_none():
    with (
        answering(200, answer(state="draft")) as url,
        pytest.raises(errors.WrongState) as error,
    ):
        put(url)
    assert "draft, not findable" in str(error.value)


@pytest.mark.parametrize("body", [b"<html>OK</html>", b"[]", b"{}", b'{"data":null}'])
def test_a_success_that_cannot_be_read_is_none(body):
    with answering(200, body) as url, pytest.raises(errors.Unreadable):
        put(url)


def test_an_answer_that_does_not_come_in_time():
    gone = threading.Event()
    with answering(200, answer(state="findable"), wait=gone) as url:
        with pytest.raises(errors.Unreachable) as error:
            put(url)
        gone.set()
    assert "no answer in time" in str(error.value)


def test_the_password_is_in_no_error_and_no_repr(sandbox):
    client = DataCiteClient(account(sandbox.url))
    sandbox.stop()
    with pytest.raises(errors.Unreachable) as error:
        client.save(DOI, ATTRIBUTES, "findable", None)
    assert "sandbox-password" not in f"{error.value!r}{client!r}{client.account!r}"


# Preflight


PAGE = "https://repository.example.org/doi/10.1234/check"


def failing(checks):
    return [check.code for check in checks if not check.ok]


def test_preflight_of_a_good_account(client):
    checks = preflight(client, PAGE)
    assert failing(checks) == []
    assert [check.code for check in checks] == [
        "connection",
        "credentials",
        "account",
        "prefix",
        "prefix",
        "domain",
    ]


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"password": "wrong"}, "credentials"),
        ({"prefixes": ("10.1234", "10.4321")}, "prefix"),
    ],
)
def test_preflight_finds_and_advises(sandbox, changes, code):
    checks = preflight(DataCiteClient(account(sandbox.url, **changes)), PAGE)
    assert failing(checks) == [code]
    (failed,) = [check for check in checks if not check.ok]
    assert failed.advice


def test_preflight_without_an_answer(sandbox):
    sandbox.stop()
    (check,) = preflight(DataCiteClient(account(sandbox.url)), PAGE)
    assert (check.code, check.ok) == ("connection", False)
    assert "status.datacite.org" in check.advice


def test_preflight_of_an_account_with_other_domains_that_is_not_active():
    other = SandboxAccount(
        symbol="TEST.REPO",
        password="sandbox-password",
        prefixes=("10.1234", "10.5678"),
        domains="other.example.org",
        is_active=False,
    )
    with SandboxServer(accounts=[other]) as server:
        checks = preflight(DataCiteClient(account(server.url)), PAGE)
    assert "domain" in failing(checks)
    assert "account" in failing(checks)


@pytest.mark.parametrize(
    "domains, allowed",
    [
        ("*", True),
        ("repository.example.org", True),
        ("*.example.org", True),
        ("other.org, repository.example.org", True),
        ("example.org", False),
        ("*.other.org", False),
        ("evil-repository.example.org", False),
    ],
)
def test_domains(domains, allowed):
    assert domain_allowed("repository.example.org", domains) is allowed

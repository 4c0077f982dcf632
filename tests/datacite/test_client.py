# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The client over HTTP, with the sandbox and with malformed answers."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from invenio_rdm_doi.datacite import errors
from invenio_rdm_doi.datacite.asking import user_agent
from invenio_rdm_doi.datacite.client import MOST_BYTES, DataCiteClient
from invenio_rdm_doi.datacite.held import address_of
from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.timing import now
from tests.support.accounts import account

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


def create(client, doi=DOI, attributes=ATTRIBUTES, state="findable"):
    return client.create(doi, attributes, state, now() + 5)


def update(client, attributes=ATTRIBUTES, state="findable", known="findable"):
    return client.update(DOI, attributes, state, known, now() + 5)


@pytest.fixture()
def client(sandbox):
    """Return a client for the sandbox's account."""
    return DataCiteClient(account(sandbox.url))


def test_a_creation_creates_and_an_update_updates(client, sandbox):
    assert create(client).http_status == 201
    changed = ATTRIBUTES | {"titles": [{"title": "Two"}]}
    answer = update(client, changed)
    assert (answer.http_status, answer.state) == (200, "findable")
    assert sandbox.doi(DOI)["titles"] == [{"title": "Two"}]
    writes = [entry["method"] for entry in sandbox.writes()]
    assert writes == ["POST", "PUT"]


def test_a_creation_overwrites_nothing(client, sandbox):
    create(client)
    with pytest.raises(errors.Taken):
        create(client, attributes=ATTRIBUTES | {"titles": [{"title": "Mine now"}]})
    assert sandbox.doi(DOI)["titles"] == [{"title": "One"}]


def test_a_state_that_is_not_what_was_believed_is_in_the_answer(client, sandbox):
    """DataCite ignores an event that is not possible."""
    create(client)
    assert update(client, state="registered", known=None).state == "findable"
    assert update(client, state="registered").state == "registered"
    assert sandbox.state(DOI) == "registered"


def test_the_short_forms_leave_the_metadata_as_they_are(client, sandbox):
    create(client)
    moved = "https://repository.example.org/doi/10.1234/moved"
    client.move(DOI, moved, "publish", now() + 5)
    assert client.hide(DOI, now() + 5).state == "registered"
    found = sandbox.doi(DOI)
    assert (found["url"], found["titles"]) == (moved, [{"title": "One"}])


def test_looking_says_whose_it_is(client, sandbox):
    assert client.look(DOI) is None
    create(client)
    held = client.look(DOI.upper())
    assert (held.state, held.client) == ("findable", "test.repo")
    assert held.url == ATTRIBUTES["url"]


@pytest.mark.parametrize(
    "doi",
    [
        "10.1234/../../repositories/TEST.REPO",
        "10.1234/x/../victim",
        "10.1234/../10.5555/x",
        "10.1234/./x",
        "10.1234//x",
        "10.1234/x/",
        "10.1234/x?event=hide",
        "10.1234/x#y",
        "10.1234/x%2F..%2Fy",
        "10.1234/x\\y",
        "10.1234/x y",
        "10.1234/ü",
        "10.1234/",
    ],
)
def test_a_doi_is_data_in_an_address_and_never_a_path(client, sandbox, doi):
    for send in (
        lambda: create(client, doi),
        lambda: client.update(doi, ATTRIBUTES, "findable", None, now() + 5),
        lambda: client.hide(doi, now() + 5),
        lambda: client.remove(doi, now() + 5),
        lambda: client.look(doi),
        lambda: client.read(doi),
    ):
        with pytest.raises(errors.InvalidDOI):
            send()
    assert sandbox.log() == []


def test_a_request_starts_in_time_or_not_at_all(client, sandbox):
    with pytest.raises(errors.NotSent):
        client.create(DOI, ATTRIBUTES, "findable", now() - 0.01)
    assert sandbox.log() == []


def test_a_connection_that_takes_too_long_sends_nothing():
    """The time to start includes connecting; here the handshake never ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        slow = DataCiteClient(account(url, timeout=(0.5, 0.5)))
        started = now()
        # The kernel may accept the first connection; the others wait for one.
        for _ in range(3):
            with pytest.raises((errors.NotSent, errors.Unreachable)):
                slow.create(DOI, ATTRIBUTES, "findable", now() + 0.1)
        assert now() - started < 6


def test_the_user_agent_says_who_calls(client, sandbox):
    create(client)
    (entry,) = sandbox.writes()
    agent = {k.lower(): v for k, v in entry["headers"].items()}["user-agent"]
    assert agent == user_agent("doi@example.org")
    assert agent.startswith("invenio-rdm-doi/")
    assert "mailto:doi@example.org" in agent


def test_nothing_that_is_sent_is_dropped(client, sandbox):
    create(client)
    (entry,) = sandbox.writes()
    assert entry["dropped"] == []


def test_refusals_carry_datacites_complaints(client):
    with pytest.raises(errors.Refused) as error:
        create(client, attributes=ATTRIBUTES | {"creators": [], "url": None})
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
        create(wrong)
    create(client)
    with pytest.raises(errors.Unauthorized):
        update(wrong)


def test_a_prefix_that_is_not_configured_is_never_sent(client, sandbox):
    with pytest.raises(errors.PrefixUnknown):
        create(client, "10.12345/one")
    assert sandbox.log() == []


def test_reading(client):
    create(client)
    assert client.read(DOI.upper())["titles"] == [{"title": "One"}]
    assert client.read(DOI)["publisher"] == {"name": "Tidal Archive"}
    with pytest.raises(errors.NotFound):
        client.read("10.1234/none")


def test_connections_are_used_again(client, sandbox):
    for number in range(5):
        create(client, f"10.1234/{number}")
    adapter = client._transport._session.get_adapter(client.account.api_url)
    (pool,) = adapter.poolmanager.pools._container.values()
    assert (pool.num_connections, pool.num_requests) == (1, 5)


def test_no_answer_at_all(client, sandbox):
    sandbox.stop()
    with pytest.raises(errors.Unreachable) as error:
        create(client)
    assert error.value.http_status is None
    assert sandbox.url in str(error.value)


# Answers that the sandbox does not give


@contextmanager
def answering(status, body, content_type="application/json", wait=None):
    """Run a server that always gives the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
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
            """Suppress the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def post(url):
    return create(DataCiteClient(account(url)))


def answer(id=DOI, **attributes):
    values = {
        "state": "findable",
        "url": ATTRIBUTES["url"],
        "titles": ATTRIBUTES["titles"],
    }
    data = {"id": id, "attributes": values | attributes}
    return json.dumps({"data": data}).encode()


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
        (409, b'{"errors":[{"title":"No"}]}', errors.Taken, ["No"]),
        (405, b'{"errors":[{"title":"No"}]}', errors.NotAllowed, ["No"]),
        (413, b"<html>Too large</html>", errors.TooLarge, []),
        (422, b'{"errors":[{"source":"url","title":"No"}]}', errors.Refused, ["No"]),
        (429, b'{"errors":[{"title":"Slow"}]}', errors.RateLimited, ["Slow"]),
        (500, b'{"status":400,"title":"Odd"}', errors.ServerFailed, ["Odd"]),
        (418, b'{"errors":[{"title":"No"}]}', errors.RequestFailed, ["No"]),
        (502, b"<html>Down</html>", errors.Unavailable, []),
        (503, b"<html>Down</html>", errors.Unavailable, []),
        (504, b"", errors.Unavailable, []),
        (400, b'{"errors":{"title":"An object"}}', errors.BadRequest, ["An object"]),
        (302, b"", errors.Redirected, []),
        # An answer that is not in DataCite's format does not come from DataCite.
        (400, b"<html>Blocked</html>", errors.NotDataCite, []),
        (401, b"", errors.NotDataCite, []),
        (403, b"<html>Blocked</html>", errors.NotDataCite, []),
        (404, b"not found", errors.NotDataCite, []),
        (422, b"{}", errors.NotDataCite, []),
    ],
)
def test_each_answer_has_its_error(status, body, kind, titles):
    with answering(status, body) as url, pytest.raises(kind) as error:
        post(url)
    assert type(error.value) is kind
    assert error.value.http_status == status
    assert [complaint.title for complaint in error.value.complaints] == titles


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "10.1234/two"},
        {"id": None},
        {"url": "https://repository.example.org/doi/10.1234/two"},
        {"titles": [{"title": "Another"}]},
        {"titles": None},
    ],
)
def test_a_success_about_something_else_is_none(changes):
    with answering(200, answer(**changes)) as url, pytest.raises(
        (errors.Mismatch, errors.Unreadable)
    ):
        post(url)


@pytest.mark.parametrize("state", [None, 7, "published", "x" * 1000, ["findable"]])
def test_a_state_that_datacite_does_not_have_is_unreadable(state):
    body = answer(state=state)
    with answering(200, body) as url, pytest.raises(errors.Unreadable):
        post(url)


@pytest.mark.parametrize("body", [b"<html>OK</html>", b"[]", b"{}", b'{"data":null}'])
def test_a_success_that_cannot_be_read_is_none(body):
    with answering(200, body) as url, pytest.raises(errors.Unreadable):
        post(url)


def test_an_answer_that_does_not_come_in_time():
    gone = threading.Event()
    with answering(200, answer(), wait=gone) as url:
        with pytest.raises(errors.Unreachable) as error:
            post(url)
        gone.set()
    assert "no answer in time" in str(error.value)


def test_the_password_is_in_no_error_and_no_repr(sandbox):
    client = DataCiteClient(account(sandbox.url))
    sandbox.stop()
    with pytest.raises(errors.Unreachable) as error:
        create(client)
    assert "sandbox-password" not in f"{error.value!r}{client!r}{client.account!r}"


@pytest.mark.parametrize(
    "url, found",
    [
        ("https://repository.example.org/doi/10.1234/a", True),
        ("https://repository.example.org/\x00", False),
        ("https://repository.example.org/\ud800", False),
        ("https://repository.example.org/" + "a" * 2048, False),
        (7, False),
        (None, False),
    ],
)
def test_an_address_that_no_database_stores_is_none(url, found):
    assert address_of({"url": url}) == (url if found else None)


def test_what_is_too_large_is_not_sent(client, sandbox):
    """DataCite's web server would refuse it, with an answer that is not JSON."""
    long = {"descriptions": [{"description": "a" * MOST_BYTES}]}
    with pytest.raises(errors.TooLarge, match="10,485,760"):
        create(client, attributes=ATTRIBUTES | long)
    assert sandbox.writes() == []

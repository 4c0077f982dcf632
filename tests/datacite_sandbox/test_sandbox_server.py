# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The server: connections, threads, restarts, and the command."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from click.testing import CliRunner

from datacite_sandbox import Account, PortInUse, SandboxServer, create_app
from datacite_sandbox.cli import main

from .helpers import (
    DOI,
    METADATA,
    OWNER,
    Client,
    connections,
    environment,
    metadata,
    read,
)


def client_of(server):
    return Client(server.url, (OWNER.symbol, OWNER.password))


# HTTP


def test_a_connection_is_kept_for_all_kinds_of_answers(owner, anonymous):
    """201, 200, 404, 405, 400, 422, 204, 500, HTML, text, bodies of any size."""
    owner.put(
        **metadata(event="publish", descriptions=[{"description": "x" * 300_000}])
    )
    owner.read()
    owner.get("/dois/10.14454/none")
    owner.delete()
    owner.request(
        "PUT", f"/dois/{DOI}", data="{", headers={"Content-Type": "text/x-json"}
    )
    owner.put(titles="x")
    owner.put("10.14454/b")
    owner.delete("10.14454/b")
    owner.get("/dois/random", prefix="x")
    owner.get("/")
    owner.request("HEAD", "/heartbeat")
    owner.request("OPTIONS", "/dois")
    assert connections(owner) == 1
    assert connections(anonymous) == 0


def test_a_body_that_no_route_reads_does_not_disturb_the_next_request(owner):
    for path in ("/works", "/_sandbox/nonsense", "/nonsense"):
        owner.request("POST", path, data=b"x" * 100_000)
    assert owner.get("/heartbeat").text == "OK"
    assert connections(owner) == 1


@pytest.mark.parametrize(
    "path",
    ["/heartbeat", "/dois", "/", "/_sandbox/log", "/dois/none", "/resolve/10.1/x"],
)
def test_every_answer_has_a_length(anonymous, path):
    answer = anonymous.get(path)
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert "Transfer-Encoding" not in answer.headers
    assert answer.raw.version == 11


def test_an_answer_does_not_wait_for_an_acknowledgement(owner):
    """Without ``TCP_NODELAY`` each of these would take 40 ms."""
    times = []
    for _ in range(21):
        started = time.perf_counter()
        owner.get("/heartbeat")
        times.append(time.perf_counter() - started)
    assert min(times[1:]) < 0.03


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_compressed_bodies(server, owner, method, encoding, pack):
    """datacite_dois_gzip_spec; the content type does not matter in this case."""
    attributes = {"doi": DOI, **metadata(event="publish")}
    body = {"data": {"type": "dois", "attributes": attributes}}
    path = "/dois" if method == "POST" else f"/dois/{DOI}"
    headers = {"Content-Encoding": encoding}
    data = pack(json.dumps(body).encode())
    answer = owner.request(method, path, data=data, headers=headers)
    assert read(answer)["titles"] == METADATA["titles"]
    assert server.log()[-1]["body"] == body


def test_a_compressed_patch_is_not_unpacked(owner):
    """compressed_requests.rb: only POST and PUT."""
    data = gzip.compress(b'{"data": {"attributes": {}}}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = owner.request("PATCH", f"/dois/{DOI}", data=data, headers=headers)
    assert answer.status_code == 400


def test_a_body_that_is_not_what_its_encoding_says(owner):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = owner.request("PUT", f"/dois/{DOI}", data=b"{}", headers=headers)
    assert answer.status_code == 500


def test_a_body_in_chunks(owner):
    body = json.dumps({"data": {"attributes": metadata()}}).encode()
    headers = {"Content-Type": "application/json"}
    chunks = iter([body[:50], body[50:]])
    answer = owner.request("PUT", f"/dois/{DOI}", data=chunks, headers=headers)
    assert answer.status_code == 201
    assert owner.get("/heartbeat").text == "OK"


# Threads


def test_20_threads_write_different_dois(server):
    def write(number):
        client = client_of(server)
        doi = f"10.14454/t{number}"
        for step in range(5):
            sent = metadata(event="publish", version=str(step))
            assert client.put(doi, **sent).status_code == (200 if step else 201)
        return client.read(doi)["version"]

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(write, range(20))) == ["4"] * 20
    assert client_of(server).get("/dois").json()["meta"]["total"] == 20


def test_20_threads_write_the_same_doi(server):
    """One creates it, nothing is lost, and every change of the XML is counted."""

    def write(number):
        return client_of(server).put(**metadata(version=str(number))).status_code

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(write, range(60)))
    assert sorted(codes) == [200] * 59 + [201]
    stored = client_of(server).read()
    assert stored["metadataVersion"] == 59
    changes = server.sandbox.store.history(DOI)
    assert [change.action for change in changes] == ["create"] + ["update"] * 59
    numbers = [entry["n"] for entry in server.log()]
    assert len(set(numbers)) == len(numbers) == 61


def test_writing_and_listing_at_the_same_time(server):
    def write(number):
        return client_of(server).put(f"10.14454/{number}", **METADATA).status_code

    def listed(_):
        return client_of(server).get("/dois", prefix="10.14454").status_code

    with ThreadPoolExecutor(20) as pool:
        codes = {*pool.map(write, range(40)), *pool.map(listed, range(40))}
    assert codes == {200, 201}


# Start and stop


@pytest.fixture()
def own_server(tmp_path):
    server = SandboxServer([OWNER])
    server.start()
    yield server
    server.close()


def test_stopped_means_that_nobody_answers(own_server):
    """This includes connections that were kept open."""
    client = client_of(own_server)
    assert client.get("/heartbeat").status_code == 200
    own_server.stop()
    with pytest.raises(requests.ConnectionError):
        client.get("/heartbeat")


def test_started_again_it_has_the_same_address_and_dois(own_server):
    client = client_of(own_server)
    client.put(**metadata(event="publish"))
    url = own_server.url
    own_server.stop()
    own_server.start()
    assert own_server.url == url
    assert client.read()["state"] == "findable"


def test_starting_and_stopping_twice_does_no_harm(own_server):
    own_server.start()
    assert client_of(own_server).get("/heartbeat").text == "OK"
    own_server.stop()
    own_server.stop()


def test_a_data_file_keeps_dois_and_history(tmp_path):
    data = tmp_path / "sandbox.db"
    with SandboxServer([OWNER], data=data) as server:
        client = client_of(server)
        client.put(**metadata(event="publish"))
        client.put(event="hide", reason="why not")
        before = client.read()
    with SandboxServer([OWNER], data=data) as server:
        client = client_of(server)
        assert client.read() == before
        assert client.get("/dois").json()["meta"]["total"] == 1
        assert len(server.sandbox.store.history(DOI)) == 2
        assert client.put(**metadata()).status_code == 200


def test_without_a_data_file_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SandboxServer([OWNER]) as server:
        client_of(server).put(**metadata())
    with SandboxServer([OWNER]) as server:
        assert client_of(server).get(f"/dois/{DOI}").status_code == 404
    assert list(tmp_path.iterdir()) == []


def test_a_refused_write_leaves_no_trace_in_the_file(tmp_path):
    data = tmp_path / "sandbox.db"
    with SandboxServer([OWNER], data=data) as server:
        assert client_of(server).put(event="publish").status_code == 422
        assert server.sandbox.store.count() == 0
        assert server.sandbox.store.history(DOI) == []


def test_a_port_that_is_taken(own_server):
    second = SandboxServer([OWNER], port=own_server.port)
    with pytest.raises(PortInUse, match=str(own_server.port)):
        second.start()


def test_the_app_works_without_the_server():
    client = create_app([OWNER]).test_client()
    auth = (OWNER.symbol, OWNER.password)
    body = {"data": {"attributes": metadata(event="publish")}}
    assert client.put(f"/dois/{DOI}", json=body, auth=auth).status_code == 201
    assert client.get("/dois").json["meta"]["total"] == 1


def test_importing_the_sandbox_imports_no_invenio():
    code = (
        "import sys, datacite_sandbox.cli\n"
        "print([name for name in sys.modules if name.startswith('invenio')"
        " and not name.startswith('invenio_rdm_doi')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment()
    )
    assert found.stdout.strip() == "[]", found.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": "NODOT", "password": "x"},
        {"symbol": "A.B", "password": "x", "role": "provider"},
        {"symbol": "A.B", "password": ""},
        {"symbol": "", "password": "x"},
    ],
)
def test_impossible_accounts(wrong):
    with pytest.raises(ValueError):
        Account(**wrong)


def test_the_same_account_twice():
    with pytest.raises(ValueError, match="TEST.REPO is given twice"):
        SandboxServer([OWNER, OWNER])


def test_an_account_does_not_show_its_password():
    assert OWNER.password not in repr(OWNER)


# The command


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_url_and_ends_with_a_signal(command, number):
    process, line = command("--account", "A.B:se:cret", "--prefix", "10.4321")
    assert line.startswith("DataCite sandbox for A.B at http://127.0.0.1:")
    client = Client(line.split()[-1], ("A.B", "se:cret"))
    assert client.post(prefix="10.4321").status_code == 201
    process.send_signal(number)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_the_command_keeps_data_over_a_kill(command, tmp_path):
    options = ["--data", str(tmp_path / "data.db"), "--prefix", "10.14454"]
    process, line = command(*options, "--prefix", "10.5555")
    credentials = ("SANDBOX.LOCAL", "sandbox")
    client = Client(line.split()[-1], credentials)
    assert client.put("10.5555/x").status_code == 201
    assert client.put(**metadata(event="publish")).status_code == 201
    process.kill()
    process.wait()
    _, line = command(*options)
    assert Client(line.split()[-1], credentials).read()["state"] == "findable"


def test_the_command_applies_domains(command):
    _, line = command("--domains", "*.example.org")
    client = Client(line.split()[-1], ("SANDBOX.LOCAL", "sandbox"))
    sent = metadata(event="publish")
    assert client.put("10.1234/a", **sent).status_code == 201
    answer = client.put("10.1234/b", **{**sent, "url": "https://a.org"})
    assert answer.status_code == 422


def test_a_taken_port_is_a_clear_message():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--port", str(port)])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in result.output
    assert "choose another --port" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("account", ["NODOT:x", "A.B", "A.B:", ""])
def test_a_wrong_account_is_a_clear_message(account):
    result = CliRunner().invoke(main, ["--account", account])
    assert result.exit_code == 2
    assert "--account" in result.output


def test_a_data_file_that_is_none_is_a_clear_message(tmp_path):
    data = tmp_path / "data.db"
    data.write_text("this is not a database, and long enough to be seen as none" * 50)
    result = CliRunner().invoke(main, ["--port", "0", "--data", str(data)])
    assert result.exit_code == 1
    assert f"cannot use {data}" in result.output


@pytest.mark.parametrize("missing", ["lxml", "pycountry"])
def test_the_command_names_the_extra_that_is_missing(missing):
    """Without the extra, the package is installed, but not its dependencies."""
    program = (
        f"import sys; sys.modules[{missing!r}] = None;"
        "from datacite_sandbox.cli import main; main([])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert run.stderr == (
        f"Error: The sandbox needs the package {missing}. "
        'Install it with: pip install "invenio-rdm-doi[sandbox]"\n'
    )

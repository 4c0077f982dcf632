# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Access to the control address, which allows everything and is thus restricted."""

import pytest
from click.testing import CliRunner

from datacite_sandbox.app import create_app
from datacite_sandbox.cli import main

PATHS = ["log", "faults", "rate"]


@pytest.fixture()
def client():
    return create_app().test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:5555",
        "x.localhost",
        "127.0.0.1:5555",
        "[::1]:80",
        "10.0.0.7",
    ],
)
def test_programs_that_use_an_address_of_this_machine_may(client, host, path):
    answer = client.get(f"/_sandbox/{path}", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example.org", "localhost.evil.org", "127.0.0.1.evil.org:5555", "a b"]
)
def test_a_name_that_somebody_made_point_here_may_not(client, host, path):
    answer = client.get(f"/_sandbox/{path}", headers={"Host": host})
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not(client, headers):
    answer = client.post("/_sandbox/faults", json=[], headers=headers)
    assert answer.status_code == 403
    assert "may not" in answer.json["error"]


def test_its_own_page_may(client):
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.get("/_sandbox/log", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "", "nowhere.invalid"])
def test_it_does_not_listen_beyond_this_machine_without_being_told(host):
    result = CliRunner().invoke(main, ["--host", host, "--port", "0"])
    assert result.exit_code == 2
    assert "--open-to-network" in result.output

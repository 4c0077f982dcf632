# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks of the account: credentials, and the checks before the first request."""

from __future__ import annotations

import pytest

from datacite_sandbox.accounts import Account as SandboxAccount
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.datacite import errors
from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.datacite.preflight import domain_allowed, preflight
from tests.support.accounts import account


@pytest.fixture()
def client(sandbox):
    return DataCiteClient(account(sandbox.url))


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


@pytest.mark.parametrize(
    "status, kind",
    [
        (403, errors.RateLimited),
        (429, errors.RateLimited),
        (500, errors.ServerFailed),
        (503, errors.Unavailable),
    ],
)
def test_a_busy_datacite_says_nothing_about_an_api_key(sandbox, status, kind):
    """A firewall that refuses everything for a while does not make the key invalid."""
    keyed = account(sandbox.url, username="", password="dcapi_0123456789")
    sandbox.server.fault(kind="status", status=status)
    with pytest.raises(kind):
        DataCiteClient(keyed).credentials_accepted()
    sandbox.server.clear_faults()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Output of ``invenio doi …`` for operators and curators."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from invenio_rdm_doi.proxies import current_doi
from tests.support.repository import doi_of

ROOT = Path(__file__).parents[2]


def test_check_says_what_is_fine(repository, run):
    status, output = run("check")
    assert status == 0
    assert "credentials: DataCite accepts TEST.REPO's password." in output
    assert "domain: URLs of repository.example.org are allowed." in output


def test_the_readme_shows_the_output_of_check(repository, run):
    shown = re.findall(r"^    ok +(.+)$", (ROOT / "README.rst").read_text(), re.M)
    printed = re.findall(r"^ok +(.+)$", run("check")[1], re.M)
    names = {
        "MEMBER.REPOSITORY": "TEST.REPO",
        "https://api.test.datacite.org/": current_doi.settings.account.api_url,
    }
    for name, here in names.items():
        shown = [line.replace(name, here) for line in shown]
    assert shown[:2] == printed[:2]
    assert len(shown) == len(printed) - 1, "the tests have one prefix more"
    assert set(shown) <= set(printed)


def test_check_says_what_is_wrong_and_what_to_do(repository, sandbox, run):
    sandbox.stop()
    status, output = run("check")
    assert status == 1
    assert "FAIL" in output
    assert "What to do: " in output


def test_check_is_in_english_on_a_german_site(repository, run, german, monkeypatch):
    output = run("check")[1]
    assert "Deliveries are running." in output
    assert "Übermittlung" not in output
    # Depositors see this error too, in their own language.
    account = replace(current_doi.settings.account, format="{prefix}/no good {id}")
    broken = replace(current_doi.settings, account=account)
    monkeypatch.setattr(current_doi, "configured", broken)
    output = run("check")[1]
    assert "format: The generated DOI " in output


def test_check_as_json(repository, run):
    status, output = run("check", "--json")
    checks = json.loads(output)
    assert all(check["ok"] for check in checks)
    assert {"code", "ok", "message", "advice", "account"} == set(checks[0])


def test_no_command_prints_the_password(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    sandbox.stop()
    for arguments in (["check"], ["status"], ["show", doi_of(record)], ["deliver"]):
        assert "sandbox-password" not in run(*arguments)[1]


def test_status_counts_and_tells_how_long_the_oldest_waits(
    repository, run, record_data
):
    repository.publish(record_data)
    status, output = run("status")
    assert status == 0
    assert "pending            2" in output
    assert "oldest due since" in output


def test_status_as_json(repository, run, record_data):
    repository.publish(record_data)
    repository.deliver()
    summary = json.loads(run("status", "--json")[1])
    assert summary["statuses"]["findable"] == 2
    assert summary["due"] == 0
    assert summary["oldest_due"] is None


def test_show_has_both_sides_and_the_history(repository, run, record_data):
    record = repository.publish(record_data)
    repository.deliver()
    status, output = run("show", doi_of(record))
    assert status == 0
    assert "status              findable" in output
    assert "HTTP 201" in output
    assert "At DataCite:" in output
    assert "Tides of the Wadden Sea" in output


@pytest.mark.parametrize("form", ["https://doi.org/{}", "doi:{}", "{}"])
def test_show_takes_a_doi_in_any_form(repository, run, record_data, form):
    record = repository.publish(record_data)
    shown = form.format(doi_of(record).upper())
    found = json.loads(run("show", "--json", shown)[1])
    assert found["registration"]["doi"] == doi_of(record)
    assert found["datacite"] is None


def test_show_tells_the_last_error(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    sandbox.stop()
    repository.deliver()
    _status, output = run("show", doi_of(record))
    assert "[datacite.unreachable]" in output
    assert "At DataCite: No answer from" in output


def test_show_of_an_unknown_doi(repository, run):
    status, output = run("show", "10.1234/unknown")
    assert status == 1
    assert "10.1234/unknown is not known here." in output
    assert "At DataCite: nothing" in output


def test_deliver_delivers_what_is_due(repository, sandbox, run, record_data):
    record = repository.publish(record_data)
    status, output = run("deliver")
    assert status == 0
    assert "done" in output
    assert sandbox.state(doi_of(record)) == "findable"
    assert "Nothing is due." in run("deliver")[1]

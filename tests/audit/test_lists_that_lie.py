# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Wrong lists from DataCite: they are not believed, and no audit runs forever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invenio_rdm_doi.audit import audit, walk
from invenio_rdm_doi.audit.models import AuditRun
from invenio_rdm_doi.datacite import client, listing
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support.repository import doi_of

from .conftest import change, problems


@pytest.fixture()
def lying(monkeypatch):
    """Return a function that changes each page of the list before it is evaluated."""
    read = listing.read

    def lie(change_page):
        pages = []

        def changed(body, cursor):
            pages.append(change_page(read(body, cursor), len(pages)))
            return pages[-1]

        monkeypatch.setattr(client.listing, "read", changed)
        return pages

    return lie


def test_a_list_with_one_doi_twice(delivered, run, monkeypatch):
    read = listing.read

    def twice(body, cursor):
        body["data"].append(body["data"][0])
        return read(body, cursor)

    monkeypatch.setattr(client.listing, "read", twice)
    status, found = problems(run)
    assert [problem for _doi, problem in found] == ["listed_twice"]


def test_a_list_that_leaves_out_everything(delivered, run, monkeypatch, repository):
    monkeypatch.setattr(
        client.listing, "read", lambda body, cursor: listing.Page([], None, 0)
    )
    assert problems(run) == (0, {}), "DataCite has them, although its list omits them"
    monkeypatch.setattr(audit, "MOST_CONTRADICTIONS", 2)
    status, output = run("audit", "--fix")
    assert status == 1 and "so it is incomplete" in output
    assert {row.status for row in repository.registrations()} == {Status.FINDABLE}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {}},
        {"data": [{}] * 1001},
        {"data": "x", "links": []},
        {"data": [{"id": "x"}], "links": {"next": "/dois?page%5Bcursor%5D=1"}},
    ],
)
def test_a_list_that_is_none(delivered, run, sandbox, body):
    sandbox.server.fault(
        kind="status", status=200, match={"method": "GET", "path": "/dois"}, body=body
    )
    status, output = run("audit")
    sandbox.server.clear_faults()
    assert status == 1 and "Run the command again to continue." in output
    assert Registration.query.filter(Registration.due_at.is_not(None)).count() == 0


def test_a_list_that_goes_round_in_circles(delivered, run, monkeypatch):
    read = listing.read
    pages = []

    def circles(body, cursor):
        page = read(body, cursor)
        pages.append(page)
        return replace(page, cursor=f"round{len(pages)}")

    monkeypatch.setattr(client.listing, "read", circles)
    status, output = run("audit")
    assert status == 1 and "repeats itself endlessly" in output
    assert len(pages) == 4


def test_a_list_that_ends_too_early(delivered, run, lying):
    lying(lambda page, number: replace(page, total=2 * page.total))
    status, output = run("audit", "--fix")
    assert status == 1 and "ends after 6 of 12 DOIs" in output
    assert AuditRun.query.count() == 0, "the next one begins anew"
    assert Registration.query.filter(Registration.due_at.is_not(None)).count() == 0


def test_a_list_of_another_account(delivered, run, lying, monkeypatch):
    monkeypatch.setattr(walk, "MOST_FOREIGN", 3)

    def foreign(page, number):
        entries = [replace(entry, client="other.repo") for entry in page.entries]
        return replace(page, entries=entries, cursor=f"page{number}")

    pages = lying(foreign)
    status, output = run("audit")
    assert status == 1 and "has nothing of " in output
    assert len(pages) == 4


def test_pages_that_come_back(delivered, run, lying):
    """The list alternates between two cursors."""
    pages = lying(
        lambda page, number: replace(page, entries=[], cursor=f"page{number % 2}")
    )
    status, output = run("audit")
    assert status == 1 and "repeats itself endlessly" in output
    assert len(pages) == 3


def test_an_address_that_no_database_stores(delivered, run, lying, monkeypatch):
    read = listing.read

    def nul(body, cursor):
        for item in body["data"]:
            item["attributes"]["url"] = "https://repository.example.org/\x00"
        return read(body, cursor)

    monkeypatch.setattr(client.listing, "read", nul)
    assert problems(run) == (0, {}), "each DOI itself has the right one"


def test_versions_of_two_lists_differ(delivered, run, sandbox, lying, monkeypatch):
    """The list with all metadata is older, so it proves nothing about the other."""
    monkeypatch.setattr(audit, "MANY", 1)
    doi = doi_of(delivered[0])
    change(
        "UPDATE rdm_doi_registration SET metadata_version = 99 WHERE doi = :d", d=doi
    )

    def older(page, number):
        return replace(
            page,
            entries=[
                replace(entry, version=entry.version - number) for entry in page.entries
            ],
        )

    pages = lying(older)
    before = len(sandbox.log(doi))
    assert problems(run) == (0, {})
    assert len(pages) == 2
    assert len(sandbox.log(doi)) == before + 1, "it was asked about alone"

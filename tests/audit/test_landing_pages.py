# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi audit --landing-pages``: the site's pages are requested over HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from invenio_rdm_doi.audit import landing_pages, runs
from tests.support.repository import concept_doi_of, doi_of

from .conftest import change


class Site(BaseHTTPRequestHandler):
    """A site like InvenioRDM: ``/doi/<doi>`` redirects to a landing page."""

    answers: dict[str, int] = {}
    asked: list[tuple[str, str]] = []

    def answer(self):
        self.asked.append((self.command, self.path))
        path = unquote(self.path)
        if path.startswith("/doi/"):
            self.send_response(302)
            self.send_header("Location", f"/page{self.path}")
        else:
            status = self.answers.get(path.removeprefix("/page/doi/"), 200)
            if self.command == "HEAD" and status == 405:
                self.send_response(405)
            else:
                self.send_response(200 if status == 405 else status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = answer  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture()
def site(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(
        landing_pages, "landing_page", lambda doi: f"{address}/doi/{doi}"
    )
    monkeypatch.setattr(Site, "answers", {})
    monkeypatch.setattr(Site, "asked", [])
    yield Site
    server.shutdown()
    server.server_close()


@pytest.fixture()
def delivered(repository, sandbox, record_data):
    records = [repository.publish(record_data) for _ in range(3)]
    repository.deliver()
    repository.delete(records[2])
    repository.deliver()
    return records


def pages(run, *options):
    status, output = run(
        "audit", "--landing-pages", "--rate", "100", "--json", *options
    )
    found = json.loads(output[output.index("[") :])
    return status, {item["doi"]: item["details"]["answer"] for item in found}


def test_pages_answer_as_they_should(delivered, run, site, sandbox):
    gone = {doi_of(delivered[2]), concept_doi_of(delivered[2])}
    site.answers |= dict.fromkeys(gone, 410)
    site.answers[doi_of(delivered[0])] = 405
    before = len(sandbox.log())
    assert pages(run) == (0, {})
    assert len(sandbox.log()) == before, "DataCite is not asked"
    assert len({path for _method, path in site.asked if "/page/" in path}) == 6


def test_pages_that_do_not(delivered, run, site):
    broken, gone = doi_of(delivered[0]), doi_of(delivered[2])
    site.answers |= {broken: 500, concept_doi_of(delivered[2]): 410}
    assert pages(run) == (3, {broken: 500, gone: 200})
    status, output = run("audit", "--landing-pages", "--rate", "100")
    assert "with a landing page that does not answer correctly" in output
    site.answers |= {broken: 200, gone: 410}
    assert pages(run) == (0, {}), "repaired findings are removed"


def test_a_sample_and_all_of_them(delivered, run, site, monkeypatch):
    monkeypatch.setattr(landing_pages, "SIZE", 2)
    gone = {doi_of(delivered[2]), concept_doi_of(delivered[2])}
    site.answers |= dict.fromkeys(gone, 410)
    assert pages(run, "--sample", "3") == (0, {})
    assert len({path for _method, path in site.asked if "/page/" in path}) == 3
    site.asked.clear()
    assert pages(run, "--sample", "0") == (0, {})
    assert len({path for _method, path in site.asked if "/page/" in path}) == 6


def test_the_site_is_away(delivered, run, monkeypatch):
    monkeypatch.setattr(
        landing_pages, "landing_page", lambda doi: "http://127.0.0.1:9/x"
    )
    status, found = pages(run)
    assert (status, set(found.values())) == (3, {None})


def test_it_changes_nothing(run):
    assert run("audit", "--landing-pages", "--fix")[0] == 2


def test_another_process_took_it_over(delivered, run, site, monkeypatch):
    """Two concurrent processes would double the rate of requests to the site."""
    advance = runs.advance

    def taken(row, **values):
        change("UPDATE rdm_doi_run SET lease_token = gen_random_uuid()")
        return advance(row, **values)

    monkeypatch.setattr(landing_pages.runs, "advance", taken)
    status, output = run("audit", "--landing-pages", "--rate", "100")
    assert status == 1
    assert "Another process requests the pages of default." in output

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures: one running site, one browser, a page for each test.

The site's services are these tests' own, and those of ``tests/conftest.py`` are not
used. Tests share the site, so each has records of its own with titles of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from demo.story import Json

from .browser import chromium, context_of, log_in, watch
from .form import Form
from .record_page import RecordPage
from .rest import Repository, unique_title
from .sandbox import COMPLAINT, Sandbox
from .site import Site, running_site

HERE = Path(__file__).parent
FAILURES = "E2E_FAILURES"
"""The variable that names a folder for pictures of pages where a test failed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Iterator[None]:
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    folder = os.environ.get(FAILURES)
    if report.when == "call" and report.failed and page and not page.is_closed():
        report.sections.append(("page", page.url))
        if folder:
            name = re.sub(r"\W+", "_", item.name)
            with suppress(Error):  # what the test says is more important
                page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    return report


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The running InvenioRDM."""
    with running_site() as site:
        yield site


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The running browser."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def depositor(chrome: Browser, site: Site) -> BrowserContext:
    """The browser as the depositor uses it, logged in."""
    # Cookies do not look at ports: this holds for both web servers.
    context = context_of(chrome, "en-US")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(context, site.url, site.accounts["depositor"])
    return context


@pytest.fixture(scope="session")
def nobody(chrome: Browser) -> BrowserContext:
    """The browser as somebody uses it who is not logged in."""
    return context_of(chrome, "en-US")


@pytest.fixture(scope="session")
def german(chrome: Browser, depositor: BrowserContext) -> BrowserContext:
    """The browser of a depositor who wants German pages."""
    return context_of(chrome, "de-DE", storage_state=depositor.storage_state())


@pytest.fixture()
def new_page() -> Iterator[Callable[[BrowserContext], Page]]:
    """Opens pages, and closes them at the end; no script of theirs may have failed."""
    opened: list[tuple[Page, list[str]]] = []

    def new_page(context: BrowserContext) -> Page:
        page = context.new_page()
        opened.append((page, watch(page)))
        return page

    yield new_page
    for page, _errors in opened:
        page.close()
    assert [error for _page, errors in opened for error in errors] == []


@pytest.fixture()
def page(new_page, depositor: BrowserContext) -> Page:
    """An empty page of the depositor's."""
    return new_page(depositor)


@pytest.fixture()
def form(page: Page, site: Site) -> Form:
    """The deposit form, where every record has a DOI."""
    return Form(page, site.url)


@pytest.fixture()
def record_page(page: Page, site: Site) -> RecordPage:
    """A record's page, as its owner sees it."""
    return RecordPage(page, site.url)


@pytest.fixture()
def strangers_page(new_page, nobody: BrowserContext, site: Site) -> RecordPage:
    """A record's page, as somebody sees it who is not logged in."""
    return RecordPage(new_page(nobody), site.url)


@pytest.fixture()
def repository(site: Site) -> Repository:
    """The REST API, as the depositor uses it."""
    return site.repository()


@pytest.fixture()
def sandbox(site: Site) -> Iterator[Sandbox]:
    """The sandbox in the place of DataCite; afterwards it runs and behaves."""
    yield site.sandbox
    site.sandbox.start()
    site.sandbox.behave()


@pytest.fixture()
def refused(repository: Repository, sandbox: Sandbox) -> Iterator[Json]:
    """A published record with a DOI that DataCite has refused."""
    draft = repository.draft(unique_title("Refused"))
    sandbox.refuse(repository.reserve(draft), COMPLAINT)
    record = repository.publish(draft)
    repository.wait_status(record["id"], "failed")
    yield record
    sandbox.behave()

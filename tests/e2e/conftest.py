# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures: one running site, one browser, a page for each test.

The site has services of its own; those of ``tests/conftest.py`` are not used. Tests
share the site, so each test creates its own records with unique titles.
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
"""The variable with the folder for screenshots of pages of failed tests."""


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
            with suppress(Error):  # the failure of the test is more important
                page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    return report


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Run InvenioRDM."""
    with running_site() as site:
        yield site


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """Run the browser."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def depositor(chrome: Browser, site: Site) -> BrowserContext:
    """Return the logged-in depositor's browser context."""
    # Cookies are valid for all ports, thus for both web servers.
    context = context_of(chrome, "en-US")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(context, site.url, site.accounts["depositor"])
    return context


@pytest.fixture(scope="session")
def nobody(chrome: Browser) -> BrowserContext:
    """Return the browser context of an anonymous user."""
    return context_of(chrome, "en-US")


@pytest.fixture(scope="session")
def german(chrome: Browser, depositor: BrowserContext) -> BrowserContext:
    """Return the browser context of a depositor who prefers German pages."""
    return context_of(chrome, "de-DE", storage_state=depositor.storage_state())


@pytest.fixture()
def new_page() -> Iterator[Callable[[BrowserContext], Page]]:
    """Return a function that opens pages; close them, and check for script errors."""
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
    """Return an empty page of the depositor."""
    return new_page(depositor)


@pytest.fixture()
def form(page: Page, site: Site) -> Form:
    """Return the deposit form of the site where every record has a DOI."""
    return Form(page, site.url)


@pytest.fixture()
def record_page(page: Page, site: Site) -> RecordPage:
    """Return a record's page as its owner sees it."""
    return RecordPage(page, site.url)


@pytest.fixture()
def strangers_page(new_page, nobody: BrowserContext, site: Site) -> RecordPage:
    """Return a record's page as an anonymous user sees it."""
    return RecordPage(new_page(nobody), site.url)


@pytest.fixture()
def repository(site: Site) -> Repository:
    """Return the REST API with the depositor's token."""
    return site.repository()


@pytest.fixture()
def sandbox(site: Site) -> Iterator[Sandbox]:
    """Provide the sandbox as DataCite; afterwards, start it and remove its faults."""
    yield site.sandbox
    site.sandbox.start()
    site.sandbox.behave()


@pytest.fixture()
def refused(repository: Repository, sandbox: Sandbox) -> Iterator[Json]:
    """Publish a record whose DOI DataCite refuses."""
    draft = repository.draft(unique_title("Refused"))
    sandbox.refuse(repository.reserve(draft), COMPLAINT)
    record = repository.publish(draft)
    repository.wait_status(record["id"], "failed")
    yield record
    sandbox.behave()

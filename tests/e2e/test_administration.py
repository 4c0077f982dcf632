# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The administration pages in a browser: problems, repairs and their results."""

from __future__ import annotations

import os
import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from demo.story import Json
from stack.processes import wait_until

from .axe import assert_accessible
from .browser import context_of, log_in
from .rest import Repository, unique_title
from .sandbox import COMPLAINT, Sandbox
from .shots import shoot
from .site import Site

MANY = int(os.environ.get("E2E_MANY", "3"))
"""The number of DOIs that are sent again at once."""

LATER = 60_000
"""The maximum time until a delivery appears, in milliseconds."""


@pytest.fixture(scope="session")
def administrator(chrome: Browser, site: Site) -> BrowserContext:
    """Return the browser context of an administrator."""
    context = context_of(chrome, "en-US")
    log_in(context, site.url, site.accounts["admin"])
    return context


@pytest.fixture()
def admin_page(new_page, administrator: BrowserContext) -> Page:
    """Return an empty page of the administrator."""
    return new_page(administrator)


def doi_of(record: Json) -> str:
    doi: str = record["pids"]["doi"]["identifier"]
    return doi


def test_a_refused_doi_is_found_by_its_error_repaired_and_seen_healed(
    admin_page: Page,
    site: Site,
    refused: Json,
    sandbox: Sandbox,
    repository: Repository,
):
    page = admin_page
    page.goto(f"{site.url}/administration/dois/overview")
    link = page.get_by_role("link", name="DOIs that failed")
    expect(link).to_be_visible()
    shoot(page, "administration-overview")
    link.click()
    page.get_by_label("Error code").fill("datacite.refused")
    page.get_by_role("button", name="Filter", exact=True).click()
    row = page.get_by_role("row", name=doi_of(refused))
    expect(row).to_contain_text(COMPLAINT)
    shoot(page, "administration-list")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(doi_of(refused))
    expect(page.get_by_role("heading", name="Last error")).to_be_visible()
    shoot(page, "administration-doi")
    page.get_by_role("button", name="Mark as handled").click()
    said = page.locator("#doi-said")
    expect(said).to_contain_text("marked as handled until the next attempt")
    sandbox.behave()
    page.get_by_role("button", name="Send again").click()
    expect(said).to_contain_text("The DOI will be sent again.")
    repository.wait_status(refused["id"], "findable")
    with page.expect_navigation():
        said.get_by_role("link").click()
    expect(page.locator("#doi-facts")).to_contain_text("Findable", timeout=LATER)
    page.wait_for_load_state()
    page.get_by_role("button", name="Compare now").click()
    expect(said).to_contain_text("DataCite has the expected metadata.")


def test_an_outage_is_seen_on_the_overview(
    admin_page: Page, site: Site, sandbox: Sandbox, repository: Repository
):
    sandbox.stop()
    records = [repository.published(unique_title("Outage")) for _ in range(3)]
    page = admin_page
    overview = f"{site.url}/administration/dois/overview"
    page.goto(overview)
    link = page.get_by_role("link", name="Deliveries for default are on hold")
    end = time.monotonic() + 120
    while not link.is_visible() and time.monotonic() < end:
        page.wait_for_timeout(1000)
        page.goto(overview)
    expect(link).to_be_visible()
    shoot(page, "administration-outage")
    link.click()
    expect(page.get_by_text("Suspended: DataCite does not answer")).to_be_visible()
    sandbox.start()
    page.get_by_role("button", name="Resume default").click()
    expect(page.locator("#doi-said")).to_contain_text("Deliveries are resumed.")
    for record in records:
        sandbox.wait_findable(doi_of(record))
    page.goto(overview)
    expect(
        page.get_by_role("link", name="Deliveries for default are on hold")
    ).to_have_count(0)


def test_a_finding_of_the_audit_is_repaired(
    admin_page: Page, site: Site, sandbox: Sandbox, repository: Repository
):
    record = repository.published(unique_title("Changed elsewhere"))
    doi = doi_of(record)
    repository.wait_status(record["id"], "findable")
    sandbox.put(doi, titles=[{"title": "<img src=x onerror=alert(1)>"}])
    said = site.invenio("doi", "audit")
    assert doi in said
    page = admin_page
    page.goto(f"{site.url}/administration/dois/overview")
    page.get_by_role("link", name="The audit found: Different metadata").click()
    row = page.get_by_role("row", name=doi)
    expect(row).to_contain_text("titles")
    expect(page.get_by_role("button", name=f"Repair {doi}")).to_be_enabled()
    shoot(page, "administration-findings")
    row.get_by_role("link", name=doi).click()
    page.get_by_role("button", name="Compare now").click()
    expect(page.locator("#doi-differences")).to_contain_text("<img src=x")
    shoot(page.locator("#doi-differences"), "administration-comparison", above=120)
    page.go_back()
    page.get_by_role("button", name=f"Repair {doi}").click()
    expect(page.locator("#doi-said")).to_contain_text("was checked again at DataCite")
    assert wait_until(
        lambda: "<img" not in str((sandbox.doi(doi) or {}).get("titles")), 60, 0.5
    )


def test_many_are_sent_again_with_the_keyboard(
    admin_page: Page, site: Site, sandbox: Sandbox, repository: Repository
):
    drafts = [repository.draft(unique_title("Many at once")) for _ in range(MANY)]
    for draft in drafts:
        sandbox.refuse(repository.reserve(draft), COMPLAINT)
    records = [repository.publish(draft) for draft in drafts]
    for record in records:
        repository.wait_status(record["id"], "failed")
    sandbox.behave()
    page = admin_page
    page.goto(f"{site.url}/administration/dois/list?status=failed")
    button = page.get_by_role("button", name="Send all matching DOIs again")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("DOIs will be sent again")
    expect(dialog.get_by_role("button", name="Send again")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Send again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#doi-said")).to_contain_text("DOIs will be sent again;")
    for draft in drafts:
        repository.wait_status(draft["id"], "findable")


def test_the_accounts_are_checked(admin_page: Page, site: Site, sandbox: Sandbox):
    page = admin_page
    page.goto(f"{site.url}/administration/dois/accounts")
    page.get_by_role("button", name="Check default").click()
    expect(page.get_by_text("OK: DataCite accepts")).to_be_visible()
    shoot(page, "administration-accounts")
    sandbox.stop()
    page.get_by_role("button", name="Check default").click()
    expect(page.locator("#doi-said")).to_contain_text("Problems were found")
    sandbox.start()


@pytest.mark.parametrize(
    "path", ["/overview", "/list", "/findings", "/accounts", "item"]
)
def test_the_pages_are_accessible_and_fit(
    admin_page: Page, site: Site, repository: Repository, path: str
):
    page = admin_page
    if path == "item":
        record = repository.published(unique_title("Accessible"))
        page.goto(f"{site.url}/administration/dois/list?q={doi_of(record)}")
        page.get_by_role("link", name=doi_of(record)).click()
    else:
        page.goto(f"{site.url}/administration/dois{path}")
    place = page.locator("#doi-administration")
    expect(place).to_be_visible()
    # The script enables the buttons.
    expect(place.locator("button:disabled")).to_have_count(0)
    assert_accessible(place)
    page.set_viewport_size({"width": 320, "height": 800})
    wide = place.evaluate("""place => [...place.querySelectorAll("*")]
        .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 80))""")
    assert wide == []

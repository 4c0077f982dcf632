# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Chromium: start, log-in and observation of script errors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
)

from demo.site import Account

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    # Chromium's own sandbox does not work as root, and CI often runs as root.
    "--no-sandbox",
    "--disable-gpu",
    # No network traffic except for the pages of the tests.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NO_BROWSER = (
    "These tests need Chromium, and there is none. Install one (Debian: apt install "
    'chromium; or "python -m playwright install chromium"), or name one in the '
    "variable CHROMIUM."
)
#: Loading a page of InvenioRDM takes some seconds on a busy machine.
SECONDS = 15.0
SIZE = {"width": 1280, "height": 1000}


def _program() -> str | None:
    """Return an installed browser; None for the one that Playwright downloads."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start a browser, and close it at the end.

    :raises RuntimeError: if there is none; the message says how to get one.
    """
    expect.set_options(timeout=SECONDS * 1000)
    try:
        browser = playwright.chromium.launch(executable_path=_program(), args=ARGUMENTS)
    except Error as error:
        raise RuntimeError(f"{NO_BROWSER}\n{error}") from error
    try:
        yield browser
    finally:
        browser.close()


def context_of(browser: Browser, locale: str, **options: object) -> BrowserContext:
    """Create a browser profile, whose pages share log-in and cache."""
    context = browser.new_context(locale=locale, viewport=SIZE, **options)  # type: ignore
    context.set_default_timeout(SECONDS * 1000)
    return context


def log_in(context: BrowserContext, url: str, account: Account) -> None:
    """Log in, for all pages of the context."""
    page = context.new_page()
    page.goto(f"{url}/login/")
    page.fill("#email", account.email)
    page.fill("#password", account.password)
    page.click("form[name=login_user_form] button[type=submit]")
    page.wait_for_url(lambda address: "/login" not in address)
    page.close()


def watch(page: Page) -> list[str]:
    """Collect the uncaught errors of this package's scripts.

    InvenioRDM's own scripts are left out: its text editor fails for some drafts.
    """
    errors: list[str] = []

    def look(error: Error) -> None:
        if "invenio-rdm-doi" in (error.stack or ""):
            errors.append(error.stack or str(error))

    page.on("pageerror", look)
    return errors

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Accessibility checks of a part of a page with axe-core."""

from __future__ import annotations

import json

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, expect

SERIOUS = ("serious", "critical")
RUN = """async (part) => {
    const {violations} = await axe.run(part, {resultTypes: ["violations"]});
    return violations.flatMap(({id, impact, help, nodes}) =>
        nodes.map(({html}) => ({id, impact, help, html: html.slice(0, 300)})));
}"""

NO_TRANSITION = """
    () => document.getAnimations().every(one => !(one instanceof CSSTransition))
"""


def violations(part: Locator) -> list[dict[str, str]]:
    """Return axe's violations in a part of a page: rule, impact, help, and element."""
    expect(part).to_be_visible()
    page = part.page
    if not page.evaluate("'axe' in window"):
        # Not added as a script element: the page's security policy allows only its own
        # scripts.
        page.evaluate(AXE_SCRIPT)
    # Colors are in between while a transition runs.
    page.wait_for_function(NO_TRANSITION)
    found: list[dict[str, str]] = part.evaluate(RUN)
    return found


def assert_accessible(*parts: Locator) -> None:
    """Check that these parts have no serious or critical violations."""
    found = [each for part in parts for each in violations(part)]
    serious = [each for each in found if each["impact"] in SERIOUS]
    assert not serious, json.dumps(serious, indent=2)

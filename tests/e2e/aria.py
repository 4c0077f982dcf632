# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Accessibility trees as screen readers get them, compared with stored files.

``DOI_SCREENSHOTS=1`` rewrites the files; review the differences.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Locator

FOLDER = Path(__file__).parent / "aria"
OF_A_DRAFT = re.compile(r"10\.1234/[a-z0-9]{5}-[a-z0-9]{5}")


def assert_tree(part: Locator, name: str) -> None:
    """Compare the accessibility tree with the stored one of this name."""
    found = OF_A_DRAFT.sub("10.1234/abcde-fgh12", part.aria_snapshot()) + "\n"
    path = FOLDER / f"{name}.yml"
    if os.environ.get("DOI_SCREENSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8")

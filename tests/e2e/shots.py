# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Screenshots for the documentation, taken during the tests."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Locator, Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WANTED = "DOI_SCREENSHOTS"
MARGIN = 12
#: A page of a form has few colors, so this makes the file much smaller.
COLOURS = 128


def shoot(what: Page | Locator, name: str, above: int = MARGIN) -> None:
    """Take a screenshot for the documentation if ``DOI_SCREENSHOTS=1`` requests it.

    :param what: the visible part of a page, or an element with a margin.
    :param above: the margin above the element, in pixels.
    """
    if os.environ.get(WANTED) != "1":
        return
    if isinstance(what, Page):
        picture = what.screenshot(animations="disabled")
    else:
        picture = _around(what, above)
    FOLDER.mkdir(parents=True, exist_ok=True)
    _small(picture, FOLDER / f"{name}.png")


def _around(part: Locator, above: int) -> bytes:
    # Center the element, so that there is a margin on all sides.
    part.evaluate("part => part.scrollIntoView({block: 'center'})")
    box, size = part.bounding_box(), part.page.viewport_size
    assert box and size
    left, top = max(box["x"] - MARGIN, 0), max(box["y"] - above, 0)
    right = min(box["x"] + box["width"] + MARGIN, size["width"])
    bottom = min(box["y"] + box["height"] + MARGIN, size["height"])
    return part.page.screenshot(
        animations="disabled",
        clip={"x": left, "y": top, "width": right - left, "height": bottom - top},
    )


def _small(picture: bytes, path: Path) -> None:
    # Pillow is installed with InvenioRDM.
    from PIL import Image

    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)

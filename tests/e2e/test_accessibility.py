# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Keyboard use, small screens, and the checks of axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from .aria import assert_tree
from .axe import assert_accessible
from .form import Form
from .record_page import RecordPage, Uploads
from .rest import Repository, unique_title
from .sandbox import Sandbox
from .shots import shoot

SMALL = {"width": 320, "height": 640}
NEW = {"provider": "datacite", "identifier": ""}


def tab_to(page: Page, target: Locator, most: int = 60) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if is_focused(target):
            return
    raise AssertionError(f"{most} times Tab did not lead to {target}")


def is_focused(target: Locator) -> bool:
    """Return whether the target has the focus."""
    return bool(target.evaluate("element => element === document.activeElement"))


def assert_focus_inside(field: Locator) -> None:
    """Check that the focus is in the field, and not lost."""
    expect(field.locator(":focus")).to_have_count(1)


def assert_fits(part: Locator) -> None:
    """Check that no part of it is off the screen or needs scrolling."""
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    assert box
    assert box["x"] >= 0
    size = part.page.viewport_size
    assert size and box["x"] + box["width"] <= size["width"]
    wide = part.evaluate("""part => [part, ...part.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
                || (e === part && e.scrollWidth > e.clientWidth + 2))
            .map((e) => e.outerHTML.slice(0, 200))""")
    assert wide == []


def test_everything_can_be_done_with_the_keyboard(form: Form, repository: Repository):
    draft = repository.draft(unique_title("Without a mouse"), doi=NEW)
    page, keyboard = form.page, form.page.keyboard
    form.open(draft["id"])
    form.resource_type.locator("input").focus()
    keyboard.press("Shift+Tab")
    assert_focus_inside(form.field)
    tabs = 0
    while not is_focused(form.new):
        keyboard.press("Shift+Tab")
        tabs += 1
        assert tabs < 5
    # The arrow keys move between choices.
    keyboard.press("ArrowRight")
    expect(form.existing).to_be_focused()
    expect(form.existing).to_be_checked()
    keyboard.press("Tab")
    expect(form.typed).to_be_focused()
    keyboard.type("DOI:10.4321/typed")
    keyboard.press("Enter")
    expect(form.typed).to_have_value("10.4321/typed")
    expect(form.typed).to_be_focused()
    # Enter checked the DOI and did not save the draft.
    assert repository.saved_doi(draft["id"]) == NEW
    expect(form.page.locator(".ui.modal.visible")).to_have_count(0)
    keyboard.press("Shift+Tab")
    expect(form.existing).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(form.new).to_be_checked()
    tab_to(page, form.reserve, 3)
    keyboard.press("Enter")
    expect(form.discard).to_be_enabled()
    assert_focus_inside(form.field)
    if not is_focused(form.copy):
        tab_to(page, form.copy, 3)
    keyboard.press("Space")
    expect(form.announced("Copied")).to_have_count(1)
    expect(form.copy).to_be_focused()
    tab_to(page, form.discard, 2)
    keyboard.press("Enter")
    expect(form.keep).to_be_focused()
    keyboard.press("Escape")
    expect(form.discard).to_be_focused()
    keyboard.press("Enter")
    tab_to(page, form.really_discard, 2)
    keyboard.press("Space")
    expect(form.reserve).to_be_enabled()
    assert_focus_inside(form.field)


def test_a_failed_reservation_does_not_lose_the_focus(
    form: Form, repository: Repository
):
    draft = repository.draft(unique_title("Focused"), doi=NEW)
    form.open(draft["id"])
    form.page.route("**/draft/pids/doi*", lambda route: route.abort())
    form.reserve.focus()
    form.page.keyboard.press("Enter")
    expect(form.problem).to_be_visible()
    expect(form.reserve).to_be_enabled()
    assert_focus_inside(form.field)


def test_the_form_has_nothing_that_axe_calls_serious(
    form: Form, repository: Repository
):
    form.open()
    assert_accessible(form.field)
    form.existing.check()
    form.typed.fill("no DOI")
    form.typed.blur()
    expect(form.problem).to_be_visible()
    assert_accessible(form.field)
    form.title.fill(unique_title("Looked at by axe"))
    form.save()
    expect(form.links).to_be_visible()
    assert_accessible(form.field, form.links)
    form.new.check()
    expect(form.reserve).to_be_visible()
    assert_accessible(form.field)
    form.reserve.click()
    expect(form.discard).to_be_visible()
    expect(form.announced("is reserved")).to_have_count(1)
    assert_accessible(form.field)
    form.copy.click()
    expect(form.announced("Copied")).to_have_count(1)
    assert_accessible(form.field)
    form.discard.click()
    expect(form.confirmation).to_be_visible()
    assert_accessible(form.field)
    form.restricted.click()
    assert_accessible(form.field)


def test_the_locked_doi_has_nothing_that_axe_calls_serious(
    form: Form, repository: Repository
):
    record = repository.published(unique_title("Locked, looked at by axe"))
    repository.edit(record)
    form.open(record["id"])
    assert_accessible(form.field)


def test_record_page_and_uploads_have_nothing_that_axe_calls_serious(
    record_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    draft = repository.draft(unique_title("Refused, looked at by axe"))
    sandbox.refuse(repository.reserve(draft), "It is too long")
    repository.publish(draft)
    repository.wait_status(draft["id"], "failed")
    record_page.open(draft["id"]).expect_status("failed")
    assert_accessible(record_page.panel)
    title = draft["metadata"]["title"]
    uploads = Uploads(record_page.page, repository.url).open(title)
    assert_accessible(uploads.attention(title))

    fine = repository.published(unique_title("Registered, looked at by axe"))
    repository.wait_status(fine["id"], "findable")
    record_page.open(fine["id"]).expect_status("findable")
    assert_accessible(record_page.panel)

    restricted = {"record": "restricted", "files": "restricted"}
    held = repository.draft(unique_title("Held, looked at"), access=restricted)
    repository.reserve(held)
    repository.publish(held)
    record_page.open(held["id"]).expect_status("withheld")
    assert_accessible(record_page.panel)


def test_everything_fits_on_a_small_screen(
    form: Form, record_page: RecordPage, repository: Repository, sandbox: Sandbox
):
    long = f"10.4321/{'a-very-long-suffix-' * 8}end"
    draft = repository.draft(unique_title("On a telephone"))
    form.page.set_viewport_size(SMALL)
    form.open(draft["id"])
    form.existing.check()
    form.typed.fill(long)
    form.typed.blur()
    assert_fits(form.field)
    form.typed.fill("10.1234/mine")
    form.typed.blur()
    expect(form.problem).to_be_visible()
    assert_fits(form.field)
    form.save()
    assert_fits(form.links)
    form.new.check()
    form.reserve.click()
    expect(form.discard).to_be_visible()
    assert_fits(form.field)
    form.discard.click()
    expect(form.confirmation).to_be_visible()
    assert_fits(form.field)
    shoot(form.field, "field-320")
    form.keep.click()
    sandbox.refuse(form.doi.inner_text(), "Oh" * 100)
    repository.publish(draft)
    repository.wait_status(draft["id"], "failed")
    record_page.open(draft["id"]).expect_status("failed")
    assert_fits(record_page.panel)
    shoot(record_page.panel, "record-320")


def test_forced_colors_show_what_is_chosen(form: Form, repository: Repository):
    """Browsers do not draw backgrounds and shadows in this mode."""
    draft = repository.draft(unique_title("Forced colors"))
    form.page.emulate_media(forced_colors="active")
    form.open(draft["id"])
    form.new.check()
    style = "(input) => getComputedStyle(input.nextElementSibling, '{part}').{name}"
    chosen = style.format(part="::after", name="backgroundColor")
    assert form.new.evaluate(chosen) != form.existing.evaluate(chosen)
    border = style.format(part="::before", name="borderTopWidth")
    assert form.existing.evaluate(border) == "1px"
    shoot(form.field, "field-forced-colors")
    form.page.emulate_media(forced_colors="none")


def test_the_group_is_said_to_be_required(form: Form):
    form.open()
    group = form.field.get_by_role(
        "radiogroup", name="Do you already have a DOI for this upload?"
    )
    expect(group).to_have_attribute("aria-required", "true")
    expect(form.new).to_be_checked()


def test_what_screen_readers_get(form: Form, repository: Repository, sandbox: Sandbox):
    """Check each state of the field, from a new upload to a problem."""
    form.open()
    assert_tree(form.field, "new-upload")
    draft = repository.draft(unique_title("For listeners"))
    form.open(draft["id"])
    form.new.check()
    assert_tree(form.field, "new")
    form.reserve.click()
    expect(form.announced("is reserved")).to_have_count(1)
    expect(form.discard).to_be_visible()
    assert_tree(form.field, "reserved")
    form.discard.click()
    expect(form.confirmation).to_be_visible()
    assert_tree(form.field, "discard")
    form.keep.click()
    form.existing.check()
    form.typed.fill("10.4321/abc.")
    form.typed.blur()
    expect(form.field.get_by_role("button", name="Use 10.4321/abc")).to_be_visible()
    assert_tree(form.field, "question")
    form.typed.fill("https://example.org/17")
    form.typed.blur()
    expect(form.problem).to_be_visible()
    assert_tree(form.field, "problem")


@pytest.mark.parametrize("how", ["zoom-200", "right-to-left"])
def test_everything_fits_otherwise(form: Form, repository: Repository, how: str):
    """Zoom to 200 percent, and use languages that are written from right to left."""
    draft = repository.draft(unique_title("Otherwise"))
    if how == "zoom-200":
        form.page.set_viewport_size({"width": 640, "height": 400})
    form.open(draft["id"])
    if how == "right-to-left":
        form.page.evaluate("document.documentElement.dir = 'rtl'")
    form.new.check()
    assert_fits(form.field)
    shoot(form.field, f"field-{how}")
    form.existing.check()
    form.typed.fill("10.4321/abc.")
    form.typed.blur()
    expect(form.field.get_by_role("button", name="Use 10.4321/abc")).to_be_visible()
    assert_fits(form.field)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The state machine (facts 1; lupo doi.rb:40-69)."""

from __future__ import annotations

import pytest

from .helpers import DOI, metadata, read

REACH = {"draft": [], "registered": ["register"], "findable": ["publish"]}


@pytest.mark.parametrize(
    ("start", "event", "end"),
    [
        ("draft", "register", "registered"),
        ("draft", "publish", "findable"),
        ("registered", "publish", "findable"),
        ("findable", "hide", "registered"),
        ("registered", "show", "findable"),
    ],
)
def test_a_legal_event_moves_the_doi(owner, start, event, end):
    for step in REACH[start] or [None]:
        owner.put(**metadata(event=step))
    answer = owner.put(event=event)
    assert answer.status_code == 200
    assert read(answer)["state"] == end
    assert owner.read()["state"] == end


@pytest.mark.parametrize(
    ("start", "event"),
    [
        ("draft", "hide"),
        ("draft", "show"),
        ("draft", "nonsense"),
        ("registered", "register"),
        ("registered", "hide"),
        ("findable", "register"),
        ("findable", "publish"),
        ("findable", "show"),
        ("findable", "draft"),
        ("findable", 7),
    ],
)
def test_an_illegal_event_is_ignored_without_an_error(owner, start, event):
    """doi.rb:40: ``whiny_transitions: false``."""
    for step in REACH[start] or [None]:
        owner.put(**metadata(event=step))
    answer = owner.put(event=event)
    assert answer.status_code == 200
    assert read(answer)["state"] == start


def test_without_event_a_new_doi_is_a_draft(owner):
    """patch_spec.rb:35."""
    assert read(owner.put(**metadata()))["state"] == "draft"


def test_without_event_the_state_stays(owner):
    owner.put(**metadata(event="publish"))
    assert read(owner.put(**metadata()))["state"] == "findable"


@pytest.mark.parametrize("sent", [{"state": "findable"}, {"isActive": True}])
def test_state_and_isactive_in_a_payload_are_ignored(owner, sent):
    """params_sanitizer.rb:306-346."""
    stored = read(owner.put(**metadata(**sent)))
    assert (stored["state"], stored["isActive"]) == ("draft", False)


@pytest.mark.parametrize(
    ("event", "active"), [(None, False), ("register", False), ("publish", True)]
)
def test_only_findable_dois_are_active(owner, event, active):
    """dois_spec:1307-1400."""
    assert read(owner.put(**metadata(event=event)))["isActive"] is active


def test_hide_keeps_the_reason(owner):
    """dois_spec:1447."""
    owner.put(**metadata(event="publish"))
    stored = read(owner.put(event="hide", reason="withdrawn by author"))
    assert stored["state"] == "registered"
    assert stored["reason"] == "withdrawn by author"


def test_registered_is_set_once_when_leaving_draft(owner, clock):
    """helpable.rb:67-70."""
    assert read(owner.put(**metadata()))["registered"] is None
    clock.tick(5)
    first = read(owner.put(event="register"))["registered"]
    clock.tick(5)
    assert first == "2026-01-01T00:00:05.000Z"
    assert read(owner.put(event="publish"))["registered"] == first


def test_the_event_comes_before_validation(owner):
    """Requirements are those of the state after the event."""
    assert owner.put(event="publish").status_code == 422
    assert owner.get(f"/dois/{DOI}").status_code == 404

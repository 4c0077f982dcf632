# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The state machine of a DOI (lupo doi.rb:40-69).

``aasm whiny_transitions: false``: an event that is unknown, or illegal in the current
state, changes nothing and is no error. No event leads back to draft.
"""

from __future__ import annotations

DRAFT, REGISTERED, FINDABLE = "draft", "registered", "findable"
STATES = (FINDABLE, REGISTERED, DRAFT)

_TRANSITIONS = {
    ("register", DRAFT): REGISTERED,
    ("publish", DRAFT): FINDABLE,
    ("publish", REGISTERED): FINDABLE,
    ("hide", FINDABLE): REGISTERED,
    ("show", REGISTERED): FINDABLE,
}


def after(event: object, state: str) -> str:
    """Return the state after ``event``; the same state if it has no effect."""
    if not isinstance(event, str):
        return state
    return _TRANSITIONS.get((event, state), state)


def is_registered(state: str) -> bool:
    """Return whether a DOI in this state is in the handle system."""
    return state in (REGISTERED, FINDABLE)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's states and events, with DataCite's names.

Sources: https://support.datacite.org/docs/doi-states and lupo ``app/models/doi.rb``
(``aasm``).
"""

from __future__ import annotations

FINDABLE, REGISTERED, DRAFT = "findable", "registered", "draft"

STATES = (DRAFT, REGISTERED, FINDABLE)

PUBLISH, REGISTER, HIDE = "publish", "register", "hide"

EVENTS: dict[tuple[str | None, str], str | None] = {
    (None, FINDABLE): PUBLISH,
    (DRAFT, FINDABLE): PUBLISH,
    (REGISTERED, FINDABLE): PUBLISH,
    (FINDABLE, FINDABLE): PUBLISH,
    (None, REGISTERED): REGISTER,
    (DRAFT, REGISTERED): REGISTER,
    (REGISTERED, REGISTERED): REGISTER,
    (FINDABLE, REGISTERED): HIDE,
    (None, DRAFT): None,
    (DRAFT, DRAFT): None,
}
"""(current state at DataCite, wanted state) -> event.

No pair leads from another state back to ``draft``: DataCite has no such event.
"""

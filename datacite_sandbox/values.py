# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Access to JSON values whose form is not guaranteed."""

from __future__ import annotations

from typing import Any


def as_list(value: Any) -> list[Any]:
    """Return a list unchanged, None as an empty list, other values in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pick(item: Any, key: str) -> Any:
    """Return a value of an object; None if ``item`` is not an object."""
    return item.get(key) if isinstance(item, dict) else None

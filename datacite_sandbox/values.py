# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Access to JSON values whose form nobody guarantees."""

from __future__ import annotations

from typing import Any


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, anything else as its item."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pick(item: Any, key: str) -> Any:
    """Return a value of an object, None where there is no object."""
    return item.get(key) if isinstance(item, dict) else None

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A column for an enumeration that may get more members in a newer version.

While a site is upgraded, workers of the previous version read values that a newer web
application wrote: they show such a value, leave its row alone, and continue with the
rest.
"""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa


class Newer(str):
    """A value that this version does not recognize."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The value itself, like ``value`` of a member of an enumeration."""
        return str(self)


class Choice(sa.types.TypeDecorator[Any]):
    """Members of an enumeration, stored by their values."""

    impl = sa.String
    cache_ok = True

    def __init__(self, choices: type[enum.Enum], length: int = 16):
        """Constructor."""
        super().__init__(length)
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Return the value to store."""
        if isinstance(value, enum.Enum):
            return str(value.value)
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Return the member, or the value that a newer version wrote."""
        if value is None:
            return None
        try:
            return self.choices(value)
        except ValueError:
            return Newer(value)

    def process_literal_param(self, value: Any, dialect: Any) -> str:
        """Return the value as it appears in a statement."""
        return str(value.value if isinstance(value, enum.Enum) else value)

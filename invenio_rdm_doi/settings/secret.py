# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A value that is not shown in any repr, log or error report."""

from __future__ import annotations

import hmac


class Secret:
    """Text that only :meth:`reveal` returns; ``str`` and ``repr`` give asterisks.

    Error reporters collect the ``repr`` of the local variables of stack frames.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str):
        self._value = value

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    def __repr__(self) -> str:
        return "'********'"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str:
        raise TypeError(
            "a secret must not be passed to other processes, messages or " "files"
        )

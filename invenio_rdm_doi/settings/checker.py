# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Collection of problems with settings, so that all are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .metadata import Complain
from .problem import Problem

FLAGS = {"true": True, "false": False}


class Checker:
    """Reads values by name, and records the problems with them.

    :ivar values: the values by the names of their settings, such as ``"PREFIX"``.
    :ivar problems: the problems that were found.
    """

    def __init__(self, values: Mapping[str, Any], problems: list[Problem]):
        """Constructor."""
        self.values = values
        self.problems = problems

    def setting(self, name: str) -> str:
        """Return the name of a setting as it is written in ``invenio.cfg``."""
        raise NotImplementedError

    def complain(self, name: str, message: str, code: str | None = None) -> None:
        """Record a problem with a setting, and what to write instead."""
        code = code or f"config.{name.lower()}"
        self.problems.append(Problem(code, self.setting(name), message))

    def complaint(self, name: str) -> Complain:
        """Return a function that records a problem with one setting."""
        return lambda message: self.complain(name, message)

    def missing(self, name: str, what: str) -> None:
        """Record that a required setting is missing."""
        self.complain(name, f"is missing. Write {what}, in quotes.")

    def checked(self, name: str, read: Callable[[Any, Complain], Any]) -> Any:
        """Return a value as a function reads and checks it."""
        return read(self.values[name], self.complaint(name))

    def text(self, name: str) -> str:
        """Return a text value; empty if there is none."""
        value = self.values[name]
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            # In the environment, "12345" becomes a number; nothing is lost.
            return str(value)
        if not isinstance(value, str):
            self.complain(name, "must be text, in quotes.")
            return ""
        return value if value.strip() else ""

    def flag(self, name: str) -> bool:
        """Return a Boolean value."""
        value = self.values[name]
        if isinstance(value, str) and value.strip().lower() in FLAGS:
            # In the environment, any value may be text.
            return FLAGS[value.strip().lower()]
        if not isinstance(value, bool):
            self.complain(name, "must be True or False.")
        return value is True

    def one_of(self, name: str, allowed: Mapping[str, str]) -> str:
        """Return a value that must be one of several words.

        :param allowed: the words, and the meaning of each.
        """
        value = self.values[name]
        if not isinstance(value, str) or value not in allowed:
            meanings = ", or ".join(
                f'"{word}" ({meaning})' for word, meaning in allowed.items()
            )
            self.complain(name, f"{value!r} must be {meanings}.")
            return next(iter(allowed))
        return value

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Collects what is wrong with settings, so that all of it is said at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .metadata import Complain
from .problem import Problem

FLAGS = {"true": True, "false": False}


class Checker:
    """Reads values by name, and notes what is wrong with them.

    :ivar values: the values by the names of their settings, such as ``"PREFIX"``.
    :ivar problems: what was found.
    """

    def __init__(self, values: Mapping[str, Any], problems: list[Problem]):
        """Constructor."""
        self.values = values
        self.problems = problems

    def setting(self, name: str) -> str:
        """Return how people write a setting."""
        raise NotImplementedError

    def complain(self, name: str, message: str, code: str | None = None) -> None:
        """Note that something is wrong with a setting, and what to write instead."""
        code = code or f"config.{name.lower()}"
        self.problems.append(Problem(code, self.setting(name), message))

    def complaint(self, name: str) -> Complain:
        """Return a function that notes what is wrong with one setting."""
        return lambda message: self.complain(name, message)

    def missing(self, name: str, what: str) -> None:
        """Note that a setting is needed."""
        self.complain(name, f"is missing. Write {what}, in quotes.")

    def checked(self, name: str, read: Callable[[Any, Complain], Any]) -> Any:
        """Return what a function makes of a value."""
        return read(self.values[name], self.complaint(name))

    def text(self, name: str) -> str:
        """Return text; empty if there is none."""
        value = self.values[name]
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            # From the environment, where "12345" arrives as a number; nothing is lost.
            return str(value)
        if not isinstance(value, str):
            self.complain(name, "must be text, in quotes.")
            return ""
        return value if value.strip() else ""

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        value = self.values[name]
        if isinstance(value, str) and value.strip().lower() in FLAGS:
            # From the environment, where everything may arrive as text.
            return FLAGS[value.strip().lower()]
        if not isinstance(value, bool):
            self.complain(name, "must be True or False.")
        return value is True

    def one_of(self, name: str, allowed: Mapping[str, str]) -> str:
        """Return one of several words, each of which has a meaning."""
        value = self.values[name]
        if not isinstance(value, str) or value not in allowed:
            meanings = ", or ".join(
                f'"{word}" ({meaning})' for word, meaning in allowed.items()
            )
            self.complain(name, f"{value!r} must be {meanings}.")
            return next(iter(allowed))
        return value

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Problems with the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Problem:
    """One problem with the configuration.

    :param code: stable code for machines, such as ``config.prefix``.
    :param setting: full name of the setting.
    :param message: the error, and what to write instead.
    """

    code: str
    setting: str
    message: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.message} [{self.code}]"


class ConfigurationError(click.ClickException):
    """The configuration cannot be used; ``problems`` lists all reasons.

    It is a ``ClickException``, so that a command line shows the message and exits with
    status 1 where it would otherwise show a traceback.
    """

    def __init__(self, problems: Sequence[Problem]):
        """Constructor."""
        self.problems = tuple(problems)
        super().__init__(
            f"DOI registration (invenio-rdm-doi) cannot start, "
            f"{len(problems)} setting(s) to fix in invenio.cfg:\n"
            + "\n".join(f"  - {problem}" for problem in problems)
        )

    def __str__(self) -> str:
        return self.message

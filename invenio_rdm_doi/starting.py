# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What kind of process starts: one that serves, or a command that may repair things."""

from __future__ import annotations

import click
from flask.cli import FlaskGroup

SERVING = ("run",)
"""Commands of ``invenio`` that are a web application."""


def may_repair() -> bool:
    """Whether the application is made for a command that may repair its settings.

    A wrong setting must stop the web application and the workers, and never
    ``invenio alembic``, ``invenio doi check`` or ``invenio shell``.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        # A web server, a worker of Celery, a script.
        return False
    root = context.find_root()
    if not isinstance(root.command, FlaskGroup):
        return False
    given = [*getattr(root, "_protected_args", ()), *root.args]
    names = [root.invoked_subcommand, *(name for name in given if name[:1] != "-")]
    command = next((name for name in names if name and name != "*"), None)
    return command not in SERVING

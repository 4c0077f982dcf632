# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Detection of commands that may repair settings, as opposed to servers and workers."""

from __future__ import annotations

import click
from flask.cli import FlaskGroup

SERVING = ("run",)
"""Commands of ``invenio`` that run a web application."""


def may_repair() -> bool:
    """Return whether the application is created for a command that may repair settings.

    A wrong setting must stop the web application and the workers, but never
    ``invenio alembic``, ``invenio doi check`` or ``invenio shell``.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        # A web server, a Celery worker or a script.
        return False
    root = context.find_root()
    if not isinstance(root.command, FlaskGroup):
        return False
    given = [*getattr(root, "_protected_args", ()), *root.args]
    names = [root.invoked_subcommand, *(name for name in given if name[:1] != "-")]
    command = next((name for name in names if name and name != "*"), None)
    return command not in SERVING

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A complete InvenioRDM for a benchmark, in this process, on the demo's services."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask

from demo.site import Instance
from stack.services import Services


@contextmanager
def application(**config: Any) -> Iterator[tuple[Flask, Instance, dict[str, Any]]]:
    """Provide the REST application of the demo's instance.

    :param config: changes to its configuration.
    :returns: the application, the instance, and its accounts by name.
    """
    with Services(sandbox=True) as services:
        instance = Instance(services)
        accounts = instance.set_up()
        os.environ.update(instance.environ)
        from invenio_app.factory import create_api

        app = create_api(RATELIMIT_ENABLED=False, **config)
        app.logger.setLevel("ERROR")
        with app.app_context():
            yield app, instance, accounts


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect the SQL statements that are executed inside the block."""
    from invenio_db import db

    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def say(text: str) -> None:
    """Print a line of progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def finish(result: dict[str, Any]) -> None:
    """Print the last line: the results as JSON."""
    print(json.dumps(result), flush=True)

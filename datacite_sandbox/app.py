# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The Flask application."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from .accounts import Account
from .api import api
from .control import control
from .pages import pages
from .sandbox import Sandbox


class _Json(DefaultJSONProvider):
    """JSON as DataCite sends it (lupo mime_types.rb)."""

    mimetype = "application/json; charset=utf-8"
    sort_keys = False


def create_app(
    accounts: Iterable[Account] | None = None, data: str | Path | None = None
) -> Flask:
    """Return the WSGI application of a new sandbox.

    ``data`` is a file for the DOIs; without it they are kept in memory.
    """
    app = Flask(__name__, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json = _Json(app)
    # A suffix may contain two slashes in a row; redirecting would change the DOI.
    app.url_map.merge_slashes = False
    app.extensions["datacite-sandbox"] = Sandbox(accounts, data)
    for blueprint in (pages, control, api):
        app.register_blueprint(blueprint)
    return app

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What tests and tools use to look into a sandbox and reset it (``/_sandbox``)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, make_response, request

from .sandbox import current_sandbox

control = Blueprint("control", __name__, url_prefix="/_sandbox")


@control.get("/log")
def show_log() -> Response:
    """Return the API requests so far, ``?doi=`` of one DOI, ``?since=n`` newer ones."""
    since = request.args.get("since", 0, type=int)
    entries = current_sandbox().journal.entries(request.args.get("doi"), since)
    return jsonify(entries)


@control.delete("/log")
def clear_log() -> Response:
    """Empty the log."""
    current_sandbox().journal.clear()
    return make_response("", 204)


@control.delete("/dois")
def clear_dois() -> Response:
    """Remove all DOIs."""
    current_sandbox().store.clear()
    return make_response("", 204)


@control.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(rest: str) -> Response:
    """Answer other paths here, so that they do not count as API requests."""
    abort(404)

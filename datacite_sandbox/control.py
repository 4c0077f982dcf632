# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Routes for tests and tools to inspect, reset and disturb a sandbox (``/_sandbox``).

Faults never affect requests to these paths.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, make_response, request

from .fault_scripts import ScriptError, read_rate
from .rates import RateLimit
from .sandbox import current_sandbox

control = Blueprint("control", __name__, url_prefix="/_sandbox")


@control.before_request
def only_for_local_programs() -> Response | None:
    """Refuse requests that a web page of another site makes a browser send.

    The headers ``Origin`` and ``Sec-Fetch-Site`` reveal the page of another site.
    ``Host`` reveals a foreign name that points to this machine (DNS rebinding).
    """
    host = _name(f"//{request.host}")
    reason = None
    if not _is_own(host):
        reason = f"the address must be localhost or a number, not {host}"
    elif request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        reason = "pages of other sites may not use this address"
    elif (origin := request.headers.get("Origin")) and (
        urlsplit(origin).netloc != request.host
    ):
        reason = f"pages of {origin} may not use this address"
    return make_response(jsonify({"error": reason}), 403) if reason else None


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_own(host: str) -> bool:
    """Return whether this name of the machine cannot be redirected by others."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@control.get("/log")
def show_log() -> Response:
    """Return the API requests so far.

    ``?doi=`` selects those of one DOI, ``?since=n`` those after number n;
    ``?summary=1`` returns only their counts.
    """
    journal = current_sandbox().journal
    doi, since = request.args.get("doi"), request.args.get("since", 0, type=int)
    if request.args.get("summary") in ("1", "true"):
        return jsonify(journal.summary(doi, since))
    return jsonify(journal.entries(doi, since))


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


@control.delete("/dois/<path:doi>")
def lose_doi(doi: str) -> Response:
    """Delete a DOI and its history, in any state."""
    if current_sandbox().store.get(doi) is None:
        abort(404)
    current_sandbox().store.lose(doi)
    return make_response("", 204)


@control.get("/faults")
def show_faults() -> Response:
    """Return the active faults and how often each fired."""
    return jsonify(current_sandbox().faults.as_json())


@control.post("/faults")
def add_faults() -> Response:
    """Add one fault or a list of faults after the active ones."""
    faults = current_sandbox().faults
    faults.add(_sent())
    return make_response(jsonify(faults.as_json()), 201)


@control.delete("/faults")
def clear_faults() -> Response:
    """Remove all faults."""
    current_sandbox().faults.clear()
    return make_response("", 204)


@control.get("/rate")
def show_rate() -> Response:
    """Return the rate limit, null if there is none."""
    rate = current_sandbox().rate
    return jsonify(rate.as_json() if rate else None)


@control.post("/rate")
def set_rate() -> Response:
    """Limit the rate; the window starts empty."""
    rate = current_sandbox().rate = RateLimit(**read_rate(_sent()))
    return make_response(jsonify(rate.as_json()), 201)


@control.delete("/rate")
def clear_rate() -> Response:
    """Remove the rate limit."""
    current_sandbox().rate = None
    return make_response("", 204)


@control.errorhandler(ScriptError)
def refuse(error: ScriptError) -> Response:
    """Report an invalid script."""
    return make_response(jsonify({"error": str(error)}), 400)


def _sent() -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise ScriptError("the body must be JSON") from error


@control.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(rest: str) -> Response:
    """Answer 404 to other paths here, so that they do not count as API requests."""
    abort(404)

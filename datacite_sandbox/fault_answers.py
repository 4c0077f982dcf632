# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Effects of faults on a request: instead of the answer, around it, or on it."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Callable

from flask import Response, g, jsonify, request

from .dois import doi_in
from .errors import documented, rate_limited
from .faults import Asked, Fault, Pause
from .journal import Exchange
from .sandbox import current_sandbox

#: A header for the server, not for the client: end the connection without an answer.
ENDING = "X-Sandbox-Ending"
CLOSE, RESET = "close", "reset"

_JSON = "application/json; charset=utf-8"
_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head>"
    "<body><h1>We will be back soon</h1></body></html>\n"
)
_POLL = 0.1


def before(exchange: Exchange) -> Response | None:
    """Choose the faults of a request; return an answer if the request ends here."""
    sandbox = current_sandbox()
    rate = sandbox.rate
    seconds = rate.wait() if rate is not None else None
    if rate is not None and seconds is not None:
        return rate_limited(str(seconds) if rate.retry_after else None)
    met = exchange.met = sandbox.faults.meet(_asked(exchange))
    if met.is_delayed and not met.pause.sleep(met.delay):
        return ending(exchange, CLOSE)
    if met.fault is None:
        return None
    surround = _AROUND.get(met.fault.kind)
    if surround is not None:
        surround(exchange, met.fault)
        return None
    instead = _INSTEAD.get(met.fault.kind)
    if instead is None or met.fault.options.get("processed"):
        return None
    return instead(exchange, met.fault)


def after(exchange: Exchange, response: Response) -> Response:
    """Change the answer to a request that was processed."""
    fault = exchange.met.fault if exchange.met else None
    if fault is None:
        return response
    if fault.kind == "no_answer":
        return ending(exchange, RESET if fault.options["reset"] else CLOSE)
    if fault.kind == "wrong_state":
        return _with_state(response, fault.options["state"])
    if fault.kind == "garbage":
        return _truncated(response)
    if fault.options.get("processed"):
        return _INSTEAD[fault.kind](exchange, fault)
    return response


def ending(exchange: Exchange, how: str) -> Response:
    """Return an answer that makes the server end the connection.

    The status is for servers other than the sandbox's own, which ignore the header.
    """
    exchange.is_answered = False
    return Response(status=502, headers={ENDING: how})


def hang(exchange: Exchange) -> None:
    """Wait for the end of the fault's time, its removal, or the end of either side."""
    met = exchange.met
    if met is not None and met.fault is not None:
        seconds = met.fault.options["seconds"]
        _wait(seconds, met.pause, request.environ.get("werkzeug.socket"))


def _asked(exchange: Exchange) -> Asked:
    doi = exchange.doi
    return Asked(
        method=request.method,
        path=request.path,
        doi=(doi_in(doi) or doi.lower()) if doi else None,
        route=(request.endpoint or "").removeprefix("api."),
    )


def _status(exchange: Exchange, fault: Fault) -> Response:
    options = fault.options
    status, body = options["status"], options["body"]
    if body is None:
        response = documented(status, exchange.doi)
    elif isinstance(body, str):
        response = Response(body.encode("utf-8", "replace"), status)
        response.content_type = "text/plain; charset=utf-8"
    else:
        response = jsonify(body)
        response.status_code = status
    if options["content_type"]:
        response.content_type = options["content_type"]
    for name, value in (options["headers"] or {}).items():
        response.headers[name] = value
    return response


def _rate_limit(exchange: Exchange, fault: Fault) -> Response:
    return rate_limited(fault.options["retry_after"])


def _end(exchange: Exchange, fault: Fault) -> Response:
    return ending(exchange, RESET if fault.kind == "reset" else CLOSE)


def _html(exchange: Exchange, fault: Fault) -> Response:
    return Response(_PAGE, fault.options["status"], mimetype="text/html")


def _lose(exchange: Exchange, fault: Fault) -> None:
    g.undone.enter_context(current_sandbox().store.undone())
    exchange.is_processed = False


def _rewind(exchange: Exchange, fault: Fault) -> None:
    """Serve the list from an earlier state of the database."""
    store, seconds = current_sandbox().store, fault.options["seconds"]
    g.undone.enter_context(store.undone())
    store.rewind(fault.mark if seconds is None else store.mark(_now() - seconds))


def _with_state(response: Response, state: str) -> Response:
    body = response.get_json(silent=True) if response.is_json else None
    data = body.get("data") if isinstance(body, dict) else None
    for item in data if isinstance(data, list) else [data]:
        attributes = item.get("attributes") if isinstance(item, dict) else None
        if isinstance(attributes, dict) and "state" in attributes:
            attributes["state"] = state
    if data is not None:
        response.set_data(json.dumps(body))
    return response


def _truncated(response: Response) -> Response:
    """Cut the answer in half; its length is correct, but the JSON is incomplete."""
    data = response.get_data() if response.is_json else b'{"data": {"id": null}}'
    return Response(data[: len(data) // 2], 200, content_type=_JSON)


def _wait(seconds: float, pause: Pause, connection: socket.socket | None) -> None:
    """Wait, but no longer than the client does: its retry is another request."""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        if connection is not None:
            selector.register(connection, selectors.EVENT_READ)
        while not pause.is_over and (left := deadline - time.monotonic()) > 0:
            if connection is None or not selector.get_map():
                pause.sleep(left)
            elif selector.select(min(left, _POLL)):
                if _has_ended(connection):
                    return
                # The client has already sent its next request: its end cannot be seen.
                selector.unregister(connection)


def _has_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def _now() -> float:
    return time.time()


_INSTEAD: dict[str, Callable[[Exchange, Fault], Response]] = {
    "status": _status,
    "rate_limit": _rate_limit,
    "hang": _end,
    "reset": _end,
    "html": _html,
}
_AROUND: dict[str, Callable[[Exchange, Fault], None]] = {
    "ignore_write": _lose,
    "stale_list": _rewind,
}

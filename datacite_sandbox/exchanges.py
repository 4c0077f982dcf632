# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hooks around every API request: one before, one after.

Scripted faults take effect here: ``before`` may wait or answer the request, ``after``
may replace the answer. The log is written last, so it has the answer that was sent.
"""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from . import fault_answers
from .dois import doi_in
from .errors import ApiError, BadRequest, Invalid, documented
from .journal import Exchange
from .sandbox import current_exchange, current_sandbox
from .values import pick

_JSON_TYPES = frozenset(
    {
        "application/json",
        "application/vnd.api+json",
        "application/jsonrequest",
        "text/x-json",
    }
)
#: nginx refuses larger bodies (lupo vendor/docker/webapp.conf).
LARGEST_BODY = 10 * 1024 * 1024


def install(blueprint: Blueprint) -> None:
    """Register the hooks and the error handlers for the routes of ``blueprint``."""
    blueprint.before_request(before)
    blueprint.after_request(after)
    blueprint.teardown_request(_release)
    blueprint.register_error_handler(ApiError, _api_error)
    blueprint.register_error_handler(Invalid, _invalid)


def before() -> AnyResponse | None:
    """Start the exchange; a fault may end it here, otherwise the route is called."""
    exchange = g.exchange = current_sandbox().journal.open()
    g.undone = ExitStack()
    doi = (request.view_args or {}).get("doi")
    exchange.doi = doi if isinstance(doi, str) else None
    # Faults take precedence, but they are matched with the readable request.
    refusal: AnyResponse | ApiError | None
    try:
        refusal = _read(exchange)
    except ApiError as error:
        refusal = error
    answer = fault_answers.before(exchange)
    if answer is not None:
        exchange.is_processed = False
        g.failed = True
        return answer
    if isinstance(refusal, ApiError):
        raise refusal
    return refusal


def _read(exchange: Exchange) -> AnyResponse | None:
    """Read the body, then identify the caller."""
    if request.method == "OPTIONS":
        return Response(status=204, content_type="text/plain")
    if (request.content_length or 0) > LARGEST_BODY:
        return documented(413)
    # Forms of /token have to be parsed first: reading the data would consume them.
    form = request.form if request.path == "/token" else None
    data: bytes | None = request.get_data()
    if data and _is_compressed():
        data = _decompressed(data)
        if data is None:
            return Response(status=500)
    exchange.body = form.to_dict() if form else _parsed(data)
    exchange.doi = exchange.doi or _doi_in(exchange.body)
    header = request.headers.get("Authorization")
    exchange.caller = current_sandbox().authenticator.caller(header)
    return None


def after(response: Response) -> Response:
    """Finish the exchange: name the caller, apply faults, write the log."""
    exchange, journal = current_exchange(), current_sandbox().journal
    g.undone.close()
    account = exchange.caller.account
    # Rails does not set these headers when an exception is the answer.
    if not getattr(g, "failed", False):
        if account:
            response.headers["X-Credential-Username"] = account.uid
        elif not exchange.caller.named:
            response.headers["X-Anonymous-Consumer"] = "true"
    if exchange.is_processed:
        response = fault_answers.after(exchange, response)
    if exchange.met is not None and exchange.met.name == "hang":
        # Logged before the wait: a client that gives up finds its request in the log.
        entry = journal.note(exchange, request, response)
        fault_answers.hang(exchange)
        journal.end(entry)
    else:
        journal.close(exchange, request, response)
    return response


def _release(error: BaseException | None) -> None:
    """Release the database, even if there was no answer."""
    g.undone.close()


def _is_compressed() -> bool:
    """Return whether to decompress the body; not for PATCH (compressed_requests.rb)."""
    encoding = request.headers.get("Content-Encoding")
    return encoding in ("gzip", "deflate") and request.method in ("POST", "PUT")


def _decompressed(data: bytes) -> bytes | None:
    unpack = gzip.decompress
    if request.headers["Content-Encoding"] == "deflate":
        unpack = zlib.decompress
    try:
        return unpack(data)
    except (OSError, EOFError, zlib.error):
        return None


def _parsed(data: bytes | None) -> Any:
    """Return the JSON body; a body of another type is ignored, as by Rails."""
    if not data:
        return None
    if request.mimetype not in _JSON_TYPES and not _is_compressed():
        return None
    try:
        return _well_formed(json.loads(data))
    except ValueError as error:
        title = "Error occurred while parsing request parameters"
        raise BadRequest(title) from error


def _well_formed(value: Any) -> Any:
    """Replace lone surrogates; text that contains them cannot be stored."""
    text = json.dumps(value, ensure_ascii=False)
    clean = text.encode("utf-8", "replace").decode()
    return value if clean == text else json.loads(clean)


def _doi_in(body: Any) -> str | None:
    """Return the DOI that a payload names."""
    for key in ("data", "attributes", "doi"):
        body = pick(body, key)
    if not isinstance(body, str) or not body:
        return None
    return doi_in(body) or body


def _api_error(error: ApiError) -> Response:
    g.failed = True
    response = make_response(jsonify(error.body()), error.status)
    if error.status == 500:
        response.headers.pop("Content-Type", None)
    return response


def _invalid(error: Invalid) -> Response:
    return make_response(jsonify(error.body()), 422)

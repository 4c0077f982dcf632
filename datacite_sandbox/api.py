# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The routes of DataCite's REST API.

Not included: API keys, media, events, content negotiation other than JSON and DataCite
XML, enrichments, and everything for members and staff except what is needed to
distinguish roles.
"""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from . import exchanges, repositories, serialize
from .auth import TOKEN_LIFETIME
from .dois import Doi
from .errors import BadRequest, Invalid, NotAcceptable, NotFound, Unauthorized
from .listing import leading_integer
from .payload import Payload, read_payload
from .sandbox import current_exchange, current_sandbox
from .suffixes import random_dois

api = Blueprint("api", __name__)
exchanges.install(api)

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_XML = ("application/vnd.datacite.datacite+xml", "application/x-datacite+xml")
_KNOWN_TYPES = (
    "*/*",
    "application/*",
    "text/*",
    "text/html",
    "application/xhtml+xml",
    "application/json",
    "application/vnd.api+json",
    "application/jsonrequest",
    "text/x-json",
)


@api.get("/dois")
@api.get("/repositories/<path:client_id>/dois")
@api.get("/clients/<path:client_id>/dois")
def list_dois(client_id: str | None = None) -> Response:
    """List DOIs; the repository in a nested path is ignored, as by DataCite."""
    _negotiate()
    base_url = request.host_url.rstrip("/")
    answer = current_sandbox().listing.answer(
        current_exchange().caller,
        request.args.to_dict(),
        url=base_url + request.environ.get("REQUEST_URI", request.full_path),
        base_url=base_url,
    )
    return jsonify(answer)


@api.post("/dois")
def create_doi() -> Response:
    """Create a DOI (DC:566-598)."""
    exchange = current_exchange()
    if not exchange.caller.named:
        raise Unauthorized()
    payload = _payload()
    doi = current_sandbox().registry.create(exchange.caller, payload)
    exchange.doi = doi.uid
    response = _document(doi, 201)
    response.headers["Location"] = url_for("api.show_doi", doi=doi.uid, _external=True)
    return response


@api.get("/dois/<path:doi>")
def show_doi(doi: str) -> Response:
    """Show one DOI (DC:454); ``Accept`` may request its XML."""
    caller = current_exchange().caller
    found = current_sandbox().registry.visible(doi, caller)
    if _negotiate(*_XML) in _XML:
        return Response(found.xml or "", content_type=_XML[0])
    return _document(found)


@api.route("/dois/<path:doi>", methods=["PUT", "PATCH"])
def upsert_doi(doi: str) -> Response:
    """Update a DOI or create it; PUT and PATCH are the same action (DC:600)."""
    registry, caller = current_sandbox().registry, current_exchange().caller
    if not _is_transfer():
        registry.authorize_update(caller, doi)
    result, is_new = registry.upsert(caller, doi, _payload())
    return _document(result, 201 if is_new else 200)


@api.delete("/dois/<path:doi>")
def delete_doi(doi: str) -> Response:
    """Delete a draft; any other DOI cannot be deleted (DC:685)."""
    registry, caller = current_sandbox().registry, current_exchange().caller
    if registry.delete(caller, doi):
        return make_response("", 204)
    body = {"errors": [{"status": "405", "title": "Method not allowed"}]}
    response = make_response(jsonify(body), 405)
    response.headers["Allow"] = "HEAD, GET, POST, PATCH, PUT, OPTIONS"
    return response


@api.post("/dois/validate")
def validate_doi() -> Response:
    """Check a payload; the status is 200 even if there are errors (DC:542)."""
    exchange = current_exchange()
    try:
        doi = current_sandbox().registry.validate(exchange.caller, _payload())
    except Invalid as error:
        return jsonify(error.body())
    return _document(doi, detail=False)


@api.post("/dois/status")
def status() -> Response:
    """Answer as the legacy method does."""
    return make_response(jsonify({"message": "Not Implemented."}), 501)


@api.get("/dois/random")
def random() -> Response:
    """Propose DOIs under a prefix (dois_spec:1784)."""
    prefix = request.args.get("prefix")
    if not prefix:
        error = {"status": "422", "title": "Parameter prefix is required"}
        return make_response(jsonify({"errors": [error]}), 422)
    size = leading_integer(request.args.get("size", "1"))
    return jsonify({"dois": random_dois(prefix, request.args.get("number"), size)})


@api.get("/dois/<path:doi>/get-url")
def get_url(doi: str) -> Response:
    """Return the URL in the handle system; for a draft, the stored one."""
    found = current_sandbox().registry.find(doi)
    current_exchange().caller.require_get_url(found)
    if not found.url:
        return make_response("", 204)
    return jsonify({"url": found.url})


@api.get("/dois/<path:doi>/activities")
def activities(doi: str) -> Response:
    """Return a short history of a DOI (provenance)."""
    sandbox = current_sandbox()
    found = sandbox.registry.visible(doi, current_exchange().caller)
    changes = sandbox.store.history(found.uid)
    data = [
        {
            "id": f"{found.uid}-{number}",
            "type": "activities",
            "attributes": {
                "action": change.action,
                "version": number,
                "prov:generatedAtTime": time.strftime(
                    "%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(change.at)
                ),
                "changes": {"aasm_state": [change.state_before, change.state]},
            },
        }
        for number, change in enumerate(changes, 1)
    ]
    return jsonify({"data": data, "meta": {"total": len(data)}})


@api.get("/heartbeat")
def heartbeat() -> Response:
    """Report that the service is up."""
    return Response("OK", content_type="text/plain; charset=utf-8")


@api.post("/token")
def token() -> Response:
    """Issue a Bearer token for a password (sessions_spec.rb)."""
    sent = current_exchange().body
    sent = sent if isinstance(sent, dict) else request.args.to_dict()
    username, password = (str(sent.get(key) or "") for key in ("username", "password"))
    if sent.get("grant_type") != "password":
        raise BadRequest("Wrong grant type.")
    if not username or not password:
        raise BadRequest("Missing account ID or password.")
    authenticator = current_sandbox().authenticator
    account = authenticator.by_password(username, password)
    if account is None:
        raise BadRequest("Wrong account ID or password.")
    access_token = authenticator.token(account)
    return jsonify({"access_token": access_token, "expires_in": TOKEN_LIFETIME})


@api.get("/repositories/<path:client_id>")
def show_repository(client_id: str) -> Response:
    """Show one repository; this is public."""
    accounts = current_sandbox().accounts
    return jsonify(repositories.repository(accounts, client_id, "repositories"))


@api.get("/clients/<path:client_id>")
def show_client(client_id: str) -> Response:
    """Show one repository under its older name."""
    accounts = current_sandbox().accounts
    return jsonify(repositories.repository(accounts, client_id, "clients"))


@api.get("/prefixes")
def list_prefixes() -> Response:
    """List prefixes; ``client-id`` selects those of one repository."""
    accounts = current_sandbox().accounts
    return jsonify(repositories.prefixes(accounts, request.args.get("client-id")))


@api.get("/prefixes/<path:prefix>")
def show_prefix(prefix: str) -> Response:
    """Show one prefix."""
    return jsonify(repositories.prefix(current_sandbox().accounts, prefix))


@api.get("/client-prefixes")
def list_client_prefixes() -> Response:
    """List the assignments of prefixes to repositories."""
    accounts = current_sandbox().accounts
    client_id = request.args.get("client-id")
    return jsonify(repositories.client_prefixes(accounts, client_id))


@api.route("/works", methods=_METHODS)
@api.route("/works/<path:rest>", methods=_METHODS)
@api.route("/members", methods=_METHODS)
@api.route("/members/<path:rest>", methods=_METHODS)
@api.route("/data-centers", methods=_METHODS)
@api.route("/data-centers/<path:rest>", methods=_METHODS)
def gone(rest: str = "") -> Response:
    """Answer like the load balancer since 1 July 2026."""
    return Response("Gone", status=410, content_type="text/plain; charset=utf-8")


@api.route("/<path:rest>", methods=_METHODS)
def nothing(rest: str) -> Response:
    """Answer 404 to every other path, and to other methods of the paths above."""
    raise NotFound()


def _payload() -> Payload:
    """Return the payload and log the keys that were dropped from it."""
    exchange = current_exchange()
    payload = read_payload(exchange.body)
    exchange.dropped = payload.dropped
    exchange.doi = exchange.doi or payload.attributes.get("doi") or None
    return payload


def _is_transfer() -> bool:
    value = current_exchange().body
    for key in ("data", "attributes", "mode"):
        value = value.get(key) if isinstance(value, dict) else None
    return value == "transfer"


def _document(doi: Doi, code: int = 200, detail: bool = True) -> Response:
    caller = current_exchange().caller
    view = serialize.View.of(caller, request.args, detail=detail)
    return make_response(jsonify(serialize.document(doi, view)), code)


def _negotiate(*others: str) -> str:
    """Return the first supported type of ``Accept``, or raise 406."""
    wanted = [name for name, _ in request.accept_mimetypes] or ["*/*"]
    for name in wanted:
        if name in _KNOWN_TYPES or name in others:
            return name
    raise NotAcceptable()

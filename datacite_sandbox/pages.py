# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""HTML pages, and a resolver in place of doi.org."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from . import states
from .accounts import Account
from .auth import Caller
from .dois import Doi
from .sandbox import current_sandbox
from .serialize import View, attributes_of

pages = Blueprint("pages", __name__, template_folder="templates")

_PAGE_SIZE = 100


@pages.app_template_filter("moment")
def moment(seconds: float | None) -> str:
    """Format a time in UTC."""
    if not seconds:
        return "–"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


@pages.app_template_filter("fault_script")
def fault_script(fault: dict[str, Any]) -> str:
    """Format the script of a fault, without keys that are not set."""
    shown = {
        key: value
        for key, value in {**fault, **fault["match"]}.items()
        if key not in ("kind", "match", "seen", "fired") and value is not None
    }
    return json.dumps(shown)


@pages.after_request
def protect(response: Response) -> Response:
    """Allow no scripts on a page that shows metadata of unknown origin."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
    response.headers["Content-Security-Policy"] = policy
    return response


@pages.get("/")
def index() -> str:
    """Show all DOIs, the most recently written first."""
    store = current_sandbox().store
    state = request.args.get("state", "")
    where, values = ("state = ?", [state]) if state else ("1", [])
    total = store.count(where, values)
    last = max(1, -(-total // _PAGE_SIZE))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    found = store.select(
        where, values, "updated desc, id desc", _PAGE_SIZE, (number - 1) * _PAGE_SIZE
    )
    counts = dict(store.count_by("state"))
    return render_template(
        "sandbox/index.html",
        dois=found,
        counts={name: counts.get(name, 0) for name in states.STATES},
        accounts=current_sandbox().accounts,
        faults=current_sandbox().faults.as_json(),
        rate=current_sandbox().rate,
        state=state,
        page=number,
        last=last,
    )


@pages.get("/doi/<path:uid>")
def show(uid: str) -> AnyResponse | str:
    """Show one DOI: its metadata and every accepted write, even after its deletion."""
    store = current_sandbox().store
    doi, history = store.get(uid), store.history(uid.lower())
    if doi is None and not history:
        return _missing(uid)
    return render_template(
        "sandbox/doi.html",
        uid=uid.lower(),
        doi=doi,
        metadata=_readable(doi) if doi else "",
        history=history,
    )


@pages.get("/resolve/<path:uid>")
def resolve(uid: str) -> AnyResponse:
    """Redirect to the landing page, as doi.org does unless the DOI is a draft."""
    doi = current_sandbox().store.get(uid)
    if doi is None or not states.is_registered(doi.state) or not doi.url:
        return _missing(uid)
    return redirect(doi.url)


def _missing(uid: str) -> Response:
    return make_response(render_template("sandbox/missing.html", uid=uid), 404)


def _readable(doi: Doi) -> str:
    """Return all attributes as the owner sees them."""
    owner = Account(doi.client_id, "-")
    view = View(Caller(owner), affiliation=True, publisher=True)
    shown = {
        key: part for key, part in attributes_of(doi, view).items() if key != "xml"
    }
    return json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOI panel of the record page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import (
    Response,
    current_app,
    g,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_babel import format_date
from invenio_db import db
from invenio_pidstore.errors import PIDDoesNotExistError
from invenio_rdm_records.services.errors import RecordDeletedException
from invenio_records_resources.services.errors import (
    PermissionDeniedError,
    RecordPermissionDeniedError,
)
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from ..proxies import current_doi
from ..registration.dead import dead_dois, without
from ..services.permissions import manager_permission
from .described import rows

RESOLVER = {False: "https://doi.org/", True: "https://handle.test.datacite.org/"}
"""Resolver of DOIs by test mode; the same as InvenioRDM's."""

STATUS_TEMPLATE = "invenio_rdm_doi/record/status.html"

CHANGING = ("pending", "failed")
"""Statuses that need the script: to poll for changes, or to open the form."""

SEEN = "invenio_rdm_doi.panels"
"""Key in the WSGI environment of a request; caches the panel data of its page."""

NOT_FOR_THE_READER = (
    NoResultFound,
    PermissionDeniedError,
    PIDDoesNotExistError,
    RecordDeletedException,
    RecordPermissionDeniedError,
)


def record(record_ui: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the DOI's status for the page of a record or draft.

    The page works without it, so errors are logged and not raised.

    :returns: the variables of the templates; None if there is nothing to show, or
        nothing that the user may see.
    """
    id_ = record_ui["id"]
    known = request.environ.setdefault(SEEN, {})
    if id_ not in known:
        is_new = record_ui.get("is_draft") and not record_ui.get("is_published")
        known[id_] = _safely(_reserved if is_new else _published, id_)
    found: dict[str, Any] | None = known[id_]
    return found


def shown(record_ui: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record as the page shows it, without DOIs that do not resolve."""
    if not current_doi.enabled:
        return record_ui
    try:
        return without(record_ui, dead_dois([record_ui]))
    except Exception:
        current_app.logger.exception(
            "doi.panel.error", extra={"record": record_ui["id"]}
        )
        db.session.rollback()
        return record_ui


def status(pid_value: str) -> Response:
    """Return the variable part of the panel, to update a page that is open.

    Only a template contains this HTML; the script merely inserts it into the page.
    """
    found = _safely(_published, pid_value)
    html = render_template(STATUS_TEMPLATE, doi=found) if found else ""
    response = make_response(html, 200 if found else 404)
    response.headers["Cache-Control"] = "no-store"
    return response


def _safely(read: Any, id_: str) -> dict[str, Any] | None:
    if not current_doi.enabled:
        return None
    try:
        return read(id_)
    except NOT_FOR_THE_READER:
        return None
    except Exception:
        current_app.logger.exception("doi.panel.error", extra={"record": id_})
        # The rest of the page may need the database, too.
        db.session.rollback()
        return None


def _published(id_: str) -> dict[str, Any] | None:
    found = current_doi.service.read(g.identity, id_).data
    if not found["status"]:
        return None
    concept = found["concept"] if found["concept"]["status"] else None
    parts = [found, concept or {}]
    may_edit = "problem" in found
    account = current_doi.account_of(found["doi"])
    return found | {
        "id": id_,
        "described": _described(id_) if may_edit and _is_known(found) else None,
        "concept": concept,
        "may_edit": may_edit,
        "delayed": any(part.get("delayed") for part in parts),
        "needs_owner": any(part.get("problem") for part in parts),
        "is_placeholder": account.restricted == "placeholder",
        "resolver": RESOLVER[found["test_mode"]],
        "embargo_until": _in_words(found.get("embargo_until")),
        "known": " ".join(_known(part) for part in parts),
        "live": any(part.get("status") in CHANGING for part in parts),
        "edit": url_for("invenio_app_rdm_records.deposit_edit", pid_value=id_),
        "newest": url_for("invenio_app_rdm_records.record_latest", pid_value=id_),
        "administration": _administration(found["doi"]),
    }


def _administration(doi: str) -> str | None:
    """Return the URL of the DOI in the administration, if the user may open it."""
    if not manager_permission.allows(g.identity):
        return None
    return url_for("administration.doi_list", q=doi)


def _is_known(found: Mapping[str, Any]) -> bool:
    """Return whether DataCite is up to date: no change is pending or refused."""
    return bool(found["active"] and found["status"] == "findable")


def _described(id_: str) -> dict[str, Any] | None:
    """Return DataCite's metadata of the record, for users who may edit it.

    The panel works without them, so errors other than database errors are logged and
    not raised.
    """
    try:
        found = current_doi.service.describe(g.identity, id_).data
        if found["attributes"] is None:
            return None
        return found | {"rows": list(rows(found["attributes"]))}
    except SQLAlchemyError:
        raise
    except Exception:
        current_app.logger.exception("doi.panel.error", extra={"record": id_})
        return None


def _known(part: Mapping[str, Any]) -> str:
    """Return the state in the form that the script compares to detect changes."""
    flags = ("active", "delayed")
    return ":".join([part.get("status") or "", *(f for f in flags if part.get(f))])


def _reserved(id_: str) -> dict[str, Any] | None:
    """Return a draft's DOI, which becomes active when the draft is published."""
    found = current_doi.service.read_draft(g.identity, id_).data
    if found["chosen"] != "managed" or not found["will_be"]:
        return None
    return {
        "id": id_,
        "doi": found["will_be"],
        "status": "reserved",
        "is_made": found["status"] is not None,
        "restricted": found["restricted"],
        "reviewed": found["reviewed"],
        "test_mode": found["test_mode"],
    }


def _in_words(day: str | None) -> str | None:
    return format_date(date.fromisoformat(day), "long") if day else None

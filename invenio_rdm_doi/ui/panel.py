# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What the record page shows of a DOI."""

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
"""Where DOIs resolve, and those of DataCite's test system; as the host has it."""

STATUS_TEMPLATE = "invenio_rdm_doi/record/status.html"

CHANGING = ("pending", "failed")
"""What needs the script: to find out more, or to open the form."""

SEEN = "invenio_rdm_doi.panels"
"""In the environment of a request: what was found for its page."""

NOT_FOR_THE_READER = (
    NoResultFound,
    PermissionDeniedError,
    PIDDoesNotExistError,
    RecordDeletedException,
    RecordPermissionDeniedError,
)


def record(record_ui: Mapping[str, Any]) -> dict[str, Any] | None:
    """How far the DOI of a shown record or draft is.

    The page is there without it: errors are logged, and raised to nobody.

    :returns: what the templates need; None if there is nothing to say, or nothing that
        the reader may know.
    """
    id_ = record_ui["id"]
    known = request.environ.setdefault(SEEN, {})
    if id_ not in known:
        is_new = record_ui.get("is_draft") and not record_ui.get("is_published")
        known[id_] = _safely(_reserved if is_new else _published, id_)
    found: dict[str, Any] | None = known[id_]
    return found


def shown(record_ui: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the page shows of a record: without DOIs that lead nowhere."""
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
    """The part of the panel that changes, for a page that is open.

    Written once, in a template: the script only puts it in its place.
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
        # What comes after it on the page may ask the database, too.
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
    """The DOI's place in the administration, for those who may open it."""
    if not manager_permission.allows(g.identity):
        return None
    return url_for("administration.doi_list", q=doi)


def _is_known(found: Mapping[str, Any]) -> bool:
    """Whether DataCite has what it should: not while changes wait, or are refused."""
    return bool(found["active"] and found["status"] == "findable")


def _described(id_: str) -> dict[str, Any] | None:
    """What DataCite knows about the record, for those who may edit it.

    The panel is there without it.
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
    """As the script writes it, to find out whether anything is new."""
    flags = ("active", "delayed")
    return ":".join([part.get("status") or "", *(f for f in flags if part.get(f))])


def _reserved(id_: str) -> dict[str, Any] | None:
    """A draft's DOI, which becomes active when the draft is published."""
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Error messages for the DOI of a draft, which replace those of InvenioRDM."""

from __future__ import annotations

from typing import Any

from flask import current_app
from invenio_i18n import gettext as host_text

from ..choices.existing_doi import MISSING, OWN_USED, explained
from ..choices.request import FIELD
from ..choices.spelling import read_doi
from ..doi import EXTERNAL, any_doi, doi_attributes
from .external_provider import used_error


def explain(draft: Any, errors: list[dict[str, Any]]) -> None:
    """Report the problem with a draft's DOI, and how to solve it."""
    _explain_used(draft, errors)
    error = typed_error(draft)
    if error is not None:
        _drop(errors, _of_the_host())
        if not has_error(errors, FIELD):
            errors.append(error)


def typed_error(draft: Any) -> dict[str, Any] | None:
    """Return InvenioRDM's kind of error if an external DOI is missing or invalid."""
    attributes = doi_attributes(draft)
    if attributes.get("provider") != EXTERNAL:
        return None
    typed = attributes.get("identifier") or ""
    message = explained(read_doi(typed)) if typed else MISSING
    return {"field": FIELD, "messages": [message]} if message else None


def _of_the_host() -> set[str]:
    """Return InvenioRDM's messages for a missing or invalid DOI."""
    label = current_app.config["RDM_PERSISTENT_IDENTIFIERS"].get("doi", {}).get("label")
    # These messages are in InvenioRDM's catalogs, not in those of this package.
    return {
        str(host_text("Missing %(scheme)s for required field.", scheme=label)),
        str(host_text("Invalid %(scheme)s", scheme=label)),
    }


def _drop(errors: list[dict[str, Any]], messages: set[str]) -> None:
    for error in errors:
        if error["field"] == FIELD:
            error["messages"] = [m for m in error["messages"] if str(m) not in messages]
    errors[:] = [error for error in errors if error["messages"]]


def _explain_used(draft: Any, errors: list[dict[str, Any]]) -> None:
    """Report how to solve the problem of a DOI that another record has.

    InvenioRDM reports "doi:10.1234/abc already exists" to every user and for every
    provider.
    """
    doi = any_doi(draft)
    used = f"doi:{doi} "
    found = False
    for other in errors:
        if other["field"] == "pids.doi":
            messages = other["messages"]
            other["messages"] = [m for m in messages if not str(m).startswith(used)]
            found = found or len(other["messages"]) < len(messages)
    errors[:] = [other for other in errors if other["messages"]]
    error = used_error(draft)
    if error is None and found:
        error = {"field": "pids.doi", "messages": [OWN_USED]}
    if error is not None and not has_error(errors, "pids.doi"):
        errors.append(error)


def has_error(errors: list[dict[str, Any]], field: str) -> bool:
    """Return whether an error of a field was reported already."""
    return any(error["field"] == field for error in errors)


def one_message_each(errors: list[dict[str, Any]], field: str) -> None:
    """Merge the errors of a field into one: the form shows only the last one."""
    several = [error for error in errors if error["field"] == field]
    if len(several) < 2:
        return
    messages = []
    for error in several:
        messages += [m for m in error["messages"] if m not in messages]
    worst = next(
        (e for e in several if e.get("severity", "error") == "error"), several[0]
    )
    errors[:] = [
        {**error, "messages": messages} if error is worst else error
        for error in errors
        if error is worst or error["field"] != field
    ]

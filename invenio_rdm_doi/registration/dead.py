# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DOIs that do not resolve: they are not shown as links or in citations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from invenio_db import db

from ..doi import any_doi, doi_key, managed_doi, same_doi
from ..states import FINDABLE, REGISTERED
from .models import Registration, Status

SOON = timedelta(minutes=3)
"""Grace period before a pending DOI counts as delayed."""


LATE = timedelta(hours=1)
"""Time after which a DOI is no longer reported as about to be registered."""

MANY_FAILURES = 6
"""Failures that take about as long as :data:`LATE`, as the waits between them grow."""


def is_dead(registration: Registration) -> bool:
    """Return whether a DOI does not resolve, and it is not known when it will."""
    if registration.confirmed_state == FINDABLE:
        return False
    if registration.status is Status.WITHHELD:
        # With a placeholder, the DOI leads to the record.
        return registration.confirmed_state != REGISTERED
    due = registration.due_at
    is_overdue = due is not None and due < datetime.now(UTC) - LATE
    is_failing = registration.failures >= MANY_FAILURES
    return registration.status is Status.FAILED or (
        registration.status in (Status.PENDING, Status.RETRYING)
        and (is_overdue or is_failing)
    )


def is_delayed(registration: Registration | None) -> bool:
    """Return whether a delivery takes longer than usual but no action is required."""
    if registration is None or registration.status not in (
        Status.PENDING,
        Status.RETRYING,
    ):
        return False
    due = registration.due_at
    # While nothing may be sent, due registrations stay due.
    overdue = due is not None and due < datetime.now(UTC) - SOON
    return registration.status is Status.RETRYING or overdue


def dead_dois(records_ui: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the DOIs of shown records that are refused, overdue or not created.

    The number of statements does not depend on the number of records.

    :param records_ui: records and drafts as the host's services show them.
    """
    owners: list[Mapping[str, Any]] = []
    for record_ui in records_ui:
        # A draft that was never published has no DOI that could be dead.
        if record_ui.get("is_published") or not record_ui.get("is_draft"):
            owners += [record_ui, record_ui.get("parent") or {}]
    keys = {doi_key(doi) for owner in owners if (doi := managed_doi(owner))}
    if not keys:
        return {""}
    with db.session.no_autoflush:
        rows = Registration.query.filter(Registration.doi_key.in_(keys)).all()
    return {"", *(row.doi for row in rows if is_dead(row))}


def without(record_ui: Mapping[str, Any], dois: Collection[str]) -> Mapping[str, Any]:
    """Return a shown record or draft without some DOIs and the links to them.

    :param dois: an empty string represents a new DOI that is not created yet.
    """
    shown = _without(record_ui, dois, ("doi", "self_doi", "self_doi_html"))
    parent = record_ui.get("parent") or {}
    changed = _without(parent, dois, ())
    if changed is not parent:
        links = _links(shown, ("parent_doi", "parent_doi_html"))
        shown = {**shown, **links, "parent": changed}
    return shown


def _without(
    owner: Mapping[str, Any], dois: Collection[str], links: tuple[str, ...]
) -> Mapping[str, Any]:
    doi = any_doi(owner)
    if doi is None or not any(same_doi(doi, one) for one in dois):
        return owner
    pids = {key: value for key, value in owner["pids"].items() if key != "doi"}
    return {**owner, "pids": pids, **_links(owner, links)}


def _links(owner: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    if "links" not in owner:
        return {}
    kept = {key: value for key, value in owner["links"].items() if key not in names}
    return {"links": kept}

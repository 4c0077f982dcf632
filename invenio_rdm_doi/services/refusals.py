# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Failures of a published record's DOIs, for the form in which to correct them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records

from ..doi import doi_key, managed_doi
from ..registration.models import Registration, Status
from .problems import problem

TOGETHER = {
    "metadata.description": ("metadata.additional_descriptions",),
    "metadata.title": ("metadata.additional_titles",),
}
"""Fields that map to one DataCite property: a complaint may concern any of them."""


def refusal(draft: Any) -> dict[str, Any] | None:
    """Return why DataCite refused the DOI of a draft's record, or its concept DOI.

    Complaints about fields that the draft has changed are left out: they are corrected,
    but not published yet.

    :returns: as :func:`.problems.problem`, with ``corrected``: whether the draft has
        changed all refused fields; None if nothing was refused.
    """
    if not draft.is_published:
        return None
    service = current_rdm_records.records_service
    # The stored JSON of both, as loaded records contain dereferenced vocabularies.
    published = _stored(service.record_cls.model_cls, draft.id)
    saved = _stored(service.draft_cls.model_cls, draft.id)
    dois = [managed_doi(published)]
    if draft.versions.is_latest:
        # The concept DOI describes the newest version; only that one can correct it.
        dois.append(managed_doi(draft.parent))
    rows = Registration.query.filter(
        Registration.doi_key.in_([doi_key(doi) for doi in dois if doi]),
        Registration.owner_id.in_([draft.id, draft.parent.id]),
        Registration.status == Status.FAILED,
    ).order_by(Registration.kind.desc())
    failed = [problem(row) for row in rows]
    if not failed:
        return None
    first = failed[0] or {}
    every = [item for found in failed for item in (found or {}).get("complaints", [])]
    unique = {(item["field"], item["title"]): item for item in every}
    left = [
        item
        for item in unique.values()
        if not _is_changed(saved, published, item["field"])
    ]
    return {
        "code": first.get("code"),
        "complaints": left,
        "corrected": bool(every) and not left,
    }


def _stored(model: Any, id_: Any) -> Mapping[str, Any]:
    found = db.session.scalar(sa.select(model.json).where(model.id == id_))
    return found or {}


def _is_changed(
    draft: Mapping[str, Any], published: Mapping[str, Any], field: str | None
) -> bool:
    """Return whether a field of the form differs from the published record."""
    if not field or field.startswith("pids"):
        return False
    names = (field, *TOGETHER.get(field, ()))
    return any(_at(draft, name) != _at(published, name) for name in names)


def _at(record: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(record, Mapping):
            record = record.get(part)
        elif isinstance(record, list) and part.isdecimal() and int(part) < len(record):
            record = record[int(part)]
        else:
            return None
    return record

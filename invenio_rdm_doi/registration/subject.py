# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Finds the record or the parent behind a DOI, as committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)
from sqlalchemy.exc import NoResultFound

from ..doi import managed_doi
from ..links import landing_page
from ..metadata.attributes import Attributes
from ..metadata.serializer import describe_parent, describe_record, withdrawn
from .models import Kind
from .queue import Claim
from .target import Subject, Visibility


def load(claim: Claim) -> Subject:
    """What is behind the DOI of a claim."""
    find = _parent if claim.kind is Kind.PARENT else _record
    visibility, describe = find(claim)
    return Subject(
        doi=claim.doi,
        url=landing_page(claim.doi),
        visibility=visibility,
        remote_state=claim.confirmed_state,
        in_doubt=claim.in_doubt,
        year=claim.created.year,
        describe=describe,
    )


Found = tuple[Visibility, Callable[[], Attributes]]


def _undescribed() -> Attributes:
    raise AssertionError("metadata of a record that is not public was asked for")


def _record(claim: Claim) -> Found:
    record = _get(_service().record_cls, claim)
    if record is None or managed_doi(record) != claim.doi:
        return _reserved_or_gone(claim), _undescribed
    if not _is_public(record):
        return Visibility.RESTRICTED, _undescribed
    if record.deletion_status.is_deleted:
        return Visibility.DELETED, partial(_describe_deleted, record, describe_record)
    return Visibility.PUBLIC, partial(describe_record, record)


def _is_public(record) -> bool:
    """Whether what was read, and would be described, may be seen by anybody.

    Asked of the very record that is described: what an earlier statement said of it
    may have changed since.
    """
    return record["access"]["record"] == "public"


def _reserved_or_gone(claim: Claim) -> Visibility:
    draft = _get(_service().draft_cls, claim)
    kept = draft is not None and managed_doi(draft) == claim.doi
    return Visibility.RESERVED if kept else Visibility.GONE


def _parent(claim: Claim) -> Found:
    record_cls = _service().record_cls
    parent = _get(record_cls.parent_record_cls, claim)
    if parent is None or managed_doi(parent) != claim.doi:
        return Visibility.GONE, _undescribed
    versions = _versions(parent.id)
    public = [version for version in versions if version.public]
    speaking = [version for version in public if version.managed]
    standing = [version for version in speaking if not version.deleted]
    if standing:
        dois = [v.doi for v in reversed(public) if v.doi and not v.deleted]
        newest = record_cls.get_record(standing[0].id)
        if not _is_public(newest):
            return Visibility.RESTRICTED, _undescribed
        return Visibility.PUBLIC, partial(describe_parent, newest, dois)
    if speaking and all(version.deleted for version in versions):
        newest = record_cls.get_record(speaking[0].id)
        if not _is_public(newest):
            return Visibility.RESTRICTED, _undescribed
        describe = partial(describe_parent, version_dois=[])
        return Visibility.DELETED, partial(_describe_deleted, newest, describe)
    # What is left is restricted, or has DOIs of somebody else.
    return Visibility.RESTRICTED, _undescribed


def _describe_deleted(record, describe: Callable[[Any], Attributes]) -> Attributes:
    """Metadata of a deleted record: when it was withdrawn, and why.

    DataCite asks for it:
    https://support.datacite.org/docs/what-should-i-do-if-the-resource-that-a-doi-points-to-is-retracted
    """
    return withdrawn(describe(record), **_tombstone(record))


def _tombstone(record) -> dict[str, str | None]:
    tombstone = record.tombstone
    reason = None
    # What the tombstone page does not show is not for DataCite either.
    if tombstone.is_visible:
        reason = (tombstone.removal_reason or {}).get("id")
        record.relations.removal_reason.dereference()
        title = ((record.get("tombstone") or {}).get("removal_reason") or {}).get(
            "title", {}
        )
        parts = [title.get("en") or reason, tombstone.note]
        reason = ". ".join(part.rstrip(". ") for part in parts if part)
    return {"date": str(tombstone.removal_date)[:10], "reason": reason}


@dataclass(frozen=True)
class _Version:
    id: UUID
    doi: str | None
    managed: bool
    public: bool
    deleted: bool


def _versions(parent_id: UUID) -> list[_Version]:
    """All versions, the newest first, from the database in one statement."""
    model = _service().record_cls.model_cls
    doi = model.json["pids"]["doi"]
    rows = db.session.execute(
        sa.select(
            model.id,
            doi["identifier"].as_string(),
            doi["provider"].as_string(),
            model.json["access"]["record"].as_string(),
            model.deletion_status,
        )
        .where(model.parent_id == parent_id, model.is_deleted.is_(False))
        .order_by(model.index.desc())
    )
    published = RecordDeletionStatusEnum.PUBLISHED.value
    return [
        _Version(
            id=id_,
            doi=identifier,
            managed=provider == "datacite",
            public=access == "public",
            deleted=getattr(status, "value", status) != published,
        )
        for id_, identifier, provider, access, status in rows
    ]


def _get(cls, claim: Claim):
    try:
        return cls.get_record(claim.owner_id)
    except NoResultFound:
        return None


def _service():
    return current_rdm_records.records_service

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Finds the record or the parent behind a DOI, as committed."""

from __future__ import annotations

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
from ..metadata.serializer import describe_parent, describe_record
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
        known=claim.confirmed_state is not None or claim.in_doubt,
        year=claim.created.year,
        describe=describe,
    )


def _undescribed() -> dict[str, Any]:
    raise AssertionError("metadata of a record that is not public was asked for")


def _record(claim: Claim):
    try:
        record = _record_cls().get_record(claim.owner_id)
    except NoResultFound:
        return Visibility.UNPUBLISHED, _undescribed
    if managed_doi(record) != claim.doi:
        return Visibility.UNPUBLISHED, _undescribed
    if record["access"]["record"] != "public":
        return Visibility.RESTRICTED, _undescribed
    deleted = record.deletion_status.is_deleted
    return (
        Visibility.DELETED if deleted else Visibility.PUBLIC,
        partial(describe_record, record),
    )


def _parent(claim: Claim):
    record_cls = _record_cls()
    try:
        parent = record_cls.parent_record_cls.get_record(claim.owner_id)
    except NoResultFound:
        return Visibility.UNPUBLISHED, _undescribed
    if managed_doi(parent) != claim.doi:
        return Visibility.UNPUBLISHED, _undescribed
    versions = _versions(parent.id)
    public = [version for version in versions if version.public]
    speaks = [version for version in public if version.managed]
    standing = [version for version in speaks if not version.deleted]
    if standing:
        newest, visibility = standing[0], Visibility.PUBLIC
    elif any(not version.deleted for version in versions) or not speaks:
        # Only restricted versions are left, or none ever was public.
        visibility = Visibility.RESTRICTED if versions else Visibility.UNPUBLISHED
        return visibility, _undescribed
    else:
        newest, visibility = speaks[0], Visibility.DELETED
    dois = [v.doi for v in reversed(public) if v.doi and not v.deleted]
    record = record_cls.get_record(newest.id)
    return visibility, partial(describe_parent, record, dois)


@dataclass(frozen=True)
class _Version:
    id: UUID
    doi: str | None
    managed: bool
    public: bool
    deleted: bool


def _versions(parent_id: UUID) -> list[_Version]:
    """All versions, the newest first, from the database in one statement."""
    model = _record_cls().model_cls
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


def _record_cls():
    return current_rdm_records.records_service.record_cls

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The record or the parent that a DOI identifies, as committed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from sqlalchemy.exc import NoResultFound

from ..doi import managed_doi, same_doi
from ..links import landing_page
from ..metadata.describe import Description, describe_parent, describe_record
from ..metadata.source import Chain, Source
from ..records.find import record_ids
from ..records.source import Reader
from ..records.versions import version_ids
from ..records.withdrawal import describe_withdrawal
from .models import Kind
from .queue import Claim
from .target import Subject, Visibility


def load_all(claims: Iterable[Claim], reader: Reader) -> None:
    """Read the records and parents of several claims at once, for :func:`load`."""
    owners: dict[Kind, list[UUID]] = {kind: [] for kind in Kind}
    for claim in claims:
        owners[claim.kind].append(claim.owner_id)
    reader.batch.load(owners[Kind.RECORD], owners[Kind.CONCEPT])


def load(claim: Claim, reader: Reader) -> Subject:
    """Return the record or parent of a claim's DOI."""
    find = _parent if claim.kind is Kind.CONCEPT else _record
    visibility, describe = find(claim, reader)
    return Subject(
        doi=claim.doi,
        url=landing_page(claim.doi),
        visibility=visibility,
        remote_state=claim.confirmed_state,
        in_doubt=claim.in_doubt,
        year=claim.created.year,
        describe=describe,
        record_ids=partial(_record_ids, claim),
    )


def _record_ids(claim: Claim) -> tuple[str, ...]:
    """Return the identifiers of the record, or of the parent and all its versions."""
    owners = [claim.owner_id]
    if claim.kind is Kind.CONCEPT:
        owners += db.session.scalars(version_ids([claim.owner_id]))
    return record_ids(owners)


Describable = tuple[Visibility, Callable[[], Description]]
"""The visibility of the record, and a function that describes it."""


def _undescribed() -> Description:
    raise AssertionError("metadata of a record that is not public was requested")


def _record(claim: Claim, reader: Reader) -> Describable:
    record = reader.batch.record(claim.owner_id)
    if record is None or not same_doi(managed_doi(record), claim.doi):
        return _reserved_or_gone(claim), _undescribed
    if not _is_public(record):
        return Visibility.RESTRICTED, _undescribed
    source = reader.source(record)
    describe = partial(describe_record, source)
    if record.deletion_status.is_deleted:
        return _deleted(record), partial(_withdrawn, record, source, describe)
    return Visibility.PUBLIC, describe


def _deleted(record: Any) -> Visibility:
    shown = record.tombstone is not None and record.tombstone.is_visible
    return Visibility.DELETED if shown else Visibility.ERASED


def _is_public(record: Any) -> bool:
    """Return whether the record that would be described is public.

    This checks the very record that is described: the result of an earlier statement
    may be outdated.
    """
    return record["access"]["record"] == "public"


def _reserved_or_gone(claim: Claim) -> Visibility:
    try:
        draft = current_rdm_records.records_service.draft_cls.get_record(claim.owner_id)
    except NoResultFound:
        return Visibility.GONE
    kept = same_doi(managed_doi(draft), claim.doi)
    return Visibility.RESERVED if kept else Visibility.GONE


def _parent(claim: Claim, reader: Reader) -> Describable:
    batch = reader.batch
    parent = batch.parent(claim.owner_id)
    if parent is None or not same_doi(managed_doi(parent), claim.doi):
        return Visibility.GONE, _undescribed
    known = batch.versions(parent.id)
    public = [version for version in known if version.public]
    speaking = [version for version in public if version.managed]
    standing = [version for version in speaking if not version.deleted]
    if standing:
        dois = [v.doi for v in reversed(public) if v.doi and not v.deleted]
        newest = batch.record(standing[0].id)
        if not _is_public(newest):
            return Visibility.RESTRICTED, _undescribed
        source = reader.source(newest, Chain())
        return Visibility.PUBLIC, partial(describe_parent, source, dois, claim.doi)
    if speaking and all(version.deleted for version in known):
        newest = batch.record(speaking[0].id)
        if not _is_public(newest):
            return Visibility.RESTRICTED, _undescribed
        source = reader.source(newest, Chain())
        describe = partial(describe_parent, source, [], claim.doi)
        return _deleted(newest), partial(_withdrawn, newest, source, describe)
    # The remaining versions are restricted, or have DOIs that are not managed here.
    return Visibility.RESTRICTED, _undescribed


def _withdrawn(
    record: Any, source: Source, describe: Callable[[], Description]
) -> Description:
    return describe_withdrawal(record, source, describe())

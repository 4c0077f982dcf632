# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Statements over all records and parents, and the DOIs in their JSON.

They are for commands that process the whole instance; :mod:`.find` looks up single
records.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)

from ..doi import DATACITE


def record_model() -> Any:
    """Return the database model of published records."""
    return current_rdm_records.records_service.record_cls.model_cls


def parent_model() -> Any:
    """Return the database model of parents, which hold the concept DOIs."""
    return current_rdm_records.records_service.record_cls.parent_record_cls.model_cls


def draft_model() -> Any:
    """Return the database model of drafts."""
    return current_rdm_records.records_service.draft_cls.model_cls


def doi_of(model: Any) -> Any:
    """Return the SQL expression for the DOI in the JSON of a record or parent."""
    return model.json["pids"]["doi"]["identifier"].as_string()


def managed_dois(model: Any) -> sa.Select[Any]:
    """Select (ID, DOI) of all records or parents whose JSON has a managed DOI."""
    return sa.select(model.id, doi_of(model)).where(
        model.is_deleted.is_(False),
        model.json["pids"]["doi"]["provider"].as_string() == DATACITE,
        doi_of(model).is_not(None),
    )


def public_without_doi() -> sa.Select[Any]:
    """Select the IDs of all published, public records without a DOI."""
    model = record_model()
    return sa.select(model.id).where(
        model.is_deleted.is_(False),
        model.deletion_status == RecordDeletionStatusEnum.PUBLISHED.value,
        model.json["access"]["record"].as_string() == "public",
        doi_of(model).is_(None),
    )


def said_by(ids: Collection[UUID]) -> tuple[dict[UUID, str | None], set[UUID]]:
    """Return the DOIs in the JSON of records and parents, and the IDs of the parents.

    :param ids: IDs of records and parents; others are left out.
    """
    said: dict[UUID, str | None] = {}
    parents = set()
    for model in (record_model(), parent_model()):
        statement = sa.select(model.id, doi_of(model)).where(model.id.in_(ids))
        for id_, doi in db.session.execute(statement):
            said[id_] = doi
            if model is parent_model():
                parents.add(id_)
    return said, parents


def not_deleted(ids: Collection[UUID]) -> set[UUID]:
    """Return the given IDs whose record, draft or parent is not deleted."""
    wanted = set(ids)
    found: set[UUID] = set()
    for model in (record_model(), draft_model(), parent_model()):
        found |= set(
            db.session.scalars(
                sa.select(model.id).where(
                    model.id.in_(wanted - found), model.is_deleted.is_(False)
                )
            )
        )
    return found


def shown(ids: Collection[UUID]) -> set[UUID]:
    """Return the given IDs of records and parents that are public.

    A parent is public if one of its versions is. This is a preliminary check, in one
    statement: a delivery reads the record itself before it decides.
    """
    model = record_model()
    public = (
        model.is_deleted.is_(False),
        model.deletion_status == RecordDeletionStatusEnum.PUBLISHED.value,
        model.json["access"]["record"].as_string() == "public",
    )
    records = sa.select(model.id).where(model.id.in_(ids), *public)
    parents = sa.select(model.parent_id).where(model.parent_id.in_(ids), *public)
    return set(db.session.scalars(records.union(parents)))

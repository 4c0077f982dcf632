# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Statements over all records and parents: who says what DOI.

For commands that go through the whole instance; :mod:`.find` looks up single records.
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
    """The table of published records."""
    return current_rdm_records.records_service.record_cls.model_cls


def parent_model() -> Any:
    """The table of parents, which hold the concept DOIs."""
    return current_rdm_records.records_service.record_cls.parent_record_cls.model_cls


def draft_model() -> Any:
    """The table of drafts."""
    return current_rdm_records.records_service.draft_cls.model_cls


def doi_of(model: Any) -> Any:
    """The DOI that the JSON of a record or parent says, as an expression."""
    return model.json["pids"]["doi"]["identifier"].as_string()


def managed_dois(model: Any) -> sa.Select[Any]:
    """Select (ID, DOI) of everything that says a DOI of ours."""
    return sa.select(model.id, doi_of(model)).where(
        model.is_deleted.is_(False),
        model.json["pids"]["doi"]["provider"].as_string() == DATACITE,
        doi_of(model).is_not(None),
    )


def public_without_doi() -> sa.Select[Any]:
    """Select the ID of everything that is published and public, and has no DOI."""
    model = record_model()
    return sa.select(model.id).where(
        model.is_deleted.is_(False),
        model.deletion_status == RecordDeletionStatusEnum.PUBLISHED.value,
        model.json["access"]["record"].as_string() == "public",
        doi_of(model).is_(None),
    )


def said_by(ids: Collection[UUID]) -> tuple[dict[UUID, str | None], set[UUID]]:
    """What DOIs some records and parents say, and which of them are parents.

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
    """Those of some IDs that a record, draft or parent has that is still there."""
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
    """Those of some IDs of records and parents that everybody may see.

    A parent is, if one of its versions is. A first look, in one statement: what a
    delivery decides by is read from the record itself.
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The versions of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_rdm_records.records.systemfields.deletion_status import (
    RecordDeletionStatusEnum,
)

from ..doi import DATACITE, NO_PROVIDER, any_doi
from ..metadata.source import Chain


@dataclass(frozen=True)
class Version:
    """One published version.

    :param provider: of its DOI, or ``not_needed`` if it has none.
    :param public: whether anybody may read its metadata.
    """

    id: UUID
    index: int
    doi: str | None
    provider: str
    public: bool
    deleted: bool

    @property
    def managed(self) -> bool:
        """Whether its DOI is of this repository."""
        return self.provider == DATACITE

    @property
    def standing(self) -> bool:
        """Whether the public finds it, and by a DOI."""
        return self.public and not self.deleted and self.doi is not None


def versions(parent_id: UUID) -> list[Version]:
    """All versions, the newest first, from the database in one statement."""
    model = current_rdm_records.records_service.record_cls.model_cls
    doi = model.json["pids"]["doi"]
    rows = db.session.execute(
        sa.select(
            model.id,
            model.index,
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
        Version(
            id=id_,
            index=index,
            doi=identifier,
            provider=provider or NO_PROVIDER,
            public=access == "public",
            deleted=getattr(status, "value", status) != published,
        )
        for id_, index, identifier, provider, access, status in rows
    ]


def neighbours(
    all_versions: Sequence[Version], index: int
) -> tuple[Version | None, Version | None]:
    """The versions before and after one that the public finds by a DOI.

    :param all_versions: the newest first.
    """
    standing = [version for version in all_versions if version.standing]
    before = (version for version in standing if version.index < index)
    after = (version for version in reversed(standing) if version.index > index)
    return next(before, None), next(after, None)


def chain(record: Any, all_versions: Sequence[Version]) -> Chain:
    """The DOIs around a version.

    A version that the public does not find stands alone, beside its concept DOI.
    """
    here = next((v for v in all_versions if v.id == record.id), None)
    if here is None or not here.standing:
        return Chain(concept=_concept(record))
    return _around(record, all_versions, here.index)


def chain_of_draft(draft: Any, all_versions: Sequence[Version]) -> Chain:
    """The DOIs around a draft, as if it were published and public."""
    here = next((v.index for v in all_versions if v.id == draft.id), None)
    newest = all_versions[0].index if all_versions else 0
    return _around(draft, all_versions, newest + 1 if here is None else here)


def _concept(record: Any) -> str | None:
    return any_doi(record.parent)


def _around(record: Any, all_versions: Sequence[Version], index: int) -> Chain:
    previous, following = neighbours(all_versions, index)
    return Chain(
        concept=_concept(record),
        previous=previous.doi if previous else None,
        following=following.doi if following else None,
    )

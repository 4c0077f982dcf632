# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Look-up of the records whose DOIs need attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records

from ..registration.models import Registration, Status


def failed(ids: Sequence[str]) -> list[tuple[str, Any, Registration]]:
    """Return the published records that have a failed DOI, in three statements.

    A concept DOI counts for the newest version only, which represents all versions.

    :param ids: identifiers of records; other identifiers are skipped.
    :returns: identifier, record and registration, concept DOIs last.
    """
    cls = current_rdm_records.records_service.record_cls
    model, parents = cls.model_cls, cls.parent_record_cls.model_cls
    latest = cls.versions_model_cls
    its_own = sa.and_(
        Registration.owner_id == model.id, Registration.doi == _doi(model)
    )
    its_concepts = sa.and_(
        Registration.owner_id == parents.id,
        Registration.doi == _doi(parents),
        latest.latest_id == model.id,
    )
    rows = db.session.execute(
        sa.select(PersistentIdentifier.pid_value, model.id, Registration)
        .join(model, model.id == PersistentIdentifier.object_uuid)
        .join(parents, parents.id == model.parent_id)
        .join(latest, latest.parent_id == parents.id)
        .join(Registration, sa.or_(its_own, its_concepts))
        .where(
            PersistentIdentifier.pid_type == "recid",
            PersistentIdentifier.pid_value.in_(ids),
            Registration.status == Status.FAILED,
        )
        .order_by(Registration.kind.desc())
    ).all()
    records = _records(cls, {id_ for _pid, id_, _registration in rows})
    return [
        (pid_value, records[id_], registration)
        for pid_value, id_, registration in rows
        if id_ in records
    ]


def _doi(model: Any) -> sa.ColumnElement[Any]:
    return model.json["pids"]["doi"]["identifier"].as_string()


def _records(cls: Any, ids: set[Any]) -> dict[Any, Any]:
    """Read records with their parents, which InvenioRDM would read one by one."""
    records = cls.get_records(list(ids)) if ids else []
    wanted = {record.model.parent_id for record in records}
    parents = cls.parent_record_cls.get_records(list(wanted)) if wanted else []
    known = {parent.id: parent for parent in parents}
    for record in records:
        record.parent = known[record.model.parent_id]
    return {record.id: record for record in records}

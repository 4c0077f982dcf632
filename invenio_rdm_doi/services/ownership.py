# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Manual changes of the ownership of DOIs."""

from __future__ import annotations

from typing import Any

from invenio_rdm_records.proxies import current_rdm_records
from invenio_records_resources.services.uow import RecordCommitOp, unit_of_work
from sqlalchemy.exc import NoResultFound

from ..doi import DATACITE
from ..records.pids import owned_pid
from ..registration import intake
from ..registration.models import Kind


class NotRemovable(Exception):
    """A DOI cannot be removed from its record; the message contains the reason."""


@unit_of_work()
def manage(record: Any, doi: str, uow: Any = None) -> str:
    """Turn a published record's external DOI into a managed DOI of this repository.

    This is needed after a prefix was added to the account.

    :param doi: in any spelling.
    :returns: the DOI in PIDStore's spelling.
    :raises ValueError: if PIDStore does not have the DOI for this record.
    """
    pid = owned_pid(doi, record)
    if pid is None:
        raise ValueError(f"PIDStore does not have {doi} for this record.")
    service = current_rdm_records.records_service
    managed = {
        "identifier": pid.pid_value,
        "provider": DATACITE,
        "client": DATACITE,
    }
    record.pids = {**record.pids, "doi": managed}
    uow.register(RecordCommitOp(record, indexer=service.indexer))
    try:
        draft = service.draft_cls.get_record(record.id)
    except NoResultFound:
        pass
    else:
        draft.pids = {**(draft.pids or {}), "doi": dict(managed)}
        uow.register(RecordCommitOp(draft, indexer=service.draft_indexer))
    pid.pid_provider = DATACITE
    intake.take_over(pid.pid_value, Kind.RECORD, record.id)
    return str(pid.pid_value)

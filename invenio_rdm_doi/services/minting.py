# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Minting of DOIs for published records that have none."""

from __future__ import annotations

from uuid import UUID

from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records

from ..doi import DATACITE, any_doi, managed_doi


def mint(record_id: UUID) -> str | None:
    """Mint a DOI, and a concept DOI, for a public record published without one.

    As when an embargo is lifted, PIDStore, the record and the registration are written
    in one transaction.

    :returns: the DOI; None if the record already has one, or if none could be made (the
        log contains the reason).
    """
    service = current_rdm_records.records_service
    record = service.record_cls.get_record(record_id)
    if any_doi(record):
        return None
    providers = service.config.pids_providers["doi"]
    providers[DATACITE].create_and_reserve(record)
    parents = service.config.parent_pids_providers.get("doi", {})
    if DATACITE in parents and not any_doi(record.parent):
        parents[DATACITE].create_and_reserve(record.parent)
        record.parent.commit()
    record.commit()
    db.session.commit()
    service.indexer.index(record)
    return managed_doi(record)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The records service's hooks: ask for a registration in the same transaction."""

from __future__ import annotations

from typing import Any

from invenio_drafts_resources.services.records.components import ServiceComponent

from .doi import managed_doi
from .operations import BrokerMayBeDownOp, NudgeOp
from .registration import ledger
from .registration.models import Kind


class DOIComponent(ServiceComponent):
    """Asks that DataCite is brought up to date about a record and its parent."""

    def publish(self, identity, draft=None, record=None, **kwargs: Any) -> None:
        """A first version, a new version or an edit is published."""
        self._request(record)

    def lift_embargo(self, identity, draft=None, record=None, **kwargs: Any) -> None:
        """A restricted record becomes public."""
        self._request(record)

    def delete_record(self, identity, data=None, record=None, **kwargs: Any) -> None:
        """A record gets a tombstone."""
        self._request(record)

    def restore_record(self, identity, record=None, **kwargs: Any) -> None:
        """A deleted record comes back."""
        self._request(record)

    def mark_record(self, identity, record=None, **kwargs: Any) -> None:
        """A deleted record is marked for purge."""
        self._request(record)

    def unmark_record(self, identity, record=None, **kwargs: Any) -> None:
        """The mark is taken away again."""
        self._request(record)

    def update_tombstone(self, identity, data=None, record=None, **kwargs: Any) -> None:
        """Date or reason of a deletion change; DataCite has both."""
        self._request(record)

    def _request(self, record) -> None:
        before = managed_doi(record.model.data or {})
        if before and before != managed_doi(record):
            # The host let the record have another DOI, or none.
            ledger.request_again(before)
        for kind, owner in ((Kind.RECORD, record), (Kind.PARENT, record.parent)):
            doi = managed_doi(owner)
            if doi:
                ledger.request(doi, kind, owner.id)
        self.uow.register(BrokerMayBeDownOp(record))
        self.uow.register(NudgeOp())

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The records service's hooks: ask for a registration in the same transaction."""

from __future__ import annotations

from typing import Any

from invenio_drafts_resources.services.records.components import ServiceComponent
from invenio_records_resources.services.uow import Operation

from .doi import managed_doi
from .registration import ledger
from .registration.models import Kind
from .tasks import nudge


class NudgeOp(Operation):
    """Wakes a worker after the commit, if one can be reached.

    Best effort: without it, the schedule delivers within a minute.
    """

    def on_post_commit(self, uow) -> None:
        """Run after the commit."""
        nudge()


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

    def _request(self, record) -> None:
        asked = False
        for kind, owner in ((Kind.RECORD, record), (Kind.PARENT, record.parent)):
            doi = managed_doi(owner)
            if doi:
                ledger.request(doi, kind, owner.id)
                asked = True
        # An embargo may be lifted on a record that gets its DOI only after this.
        if asked or not managed_doi(record):
            self.uow.register(NudgeOp())

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""All DOIs of the site, for those who look after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from invenio_db import db
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_records_resources.services import Service
from sqlalchemy.exc import NoResultFound

from ..doi import doi_key
from ..proxies import current_doi
from ..registration import report
from ..registration.models import Kind, Priority, Registration, Status
from ..registration.selection import Position, Selection, request_again
from ..settings.model import Account
from ..tasks import nudge
from .permissions import require_manager
from .results import DOIResult


@dataclass(frozen=True)
class Wanted:
    """Which DOIs are asked for; None: whatever it is.

    :param doi: in any spelling.
    :param account: its name in the settings.
    :param code: of the last error.
    :param older_than: seconds since the registration changed last.
    """

    doi: str | None = None
    status: Status | None = None
    kind: Kind | None = None
    account: str | None = None
    code: str | None = None
    older_than: float | None = None

    def selection(self) -> Selection:
        """The same, for the table.

        :raises ValidationErrorWithMessageAsList: there is no such account.
        """
        return Selection(
            status=self.status,
            kind=self.kind,
            code=self.code,
            older_than=self.older_than,
            prefixes=_account(self.account).prefixes if self.account else None,
            keys=(doi_key(self.doi),) if self.doi else None,
        )


class DOIManagementService(Service):
    """Lists, shows and sends again; what a DOI says comes from its record."""

    def search(
        self, identity: Any, wanted: Wanted, after: Position | None, size: int
    ) -> DOIResult:
        """A page of registrations.

        :param after: of the last one of the page before.
        :returns: ``hits`` (as :meth:`read`, without attempts) and ``after`` (of the
            next page; None: this is the last one).
        :raises PermissionDeniedError: who does not look after DOIs.
        :raises ValidationErrorWithMessageAsList: an account that does not exist, or
            the position of a list with other filters.
        """
        require_manager(identity)
        selection = wanted.selection()
        if after is not None and not selection.is_position(after):
            raise _refused("after", "This cursor is of a list with other filters.")
        # One more tells whether there is another page.
        rows = selection.page(after, size + 1)
        shown = rows[:size]
        more = selection.position(shown[-1]) if len(rows) > size else None
        found = {"hits": [_item(row) for row in shown], "after": more}
        return self.result_item(self, identity, found)

    def read(self, identity: Any, id_: UUID) -> DOIResult:
        """One registration.

        :returns: ``id``, ``doi``, ``kind``, ``status``, ``account``, ``state`` (at
            DataCite), ``due_at``, ``failures``, ``updated``, ``error``, and
            ``attempts``: the last 20, the newest first.
        :raises NoResultFound: there is none.
        """
        require_manager(identity)
        registration = _registration(id_)
        account = current_doi.settings.account_of(registration.doi)
        attempts = report.describe(registration, account.name if account else None)
        found = {**_item(registration), "attempts": attempts["attempts"]}
        return self.result_item(self, identity, found)

    def summary(self, identity: Any) -> DOIResult:
        """How the registration of DOIs is doing: as ``invenio doi status --json``."""
        require_manager(identity)
        settings = current_doi.settings
        found = report.summary(settings)
        accounts = [
            {
                **current_doi.breaker(account).report(),
                "account": account.name,
                "due": found["accounts"][account.name]["due"],
                "statuses": dict(found["accounts"][account.name]["statuses"]),
            }
            for account in settings.accounts
        ]
        return self.result_item(self, identity, {**found, "accounts": accounts})

    def retry(self, identity: Any, id_: UUID) -> DOIResult:
        """Have a DOI delivered again, whatever came of it before.

        :returns: as :meth:`read`; ``requested`` is False while it is being delivered.
        :raises NoResultFound: there is none.
        :raises ValidationErrorWithMessageAsList: it is only reserved for a draft.
        """
        require_manager(identity)
        registration = _registration(id_)
        if registration.status is Status.RESERVED:
            raise _refused(
                "status",
                f"{registration.doi} is only reserved for a draft: there is nothing "
                "to send before the draft is published.",
            )
        count = request_again([registration.id], Priority.URGENT, distrust=True)
        nudge()
        found = {**_item(_registration(id_)), "requested": bool(count)}
        return self.result_item(self, identity, found)

    def resume(self, identity: Any, name: str) -> DOIResult:
        """Send again for an account that was paused, or while DataCite was down.

        :raises ValidationErrorWithMessageAsList: there is no such account.
        """
        require_manager(identity)
        is_resumed = current_doi.breaker(_account(name)).resume()
        if is_resumed:
            nudge()
        found = {"account": name, "resumed": is_resumed}
        return self.result_item(self, identity, found)


def _account(name: str) -> Account:
    account = current_doi.settings.account_named(name)
    if account is None:
        raise _refused("account", f"There is no account {name!r} in the settings.")
    return account


def _registration(id_: UUID) -> Registration:
    found = db.session.get(Registration, id_, populate_existing=True)
    if found is None:
        raise NoResultFound
    return found


def _item(row: Any) -> dict[str, Any]:
    account = current_doi.settings.account_of(row.doi)
    name = account.name if account else None
    return {"id": str(row.id), **report.listed(row, name)}


def _refused(field: str, message: str) -> ValidationErrorWithMessageAsList:
    return ValidationErrorWithMessageAsList(
        message=[{"field": field, "messages": [message]}]
    )

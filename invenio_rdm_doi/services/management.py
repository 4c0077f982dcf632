# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Management of all DOIs of the site, for DOI managers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_i18n import lazy_gettext as _
from invenio_records_resources.services import Service
from sqlalchemy.exc import NoResultFound

from ..proxies import current_doi
from ..records import find
from ..registration import clock, report
from ..registration.listing import Filter, WrongCursor
from ..registration.models import Kind, Priority, Registration, Status
from ..registration.selection import request_again
from ..tasks import nudge
from . import journal, overview
from .lookup import account_named, beginning_of, key_of, owners_of, refused, titled
from .permissions import require_manager
from .results import DOIResult

STEP = 250
"""Maximum number of registrations that one bulk request processes."""


@dataclass(frozen=True)
class Wanted:
    """Criteria that select DOIs; None: no restriction.

    :param doi: in any spelling.
    :param q: the beginning of a DOI, or the identifier of a record.
    :param title: words of titles, which are looked up in the search index.
    :param account: name of the account in the settings.
    :param code: code of the last error.
    :param older_than: minimum number of seconds since the last change.
    :param handled: whether a person marked the failure as handled.
    :param must_hide: only restricted or deleted records whose DOI is findable.
    """

    doi: str | None = None
    q: str | None = None
    title: str | None = None
    status: Status | None = None
    kind: Kind | None = None
    account: str | None = None
    code: str | None = None
    older_than: float | None = None
    handled: bool | None = None
    must_hide: bool = False

    def filter(self, identity: Any) -> Filter:
        """Return the corresponding filter of the table.

        :param identity: the user; only titles that this user may see are found.

        :raises ValidationErrorWithMessageAsList: if there is no such account, or if the
            search index does not answer.
        """
        statuses = None if self.status is None else (self.status,)
        if self.handled and statuses is None:
            # Only failures can be marked.
            statuses = (Status.FAILED,)
        beginning = beginning_of(self.q) if self.q else None
        ids: set[UUID] | None = None
        if self.q and beginning is None:
            ids = owners_of(self.q)
        if self.title:
            by_title = titled(identity, self.title)
            ids = by_title if ids is None else ids & by_title
        return Filter(
            statuses=statuses,
            kind=self.kind,
            code=self.code,
            older_than=self.older_than,
            prefixes=account_named(self.account).prefixes if self.account else None,
            key=None if self.doi is None else key_of(self.doi),
            beginning=beginning,
            owners=ids,
            handled=self.handled,
            must_hide=self.must_hide,
        )


class DOIManagementService(Service):
    """Service that lists, shows and resends DOIs; records provide the metadata."""

    def search(
        self, identity: Any, wanted: Wanted, after: str | None, size: int
    ) -> DOIResult:
        """Return a page of registrations, the most recently changed first.

        If the beginning of a DOI is given, the page is sorted by DOI.

        :param after: cursor of the previous page.
        :returns: ``hits`` (as in :meth:`read`, from ``id`` to ``error``) and ``after``
            (cursor of the next page; None: this is the last one).
        :raises PermissionDeniedError: if the user may not manage DOIs.
        :raises ValidationErrorWithMessageAsList: if the account does not exist, if the
            cursor belongs to another list, or if a title is given while the search
            index is down.
        """
        require_manager(identity)
        try:
            rows, more = wanted.filter(identity).page(size, after)
        except WrongCursor as error:
            raise _wrong_cursor() from error
        found = {"hits": [_item(row) for row in rows], "after": more}
        return self.result_item(self, identity, found)

    def count(self, identity: Any, wanted: Wanted) -> DOIResult:
        """Count the selected registrations, up to ``report.MOST``.

        :returns: ``count``, ``sendable`` (those that are not only reserved) and
            ``is_exact`` (False: there may be more).

        :raises PermissionDeniedError: if the user may not manage DOIs.
        :raises ValidationErrorWithMessageAsList: as in :meth:`search`.
        """
        require_manager(identity)
        some = wanted.filter(identity)
        count = some.count(report.MOST)
        found = {
            "count": count,
            "sendable": some.without_reserved().count(report.MOST),
            "is_exact": count < report.MOST,
        }
        return self.result_item(self, identity, found)

    def read(self, identity: Any, id_: UUID) -> DOIResult:
        """Return one registration.

        :returns: ``id``, ``doi``, ``kind``, ``status``, ``account``, ``state`` (at
            DataCite), ``due_at``, ``failures``, ``updated``, ``handled``, ``error``,
            ``wanted`` and ``confirmed`` (revisions), ``confirmed_at``, ``record`` (the
            identifier of its owner, or None) and ``attempts``: the last 20, the newest
            first.
        :raises NoResultFound: if there is none.
        """
        require_manager(identity)
        registration = _registration(id_)
        account = current_doi.settings.account_of(registration.doi)
        known = report.describe(registration, account.name if account else None)
        found = {
            **_item(registration),
            "wanted": known["revision"],
            "confirmed": known["confirmed_revision"],
            "confirmed_at": known["confirmed_at"],
            "record": next(iter(find.record_ids([registration.owner_id])), None),
            "attempts": known["attempts"],
        }
        return self.result_item(self, identity, found)

    def summary(self, identity: Any) -> DOIResult:
        """Return the state of DOI registration; see :func:`.overview.overview`."""
        require_manager(identity)
        return self.result_item(self, identity, overview.overview())

    def retry(self, identity: Any, id_: UUID) -> DOIResult:
        """Request delivery of a DOI, even if nothing changed or it failed before.

        :returns: one hit of :meth:`search`, and ``requested``: False while the DOI is
            being delivered or edited.
        :raises NoResultFound: if there is no such registration.
        :raises ValidationErrorWithMessageAsList: if the DOI is only reserved for a
            draft, or if no account has its prefix.
        """
        require_manager(identity)
        registration = _registration(id_)
        if registration.status is Status.RESERVED:
            raise refused(
                "status",
                _(
                    "%(doi)s is only reserved for a draft: there is nothing to send "
                    "before the draft is published.",
                    doi=registration.doi,
                ),
            )
        if current_doi.settings.account_of(registration.doi) is None:
            raise refused(
                "doi", _("No account has the prefix of %(doi)s.", doi=registration.doi)
            )
        count = request_again([registration.id], Priority.URGENT, distrust=True)
        journal.of_doi(identity, "retry", registration.doi, registration.owner_id)
        nudge()
        found = {**_item(_registration(id_)), "requested": bool(count)}
        return self.result_item(self, identity, found)

    def retry_many(
        self,
        identity: Any,
        wanted: Wanted,
        after: str | None = None,
        until: datetime | None = None,
    ) -> DOIResult:
        """Request delivery of a part of a list; the client continues with ``after``.

        More urgent deliveries come first. DOIs that fail again in the meantime are left
        out, so that the number of steps is finite.

        :param after: ``after`` of the previous step; None: this is the first step.
        :param until: ``until`` of the previous step; None: this is the first step.
        :returns: ``requested`` and ``busy`` (being delivered or edited at the moment):
            the counts of this step; ``until``, and ``after`` (None: this was the last
            step).
        :raises ValidationErrorWithMessageAsList: as in :meth:`search`.
        """
        require_manager(identity)
        # With a later time, DOIs that fail again would be included endlessly.
        start = db.session.scalar(sa.select(clock.now()))
        until = start if until is None else min(until, start)
        some = wanted.filter(identity).without_reserved()
        if some.prefixes is None:
            # A DOI whose prefix belongs to no account would only fail.
            some = replace(some, prefixes=current_doi.settings.prefixes)
        try:
            rows, more = some.page(STEP, after, newest_first=False, until=until)
        except WrongCursor as error:
            raise _wrong_cursor() from error
        count = request_again([row.id for row in rows], Priority.BULK, distrust=True)
        if count:
            journal.of_account(identity, "retry", wanted.account or "all", count)
            nudge()
        found = {
            "requested": count,
            "busy": len(rows) - count,
            "until": until,
            "after": more,
        }
        return self.result_item(self, identity, found)

    def mark_handled(
        self,
        identity: Any,
        id_: UUID,
        handled: bool,
        updated: datetime | None = None,
    ) -> DOIResult:
        """Mark a failure as handled, or remove the mark.

        The mark is valid until the next attempt or any other change.

        :param updated: time of the last change of the failure that the user saw.
        :returns: one hit of :meth:`search`.
        :raises NoResultFound: if there is no such registration.
        :raises ValidationErrorWithMessageAsList: if the DOI has not failed, or has
            changed since ``updated``.
        """
        require_manager(identity)
        registration = _registration(id_)
        if registration.status is not Status.FAILED:
            raise refused(
                "status",
                _("%(doi)s has not failed.", doi=registration.doi),
            )
        if updated is not None and registration.updated != updated:
            # A failure that no user has seen yet must not be hidden.
            raise refused(
                "updated",
                _(
                    "%(doi)s has changed since the page was opened. Reload the page.",
                    doi=registration.doi,
                ),
            )
        registration.handled_at = clock.now() if handled else None
        db.session.commit()
        action = "mark" if handled else "unmark"
        journal.of_doi(identity, action, registration.doi, registration.owner_id)
        return self.result_item(self, identity, _item(_registration(id_)))

    def resume(self, identity: Any, name: str) -> DOIResult:
        """Resume the deliveries of an account that is paused, suspended or throttled.

        :raises ValidationErrorWithMessageAsList: if there is no such account.
        """
        require_manager(identity)
        is_resumed = current_doi.breaker(account_named(name)).resume()
        journal.of_account(identity, "resume", name)
        if is_resumed:
            nudge()
        found = {"account": name, "resumed": is_resumed}
        return self.result_item(self, identity, found)


def _wrong_cursor() -> Exception:
    return refused("after", _("This cursor belongs to a list with other filters."))


def _registration(id_: UUID) -> Registration:
    found = db.session.get(Registration, id_, populate_existing=True)
    if found is None:
        raise NoResultFound
    return found


def _item(row: Any) -> dict[str, Any]:
    account = current_doi.settings.account_of(row.doi)
    name = account.name if account else None
    return {"id": str(row.id), **report.listed(row, name)}

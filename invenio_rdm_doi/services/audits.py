# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Comparison of DOIs with DataCite, and repair of audit findings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from invenio_db import db
from invenio_i18n import lazy_gettext as _
from invenio_records_resources.services import Service
from sqlalchemy.exc import NoResultFound

from ..audit import findings, here, runs
from ..audit.asker import Interrupted
from ..audit.audit import Audit
from ..audit.models import AuditFinding, Job, Problem
from ..datacite.answers import clean_all
from ..datacite.errors import Trouble
from ..metadata.describe import DumperError
from ..proxies import current_doi
from ..registration.models import Registration
from ..settings.model import Account
from ..states import DRAFT, FINDABLE, REGISTERED
from ..tasks import nudge
from . import checks, journal
from .comparison import compare
from .lookup import account_named, refused
from .permissions import require_manager
from .results import DOIResult

SECONDS = 5
"""Maximum seconds a user waits while DataCite is busy, in addition to one request."""

BUSY = _("it is busy.")


class DOIAuditService(Service):
    """Service that compares DOIs with DataCite and repairs audit findings."""

    def search(
        self, identity: Any, problem: Problem | None, after: int | None, size: int
    ) -> DOIResult:
        """Return a page of the findings of the last audits.

        :param problem: only findings with this problem; None: all.
        :param after: id of the last finding of the previous page.
        :returns: ``hits`` (``id``, ``doi``, ``registration`` (its id, or None),
            ``problem``, ``account``, ``details``, ``first_seen``, ``last_seen``,
            ``fixable``) and ``after`` (None: this is the last page).
        :raises PermissionDeniedError: if the user may not manage DOIs.
        """
        require_manager(identity)
        accounts = {one.id: one.name for one in current_doi.settings.accounts}
        rows = findings.page(accounts, problem, after, size + 1)
        shown = rows[:size]
        known = _registrations([row.doi_key for row in shown])
        found = {
            "hits": [_item(row, accounts, known.get(row.doi_key)) for row in shown],
            "after": shown[-1].id if len(rows) > size else None,
        }
        return self.result_item(self, identity, found)

    def fix(self, identity: Any, id_: int) -> DOIResult:
        """Check a DOI at DataCite again, and request its delivery if it is still wrong.

        Deletes no DOI, and changes no DOI of another account or another site.

        :returns: ``doi``, ``fixed`` (the DOI is due now) and ``gone`` (no problem is
            left: DataCite holds what it should).
        :raises NoResultFound: if there is no such finding.
        :raises ValidationErrorWithMessageAsList: if sending the DOI again cannot repair
            the problem, or if DataCite does not answer.
        """
        require_manager(identity)
        finding = db.session.get(AuditFinding, id_)
        accounts = {one.id: one for one in current_doi.settings.accounts}
        if finding is None or finding.account not in accounts:
            raise NoResultFound
        if not _is_fixable(finding):
            raise refused(
                "problem", _("This cannot be repaired by sending the DOI again.")
            )
        doi, account = finding.doi, accounts[finding.account]
        known, left = _look_again(account, finding)
        journal.of_doi(identity, "fix", doi, known.owner_id)
        is_fixed = any(item.details.get("fixed") for item in left)
        if is_fixed:
            nudge()
        found = {"doi": doi, "fixed": is_fixed, "gone": not left}
        return self.result_item(self, identity, found)

    def comparison(self, identity: Any, id_: uuid.UUID) -> DOIResult:
        """Compare the target of a DOI with the data that DataCite has now.

        :returns: ``doi``, and ``differences`` by field: ``here`` (the value in this
            repository) and ``datacite``.
        :raises NoResultFound: if there is no such registration.
        :raises ValidationErrorWithMessageAsList: if the record cannot be described, or
            if DataCite does not answer.
        """
        require_manager(identity)
        registration = db.session.get(Registration, id_)
        if registration is None:
            raise NoResultFound
        try:
            change = compare(registration)
        except (DumperError, Trouble) as error:
            raise refused("datacite", str(error)) from error
        return self.result_item(self, identity, clean_all(change.to_dict()))

    def check(self, identity: Any, name: str) -> DOIResult:
        """Run ``invenio doi check`` for one account; sends requests to DataCite.

        :returns: ``account``, ``ok``, and ``checks``: ``code``, ``ok``, ``message``,
            ``advice``.
        :raises ValidationErrorWithMessageAsList: if there is no such account.
        """
        require_manager(identity)
        found = checks.of_account(account_named(name))
        return self.result_item(
            self,
            identity,
            {
                "account": name,
                "ok": all(item.ok for item in found),
                "checks": [
                    {
                        "code": item.code,
                        "ok": item.ok,
                        "message": str(item.message),
                        "advice": str(item.advice) or None,
                    }
                    for item in found
                ],
            },
        )


def _is_fixable(finding: Any) -> bool:
    """Return whether resending can help, and the DOI still belongs to the account."""
    account = current_doi.settings.account_of(finding.doi)
    is_its_own = account is not None and account.id == finding.account
    return finding.problem in findings.OURS and is_its_own


def _look_again(account: Account, finding: Any) -> tuple[Any, Sequence[Any]]:
    """Compare a DOI with DataCite's current data; request delivery if they differ.

    :returns: the row of its registration, and the remaining problems.
    """
    doi, key, problem = finding.doi, finding.doi_key, finding.problem
    details = dict(finding.details or {})
    run = runs.read(finding.run_id) or runs.last(Job.AUDIT, account.id)
    known = here.read([key])[key]
    # No transaction may be open during requests to DataCite.
    db.session.rollback()
    if run is None or known.row is None:
        raise NoResultFound
    if known.is_pending and problem is not Problem.EXPOSED:
        # Its delivery has already been requested.
        return known.row, [findings.Found(doi, problem, details).fixed()]
    walk = Audit(current_doi.settings, account, current_doi.client(account), run)
    walk.fix = True
    state = details.get("datacite")
    if state not in (DRAFT, REGISTERED, FINDABLE):
        # The details of other problems have other values under this key.
        state = None
    try:
        left = walk.look_again(known, state, SECONDS)
    except (Trouble, Interrupted, runs.Lost) as error:
        raise refused(
            "datacite",
            _(
                "DataCite did not answer the request for %(doi)s: %(reason)s",
                doi=doi,
                reason=str(error) or BUSY,
            ),
        ) from error
    findings.settle(run, key, left)
    return known.row, left


def _registrations(keys: Sequence[str]) -> dict[str, str]:
    rows = db.session.query(Registration.doi_key, Registration.id).filter(
        Registration.doi_key.in_(keys)
    )
    return {key: str(id_) for key, id_ in rows}


def _item(row: Any, accounts: dict[str, str], id_: str | None) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "doi": row.doi,
        "registration": id_,
        "problem": row.problem.value,
        "account": accounts[row.account],
        "details": row.details or {},
        "first_seen": row.first_seen.isoformat(),
        "last_seen": row.last_seen.isoformat(),
        "fixable": id_ is not None and _is_fixable(row),
    }

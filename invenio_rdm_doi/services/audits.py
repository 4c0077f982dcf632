# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Compares DOIs with DataCite, and repairs what an audit found."""

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
"""How long a person waits at most while DataCite is busy, beside one request's time."""

BUSY = _("it is busy.")


class DOIAuditService(Service):
    """Compares with DataCite, and repairs what an audit found."""

    def search(
        self, identity: Any, problem: Problem | None, after: int | None, size: int
    ) -> DOIResult:
        """A page of what the last audits found.

        :param problem: only these; None: all.
        :param after: id of the last one of the page before.
        :returns: ``hits`` (``id``, ``doi``, ``problem``, ``account``, ``details``,
            ``first_seen``, ``last_seen``, ``fixable``) and ``after`` (None: this is the
            last page).
        :raises PermissionDeniedError: who does not look after DOIs.
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
        """Ask DataCite about a DOI again, and deliver the DOI if it is still wrong.

        Deletes no DOI, and changes no DOI of another account or another site.

        :returns: ``doi``, ``fixed`` (it is due now) and ``gone`` (DataCite holds what
            it should).
        :raises NoResultFound: there is no such finding.
        :raises ValidationErrorWithMessageAsList: it cannot be fixed from here, or
            DataCite has no answer.
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
        """Ask DataCite what it has of a DOI now, and compare.

        :returns: ``doi``, and ``differences`` by field: ``here`` and ``datacite``.
        :raises NoResultFound: there is no such registration.
        :raises ValidationErrorWithMessageAsList: the record cannot be described, or
            DataCite has no answer.
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
        """What ``invenio doi check`` says of an account; DataCite is asked.

        :returns: ``account``, ``ok``, and ``checks``: ``code``, ``ok``, ``message``,
            ``advice``.
        :raises ValidationErrorWithMessageAsList: there is no such account.
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
                        "message": item.message,
                        "advice": item.advice or None,
                    }
                    for item in found
                ],
            },
        )


def _is_fixable(finding: Any) -> bool:
    """Whether sending it again can help, and its account is still the DOI's."""
    account = current_doi.settings.account_of(finding.doi)
    is_its_own = account is not None and account.id == finding.account
    return finding.problem in findings.OURS and is_its_own


def _look_again(account: Account, finding: Any) -> tuple[Any, Sequence[Any]]:
    """Compare one DOI with what DataCite holds now, and request its delivery.

    :returns: its row, and what is still wrong.
    """
    doi, key, problem = finding.doi, finding.doi_key, finding.problem
    details = dict(finding.details or {})
    run = runs.read(finding.run_id) or runs.last(Job.AUDIT, account.id)
    known = here.read([key])[key]
    # Nothing is open while DataCite is asked.
    db.session.rollback()
    if run is None or known.row is None:
        raise NoResultFound
    if known.is_pending and problem is not Problem.EXPOSED:
        # Its delivery was requested already.
        return known.row, [findings.Found(doi, problem, details).fixed()]
    walk = Audit(current_doi.settings, account, current_doi.client(account), run)
    walk.fix = True
    state = details.get("datacite")
    if state not in (DRAFT, REGISTERED, FINDABLE):
        # Details of other problems have something else by this name.
        state = None
    try:
        left = walk.look_again(known, state, SECONDS)
    except (Trouble, Interrupted, runs.Lost) as error:
        raise refused(
            "datacite",
            _(
                "DataCite was asked about %(doi)s, and did not answer: %(reason)s",
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

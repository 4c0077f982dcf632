# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Labels and advice on pages and in mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invenio_i18n import gettext
from invenio_i18n import lazy_gettext as _

from ..audit.models import Problem
from ..registration.models import Kind, Outcome, Status

STATUSES = {
    Status.FAILED: _("Failed"),
    Status.RETRYING: _("Will be retried"),
    Status.PENDING: _("Pending"),
    Status.FINDABLE: _("Findable"),
    Status.WITHHELD: _("Withheld (restricted)"),
    Status.HIDDEN: _("Hidden (deleted)"),
    Status.RESERVED: _("Reserved for a draft"),
}
"""Labels of the statuses, in the order in which they are shown."""

KINDS = {Kind.RECORD: _("Record"), Kind.CONCEPT: _("All versions")}

OUTCOMES = {
    Outcome.DONE: _("Done"),
    Outcome.RETRY: _("Will be retried"),
    Outcome.REJECTED: _("Rejected"),
    Outcome.PAUSED: _("Account paused"),
}

BREAKER_STATES = {
    "running": _("Running"),
    "suspended": _("Suspended: DataCite does not answer correctly"),
    "throttled": _("Throttled: DataCite asked us to wait"),
    "paused": _("Paused: DataCite rejects the credentials or the account"),
}

PROBLEMS = {
    Problem.EXPOSED: _("Restricted or deleted here, but findable at DataCite"),
    Problem.MISSING: _("Missing at DataCite"),
    Problem.NOT_OURS: _("Held by another account or another site"),
    Problem.WRONG_STATE: _("Different state at DataCite"),
    Problem.WRONG_URL: _("Different URL at DataCite"),
    Problem.CHANGED: _("Different metadata at DataCite"),
    Problem.DIFFERS: _("Never confirmed, and different at DataCite"),
    Problem.UNREADABLE: _("The record's metadata cannot be prepared"),
    Problem.ELSEWHERE: _("Confirmed by another account or at another address"),
    Problem.PIDSTORE: _("Different status in PIDStore"),
    Problem.DUPLICATE: _("Several spellings in PIDStore"),
    Problem.LISTED_TWICE: _("Listed more than once by DataCite"),
    Problem.UNREGISTERED: _("In PIDStore, but without a registration"),
    Problem.DRAFT: _("Unknown draft at DataCite"),
    Problem.ORPHANED: _("At DataCite, but unknown here"),
    Problem.PAGE: _("The landing page does not answer correctly"),
}

SEND = _("Send it again. DataCite is queried first; nothing is deleted.")

ADVICE = {
    Problem.NOT_OURS: _(
        "Ask support@datacite.org for a transfer, or run 'invenio doi take-over' for "
        "those that are yours."
    ),
    Problem.UNREADABLE: _("Run 'invenio doi preview' with the DOI to see why."),
    Problem.DUPLICATE: _("Decide which record keeps the DOI; see the documentation."),
    Problem.LISTED_TWICE: _("Nothing, unless the next audit finds it again."),
    Problem.UNREGISTERED: _("Run 'invenio doi reconcile --apply'."),
    Problem.DRAFT: _("Delete it in DataCite Fabrica if it is not needed."),
    Problem.ORPHANED: _(
        "If another system created it, add it to "
        "RDM_RECORDS_DOI_DATACITE_AUDIT_EXCLUDE."
    ),
    Problem.PAGE: _("Open the landing page and check its content."),
}
"""Advice on problems that sending the DOI again cannot repair."""

AGES = {
    "": _("Any time"),
    "3600": _("More than an hour ago"),
    "86400": _("More than a day ago"),
    "604800": _("More than a week ago"),
    "2592000": _("More than 30 days ago"),
}
"""Labels by the filter's value: seconds since the last change."""

ERRORS = {
    "account.domain": _("DataCite does not allow URLs of this site."),
    "breaker.unknown": _("The cause is no longer known."),
    "datacite.bad_request": _("DataCite did not understand the request."),
    "datacite.budget_spent": _("The request limit was reached."),
    "datacite.conflict": _("Another request for this DOI was faster."),
    "datacite.forbidden": _("DataCite does not allow the account to do this."),
    "datacite.mismatch": _("DataCite's answer does not match the request."),
    "datacite.not_allowed": _("DataCite does not allow this operation on the DOI."),
    "datacite.not_datacite": _("A firewall or proxy answered instead of DataCite."),
    "datacite.not_found": _("DataCite does not know this DOI."),
    "datacite.not_ours": _("Another account has this DOI."),
    "datacite.rate_limited": _("DataCite received too many requests."),
    "datacite.redirected": _("The address of DataCite's API is not correct."),
    "datacite.refused": _("DataCite rejected the metadata, the URL or the DOI."),
    "datacite.request_failed": _("DataCite rejected the request."),
    "datacite.server_failed": _("An error occurred at DataCite."),
    "datacite.taken": _("This DOI already exists at DataCite."),
    "datacite.too_large": _("The metadata are too large."),
    "datacite.unauthorized": _("DataCite does not accept the username or password."),
    "datacite.unavailable": _("DataCite is not available."),
    "datacite.unexplained": _("DataCite refused the request without a reason."),
    "datacite.unreachable": _("DataCite could not be reached."),
    "datacite.unreadable": _("DataCite's answer could not be read."),
    "datacite.wrong_state": _("DataCite did not set the state of the DOI."),
    "delivery.error": _("An error occurred in this repository."),
    "delivery.not_sent": _("Nothing was sent; the request could not start in time."),
    "doi.invalid": _("DataCite does not accept this DOI."),
    "doi.not_hidden": _("DataCite did not hide this DOI."),
    "doi.other_system": _("This DOI leads to another site."),
    "doi.prefix_unknown": _("No account has the prefix of this DOI."),
    "metadata.invalid": _("The metadata are not valid for DataCite."),
}
"""Errors in plain words, by code; their stored messages are in English."""


def error(found: Mapping[str, Any]) -> str:
    """Return a label of an error in the reader's language, and its message in English.

    :param found: an error as it is stored with a DOI or an account.
    """
    label = ERRORS.get(found.get("code") or "")
    return " ".join(str(part) for part in (label, found.get("message")) if part)


def advice(found: Mapping[str, Any]) -> str:
    """Return the advice on an error, in the reader's language; empty if there is none.

    :param found: as for :func:`error`. Its advice is a message of the catalog.
    """
    stored = found.get("advice")
    return gettext(stored) if stored else ""

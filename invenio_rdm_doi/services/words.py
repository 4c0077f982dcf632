# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Labels and advice on pages and in mails."""

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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The one table of outcomes: the consequences of each trouble.

``docs/outcomes.rst`` has the same table for operators; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..datacite import errors
from ..datacite.errors import Trouble
from ..i18n import N_
from .models import Outcome


class Blame(Enum):
    """The party that is to blame for a trouble."""

    RECORD = "record"
    """The record: others are still delivered. Its waits grow with every failure."""

    SERVICE = "service"
    """DataCite, or the connection to it: too many failures in a row stop all deliveries
    for a while. They cost a record nothing: neither an attempt nor a longer wait."""

    ACCOUNT = "account"
    """The account: nothing is sent until its settings change or it is resumed."""


@dataclass(frozen=True)
class Rule:
    """The consequences of a trouble.

    :param advice: advice for operators and curators; stored in English, and translated
        where it is shown.
    :param grows: whether the record's waits grow although the service is blamed,
        because the record may be the cause.
    :param throttles: whether nothing is sent for a while, as DataCite requested.
    """

    outcome: Outcome
    blame: Blame
    advice: str
    grows: bool = False
    throttles: bool = False

    @property
    def burns(self) -> bool:
        """Whether the trouble counts as one of the record's own failures."""
        return self.blame is Blame.RECORD or self.grows


RULES: dict[type[Trouble], Rule] = {
    errors.Unreachable: Rule(
        Outcome.RETRY, Blame.SERVICE, N_("Nothing; see https://status.datacite.org.")
    ),
    errors.Redirected: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_(
            "Check that RDM_RECORDS_DOI_DATACITE_API_URL is the address of the API "
            "itself."
        ),
    ),
    errors.BadRequest: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_("This is a bug; please report it with this message."),
    ),
    errors.Unauthorized: Rule(
        Outcome.PAUSED,
        Blame.ACCOUNT,
        N_(
            "Correct RDM_RECORDS_DOI_DATACITE_USERNAME or _PASSWORD, or run 'invenio "
            "doi resume' if they are right."
        ),
    ),
    errors.Forbidden: Rule(
        Outcome.PAUSED,
        Blame.ACCOUNT,
        N_(
            "Run 'invenio doi check': the prefix does not belong to the account, or "
            "the account is not active. Then run 'invenio doi resume'."
        ),
    ),
    errors.NotOurs: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_(
            "The DOI belongs to another repository account; ask support@datacite.org "
            "to transfer it, or give the record another DOI."
        ),
    ),
    errors.OtherSystem: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_(
            "The account has this DOI already, and it leads to another site. If it "
            "belongs to this record, run 'invenio doi take-over' with it; if this "
            "site had another address before, add that address to "
            "RDM_RECORDS_DOI_DATACITE_FORMER_HOSTS."
        ),
    ),
    errors.Taken: Rule(
        Outcome.RETRY, Blame.RECORD, N_("Nothing; DataCite is queried for its owner.")
    ),
    errors.Unexplained: Rule(
        Outcome.RETRY,
        Blame.RECORD,
        N_(
            "If it repeats, report it to support@datacite.org: account, prefix and "
            "DOI are in order."
        ),
    ),
    errors.DomainNotAllowed: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_(
            "Add the host to the domains of the repository in DataCite Fabrica "
            "(Settings); it is checked again every 15 minutes."
        ),
    ),
    errors.NotHidden: Rule(
        Outcome.RETRY,
        Blame.RECORD,
        N_(
            "Hide the DOI by hand in DataCite Fabrica, and report this with its "
            "message."
        ),
    ),
    errors.InvalidDOI: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_("Give the record another DOI: DataCite never had this one."),
    ),
    errors.NotSent: Rule(Outcome.RETRY, Blame.RECORD, N_("Nothing.")),
    errors.NotDataCite: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_("Check whether a firewall or a proxy answers in place of DataCite."),
    ),
    errors.Mismatch: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_(
            "If it repeats, check whether a proxy or a cache answers in place of "
            "DataCite."
        ),
        grows=True,
    ),
    errors.NotFound: Rule(
        Outcome.PAUSED,
        Blame.ACCOUNT,
        N_(
            "Check the username and the password: DataCite answers 404 if one of "
            "them is wrong."
        ),
    ),
    errors.NotAllowed: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_("This is a bug; please report it with this message."),
    ),
    errors.Conflict: Rule(Outcome.RETRY, Blame.RECORD, N_("Nothing.")),
    errors.TooLarge: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_("Shorten the record's metadata (at most 10 MB)."),
    ),
    errors.Refused: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_("Correct the fields that DataCite complains about, and publish again."),
    ),
    errors.Invalid: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_(
            "Correct the fields that are named, and publish again; a function of "
            "RDM_RECORDS_DOI_DATACITE_DUMPERS may have caused the problem."
        ),
    ),
    errors.RateLimited: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_("Nothing; if it repeats, lower RDM_RECORDS_DOI_DATACITE_RATE."),
        throttles=True,
    ),
    errors.RequestFailed: Rule(
        Outcome.RETRY, Blame.RECORD, N_("If it repeats, report it, with this message.")
    ),
    errors.ServerFailed: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_(
            "If only one DOI is affected, its metadata cause the error: look for "
            "very long values."
        ),
        grows=True,
    ),
    errors.Unavailable: Rule(
        Outcome.RETRY, Blame.SERVICE, N_("Nothing; see https://status.datacite.org.")
    ),
    errors.Unreadable: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_("Check whether a proxy answers in place of DataCite."),
    ),
    errors.WrongState: Rule(
        Outcome.RETRY,
        Blame.RECORD,
        N_("If it repeats, look at the DOI in DataCite Fabrica."),
    ),
    errors.BudgetSpent: Rule(
        Outcome.RETRY,
        Blame.SERVICE,
        N_("Nothing; raise RDM_RECORDS_DOI_DATACITE_RATE if DataCite allows you more."),
    ),
    errors.PrefixUnknown: Rule(
        Outcome.REJECTED,
        Blame.RECORD,
        N_(
            "Add the prefix to RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES, if it "
            "is yours; otherwise do nothing: the DOI now belongs to another account."
        ),
    ),
}
"""Each trouble has a rule; a trouble without one is a defect, found by a test."""


def rule_for(trouble: Trouble) -> Rule:
    """Return the rule of a trouble."""
    return RULES[type(trouble)]

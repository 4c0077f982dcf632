# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Errors between this instance and DataCite.

Every error has a stable ``code``, the HTTP status if there was an answer, and
DataCite's own complaints. Most of them are also subclasses of the errors of the
``datacite`` package.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from datacite.errors import (
    DataCiteBadRequestError,
    DataCiteError,
    DataCiteForbiddenError,
    DataCiteNotFoundError,
    DataCiteRequestError,
    DataCiteServerError,
    DataCiteUnauthorizedError,
    HttpError,
)

from . import answers


@dataclass(frozen=True)
class Complaint:
    """One entry of DataCite's list of errors.

    :param source: DataCite's name of the attribute, such as ``creators``; may be
        None, and may be odd (``"creatorName', attribute 'nameType"``).
    :param title: DataCite's text. Untrusted: it may contain depositors' input.
    """

    source: str | None
    title: str


class Trouble(Exception):
    """Base of all errors of this module.

    :param message: a description for operators, in one sentence.
    :param http_status: None if there was no answer.
    :param complaints: DataCite's complaints, in its order.
    :param retry_after: the wait that DataCite requested, if any, in seconds, capped.
    :param asked: the same wait as DataCite wrote it.
    """

    code: ClassVar[str] = "datacite"

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        complaints: tuple[Complaint, ...] = (),
        retry_after: float | None = None,
        asked: str | None = None,
    ):
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.complaints = complaints
        self.retry_after = retry_after
        self.asked = asked

    def to_dict(self) -> dict[str, Any]:
        """Return the error in the format that is stored with the registration."""
        return {
            "code": self.code,
            "message": self.message,
            "complaints": [asdict(complaint) for complaint in self.complaints],
        }


class Unreachable(Trouble, HttpError):
    """No answer: the connection failed, broke or timed out.

    :ivar sent: whether any part of the request may have reached DataCite.
    """

    code = "datacite.unreachable"
    sent = True


class BadRequest(Trouble, DataCiteBadRequestError):
    """400: DataCite did not understand the request."""

    code = "datacite.bad_request"


class NotSent(Trouble):
    """Nothing was sent: the request could not start in time."""

    code = "delivery.not_sent"


class InvalidDOI(Trouble):
    """DataCite does not accept the DOI, or its URL would change when requested."""

    code = "doi.invalid"


class Unauthorized(Trouble, DataCiteUnauthorizedError):
    """401, or 404 to a PUT: the username or the password is wrong.

    DataCite treats a request with a wrong password as anonymous, and answers 404 to
    anonymous requests about an unknown DOI (lupo issue 947).
    """

    code = "datacite.unauthorized"


class Forbidden(Trouble, DataCiteForbiddenError):
    """403: the prefix does not belong to the account, or the account is not active."""

    code = "datacite.forbidden"


class NotOurs(Trouble, DataCiteForbiddenError):
    """According to DataCite, another account has the DOI."""

    code = "datacite.not_ours"


class OtherSystem(Trouble):
    """The same account has the DOI, with a URL that does not lead to this site."""

    code = "doi.other_system"


class Taken(Trouble, DataCiteRequestError):
    """422 with source ``doi``, or 409, to a creation: the DOI exists already."""

    code = "datacite.taken"


class Unexplained(Trouble, DataCiteRequestError):
    """401, 403 or 404 to a write, although the account and the DOI are in order."""

    code = "datacite.unexplained"


class DomainNotAllowed(Trouble):
    """The account's domains do not allow URLs of this site."""

    code = "account.domain"


class NotHidden(Trouble):
    """DataCite refused the placeholder, and refused to hide the DOI without it."""

    code = "doi.not_hidden"


class NotFound(Trouble, DataCiteNotFoundError):
    """404: there is no such DOI, or this account may not see it."""

    code = "datacite.not_found"


class Conflict(Trouble, DataCiteRequestError):
    """409: another request for the same DOI was faster."""

    code = "datacite.conflict"


class TooLarge(Trouble, DataCiteRequestError):
    """413: the metadata exceeds DataCite's limit (10 MB)."""

    code = "datacite.too_large"


class NotAllowed(Trouble, DataCiteRequestError):
    """405: DataCite does not allow this operation on this DOI."""

    code = "datacite.not_allowed"


class Redirected(Trouble, DataCiteError):
    """3xx: the URL of the API is wrong."""

    code = "datacite.redirected"


class Refused(Trouble, DataCiteRequestError):
    """422: DataCite understood the request, but refuses metadata, URL or name."""

    code = "datacite.refused"


class RequestFailed(Trouble, DataCiteRequestError):
    """Another 4xx."""

    code = "datacite.request_failed"


class RateLimited(Trouble, DataCiteRequestError):
    """429: too many requests."""

    code = "datacite.rate_limited"


class ServerFailed(Trouble, DataCiteServerError):
    """500: an error inside DataCite, possibly caused by the metadata."""

    code = "datacite.server_failed"


class Unavailable(Trouble, DataCiteServerError):
    """502, 503, 504 and other 5xx: DataCite, or a proxy in front of it, failed."""

    code = "datacite.unavailable"


class Unreadable(Trouble, DataCiteError):
    """A successful answer whose body does not match the API's documentation."""

    code = "datacite.unreadable"


class WrongState(Trouble, DataCiteError):
    """A successful answer with a state other than the wanted one.

    DataCite ignores an impossible event without an error.
    """

    code = "datacite.wrong_state"


class NotDataCite(Trouble, DataCiteError):
    """A 4xx that is not in DataCite's format: a firewall or a proxy answered."""

    code = "datacite.not_datacite"


class Mismatch(Trouble, DataCiteError):
    """A successful answer about a DOI, URL or title other than the one sent."""

    code = "datacite.mismatch"


class PrefixUnknown(Trouble):
    """No account has the DOI's prefix: the DOI was never sent."""

    code = "doi.prefix_unknown"


class Invalid(Trouble):
    """The metadata are invalid in this package's own schema: they were never sent."""

    code = "metadata.invalid"


class BudgetSpent(Trouble):
    """Nothing was sent, because the rate budget was spent for too long."""

    code = "datacite.budget_spent"


BY_STATUS: dict[int, type[Trouble]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: NotAllowed,
    409: Conflict,
    413: TooLarge,
    422: Refused,
    429: RateLimited,
    500: ServerFailed,
}
BY_HUNDRED: dict[int, type[Trouble]] = {
    3: Redirected,
    4: RequestFailed,
    5: Unavailable,
}


OF_A_PROXY = frozenset({413, 429})
"""4xx answers from a proxy in front of DataCite, which have its own format."""


def from_answer(
    doing: str,
    http_status: int,
    body: Any,
    retry_after: float | None = None,
    asked: str | None = None,
) -> Trouble:
    """Return the error for an unsuccessful answer.

    :param doing: the request, such as ``"PUT /dois/10.1234/x"``.
    :param body: the parsed JSON body, or None if it was not JSON.
    :param retry_after: seconds from the ``Retry-After`` header.
    :param asked: the header as received.
    """
    kind = BY_STATUS.get(http_status) or BY_HUNDRED.get(http_status // 100, Unreadable)
    if (
        http_status // 100 == 4
        and http_status not in OF_A_PROXY
        and not answers.is_datacites(body)
    ):
        kind = NotDataCite
    complaints = tuple(Complaint(*item) for item in answers.complaints(body))
    said = "; ".join(
        f"{c.source}: {c.title}" if c.source else c.title for c in complaints[:5]
    )
    message = f"DataCite answered {http_status} to {doing}"
    return kind(
        f"{message}: {said}" if said else f"{message}.",
        http_status=http_status,
        complaints=complaints,
        retry_after=retry_after,
        asked=asked,
    )

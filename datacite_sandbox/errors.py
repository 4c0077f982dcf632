# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's error bodies.

There are two formats. Exceptions give ``{"errors": [{"status", "title"}]}``
(lupo application_controller.rb:104-160), validation gives one object per source, with
a string as ``source`` and no status (error_serializable.rb). Exceptions that Rails does
not expect give a body without ``errors``.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify


class ApiError(Exception):
    """An exception that the API turns into an answer."""

    status = 400
    title = ""

    def __init__(self, title: str | None = None) -> None:
        """Take the title from the class unless one is given."""
        super().__init__(title or self.title)
        self.title = title or self.title

    def body(self) -> Any:
        """Return the JSON body of the answer."""
        return {"errors": [{"status": str(self.status), "title": self.title}]}


class BadRequest(ApiError):
    """400, also for a body that is unusable (patch_spec.rb:88)."""

    title = "You need to provide a payload following the JSONAPI spec"


class Unauthorized(ApiError):
    """401: the credentials are missing or wrong."""

    status = 401
    title = "Bad credentials."


class Forbidden(ApiError):
    """403: the account is known but lacks the permission (post_spec.rb:1505)."""

    status = 403
    title = "You are not authorized to access this resource."


class NotFound(ApiError):
    """404: the DOI is absent or hidden, or the repository id is unknown."""

    status = 404
    title = "The resource you are looking for doesn't exist."


class NotAcceptable(ApiError):
    """406: the API supports none of the types in the Accept header."""

    status = 406
    title = "The content type is not recognized."


class ParameterMissing(ApiError):
    """422 in the format of an exception; the real wording is not verified."""

    status = 422

    def __init__(self, name: str) -> None:
        """Name the missing parameter."""
        super().__init__(f"param is missing or the value is empty or invalid: {name}")


class QueryError(ApiError):
    """400 from the search index: ``errors`` is an object (controller 440-450)."""

    def body(self) -> Any:
        """Return the body in which ``errors`` is an object."""
        return {"errors": {"title": self.title}}


class UnexpectedError(ApiError):
    """500: the middleware's answer to any exception that Rails does not rescue.

    The body says 400 and has no ``errors`` (lib/middleware/compressed_requests.rb:32).
    """

    status = 500

    def body(self) -> Any:
        """Return the body without ``errors``."""
        return {"status": 400, "title": self.title}


class Invalid(Exception):
    """422: the DOI is not valid. ``errors`` are (source, title) in order."""

    def __init__(self, errors: list[tuple[str, str]], uid: str) -> None:
        """Store the errors and the lower-case DOI that they concern."""
        super().__init__(errors)
        self.errors = errors
        self.uid = uid

    def body(self) -> Any:
        """Return the first error of each source, with a capital first letter."""
        first: dict[str, dict[str, str]] = {}
        for source, title in self.errors:
            first.setdefault(
                source,
                {
                    "source": source,
                    "title": title[:1].upper() + title[1:],
                    "uid": self.uid,
                },
            )
        return {"errors": list(first.values())}


_TITLES = {
    405: "Method not allowed",
    409: "The resource already exists.",
    429: "Your request has been rate limited. "
    "See https://support.datacite.org/docs/rate-limit.",
}
for _error in (BadRequest, Unauthorized, Forbidden, NotFound, NotAcceptable):
    _TITLES[_error.status] = _error.title
#: Answers of the gateway in front of the application, with nginx's names.
_GATEWAY = {
    413: "Request Entity Too Large",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


def documented(status: int, uid: str | None = None) -> Response:
    """Return DataCite's answer with ``status`` about the DOI ``uid``.

    If several answers are possible, it is the most general one.
    """
    if status < 400:
        return Response(status=status)
    if status in _GATEWAY:
        return _page(status)
    if status == 422:
        body = Invalid([("metadata", "is invalid")], (uid or "").lower()).body()
    elif status == 500:
        body = UnexpectedError("Internal Server Error").body()
    else:
        error = ApiError(_TITLES.get(status) or _phrase(status))
        error.status = status
        body = error.body()
    response = jsonify(body)
    response.status_code = status
    if status == 500:
        response.headers.pop("Content-Type", None)
    return response


def rate_limited(retry_after: str | None = None) -> Response:
    """Return a 429; DataCite's firewall sets no Retry-After."""
    response = documented(429)
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return response


def _page(status: int) -> Response:
    name = f"{status} {_GATEWAY[status]}"
    text = (
        f"<html>\r\n<head><title>{name}</title></head>\r\n"
        f"<body>\r\n<center><h1>{name}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(text, status, content_type="text/html")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Error"

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's error bodies.

There are two shapes. Exceptions give ``{"errors": [{"status", "title"}]}``
(lupo application_controller.rb:104-160), validation gives one object per source, with
a string as ``source`` and no status (error_serializable.rb). Everything that
Rails does not expect ends as a body without ``errors`` at all.
"""

from __future__ import annotations

from typing import Any


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
    """400, also for a body that cannot be used at all (patch_spec.rb:88)."""

    title = "You need to provide a payload following the JSONAPI spec"


class Unauthorized(ApiError):
    """401."""

    status = 401
    title = "Bad credentials."


class Forbidden(ApiError):
    """403: the account is known, and may not (post_spec.rb:1505)."""

    status = 403
    title = "You are not authorized to access this resource."


class NotFound(ApiError):
    """404: absent, hidden, or a repository id that nobody knows."""

    status = 404
    title = "The resource you are looking for doesn't exist."


class NotAcceptable(ApiError):
    """406: an Accept header that the API has no format for."""

    status = 406
    title = "The content type is not recognized."


class ParameterMissing(ApiError):
    """422 in the shape of an exception; the real wording is not verified."""

    status = 422

    def __init__(self, name: str) -> None:
        """Name the missing parameter."""
        super().__init__(f"param is missing or the value is empty or invalid: {name}")


class QueryError(ApiError):
    """400 of the search index: ``errors`` is an object (controller 440-450)."""

    def body(self) -> Any:
        """Return the object shape."""
        return {"errors": {"title": self.title}}


class UnexpectedError(ApiError):
    """500: the middleware's answer to any exception that Rails does not rescue.

    The body says 400 and has no ``errors`` (lib/middleware/compressed_requests.rb:32).
    """

    status = 500

    def body(self) -> Any:
        """Return the odd shape."""
        return {"status": 400, "title": self.title}


class Invalid(Exception):
    """422: the DOI is not valid. ``errors`` are (source, title) in order."""

    def __init__(self, errors: list[tuple[str, str]], uid: str) -> None:
        """Keep the errors and the lower-case DOI that they are about."""
        super().__init__(errors)
        self.errors = errors
        self.uid = uid

    def body(self) -> Any:
        """Return one error per source, the first, with a capital first letter."""
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

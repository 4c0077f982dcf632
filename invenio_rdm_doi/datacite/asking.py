# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Requests to DataCite for one account, and queries about the account itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib.metadata import PackageMetadata, metadata
from typing import Any
from urllib.parse import quote

import requests

from ..settings.model import Account
from . import answers
from .budget import Budget
from .errors import (
    BadRequest,
    BudgetSpent,
    Forbidden,
    NotAllowed,
    NotFound,
    RateLimited,
    Trouble,
    Unauthorized,
    Unreadable,
    from_answer,
)
from .transport import Answered, Transport

MEDIA_TYPE = "application/vnd.api+json"

PATIENCE = 15
"""Seconds that a query waits for the rate budget. A delivery takes its own requests
from the budget before it decides what to send; the three queries that may follow a
refusal end within the margin of its claim."""


class Asking:
    """The queries of one account. Thread-safe."""

    def __init__(
        self, account: Account, budget: Budget | None = None, pool_size: int = 16
    ):
        """Constructor; opens no connection.

        :param budget: consulted before every request that is not paid for; None: no
            rate limit.
        :param pool_size: number of connections that are kept open.
        """
        self.account = account
        self.budget = budget
        self._transport = Transport(
            account.api_url,
            account.timeout,
            {
                "User-Agent": user_agent(account.contact),
                "Accept": f"{MEDIA_TYPE}, application/json",
            },
            self._authenticate,
            pool_size,
        )

    # About the account

    def credentials_accepted(self) -> bool:
        """Return whether DataCite accepts the credentials of the account.

        Queries with a wrong password do not fail, but are anonymous; so this requests
        a token and discards it (lupo ``spec/requests/sessions_spec.rb``).

        :raises RateLimited: if a firewall refuses the request, which may also be in
            JSON; nothing is known about the credentials then.
        """
        account = self.account
        if account.uses_key:
            # /token does not accept keys; the answer to a list names the key's account.
            answered = self._request(
                "GET", "dois", params={"client-id": account.symbol.lower(), **_NOTHING}
            )
            if answered.status == 401:
                return False
            self._require_answer("GET /dois", answered)
            names = {name.lower() for name in answered.headers}
            return "x-credential-username" in names
        answered = self._request(
            "POST",
            "token",
            form={
                "grant_type": lambda: "password",
                "username": account.username.reveal,
                "password": account.password.reveal,
            },
            authenticated=False,
        )
        if answered.status in (400, 401) and answers.is_datacites(
            answers.parse(answered.body)
        ):
            return False
        self._require_answer("POST /token", answered)
        return True

    def _require_answer(self, doing: str, answered: Answered) -> None:
        """Raise an error for an answer that says nothing about the credentials."""
        if answered.status == 403:
            raise named(RateLimited, self._trouble(doing, answered))
        if answered.status not in (200, 201):
            raise self._trouble(doing, answered)

    def repository(self) -> dict[str, Any]:
        """Return the account's public entry: ``domains``, ``is_active``, ``prefixes``.

        :raises Trouble: one of its subclasses.
        """
        symbol = self.account.symbol.lower()
        try:
            body = self._ask(f"repositories/{quote(symbol, safe='')}")
            prefixes = self._ask("prefixes", {"client-id": symbol, "page[size]": 1000})
        except Forbidden as trouble:
            # The test system's firewall answers 403 to requests that come too fast.
            raise named(RateLimited, trouble) from None
        except (BadRequest, NotAllowed, NotFound, Unauthorized) as trouble:
            # The entry is public: such an error says nothing about the account.
            raise named(Unreadable, trouble) from None
        try:
            attributes = body["data"]["attributes"]
            return {
                "domains": answers.clean(attributes.get("domains") or "*", 2000),
                "is_active": attributes.get("isActive", True) is True,
                "prefixes": [str(item["id"]) for item in prefixes["data"]],
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(
                "DataCite's entry of the account is unreadable."
            ) from error

    def explain(self, doi: str, trouble: Trouble) -> Trouble | None:
        """Return the account's problem behind a 401, 403 or 404 on a write.

        DataCite gives the same answer for a wrong password, for an account that is not
        active, for a prefix of another account and for a DOI of another account (lupo
        ``app/models/user.rb`` and ``app/models/ability.rb``).

        :returns: None if account and prefix are in order: the DOI is the reason.
        """
        values: dict[str, Any] = {
            "http_status": trouble.http_status,
            "complaints": trouble.complaints,
        }
        try:
            if not self.credentials_accepted():
                return Unauthorized(
                    f"DataCite does not accept {self.account.symbol} with its "
                    "password.",
                    **values,
                )
            repository = self.repository()
        except Trouble as other:
            return other
        if not repository["is_active"]:
            return Forbidden(
                f"{self.account.symbol} is not active at DataCite.", **values
            )
        prefix = doi.partition("/")[0]
        if prefix not in repository["prefixes"]:
            return Forbidden(
                f"The prefix {prefix} does not belong to {self.account.symbol}.",
                **values,
            )
        return None

    # Implementation

    def _ask(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        paid: bool = False,
        large: bool = False,
    ) -> Any:
        answered = self._request("GET", path, params=params, paid=paid, large=large)
        if answered.status != 200:
            raise self._trouble(f"GET /{path}", answered)
        return self._json(answered)

    def _request(
        self, method: str, path: str, paid: bool = False, **kwargs: Any
    ) -> Answered:
        if not paid and self.budget and not self.budget.take(PATIENCE):
            raise BudgetSpent(
                f"{method} /{path} was not sent: the rate budget was spent for "
                f"{PATIENCE} seconds."
            )
        return self._transport.send(method, path, **kwargs)

    def _authenticate(self, request: requests.PreparedRequest) -> None:
        account = self.account
        if account.bearer:
            request.headers["Authorization"] = f"Bearer {account.password.reveal()}"
            return
        pair = f"{account.username.reveal()}:{account.password.reveal()}"
        coded = base64.b64encode(pair.encode("utf-8")).decode("ascii")
        request.headers["Authorization"] = f"Basic {coded}"

    @staticmethod
    def _json(answered: Answered) -> Any:
        body = answers.parse(answered.body)
        if body is None:
            raise Unreadable(
                f"DataCite's answer ({answered.status}) is not JSON.",
                http_status=answered.status,
            )
        return body

    @staticmethod
    def _trouble(doing: str, answered: Answered) -> Trouble:
        headers = {name.lower(): value for name, value in answered.headers.items()}
        seconds, asked = answers.retry_after(headers.get("retry-after"))
        return from_answer(
            doing,
            answered.status,
            answers.parse(answered.body),
            retry_after=seconds,
            asked=asked,
        )


_NOTHING = {"page[size]": 0, "disable-facets": "true"}
"""Parameters of a list without entries: only its status and headers are needed."""


def named(kind: type[Trouble], trouble: Trouble) -> Trouble:
    """Return the same trouble as another, more suitable subclass."""
    return kind(
        trouble.message,
        http_status=trouble.http_status,
        complaints=trouble.complaints,
        retry_after=trouble.retry_after,
        asked=trouble.asked,
    )


def user_agent(contact: str | None) -> str:
    """Return the User-Agent header that DataCite asks integrators to send.

    Source: https://support.datacite.org/docs/best-practices-for-integrators
    """
    package = metadata("invenio-rdm-doi")
    mail = f"; mailto:{contact}" if contact else ""
    return f"invenio-rdm-doi/{package['Version']} ({_project_url(package)}{mail})"


def _project_url(package: PackageMetadata) -> str:
    """Return the address of the repository, as ``setup.cfg`` has it."""
    for entry in package.get_all("Project-URL") or []:
        label, _, address = str(entry).partition(", ")
        if label == "Repository":
            return address
    return "https://pypi.org/project/invenio-rdm-doi/"

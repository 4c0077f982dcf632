# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's REST API, for one account. Every write is one request.

A DOI is data in an address, never a path: what could lead elsewhere is refused, the
rest is percent-encoded. Only DOIs of the account's prefixes are written to. Errors are
those of :mod:`.errors`.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import requests

from ..doi import is_valid_doi
from ..metadata.attributes import Attributes
from ..settings.model import Account
from ..states import EVENTS, HIDE
from . import answers, listing
from .budget import Budget
from .errors import (
    BadRequest,
    BudgetSpent,
    Conflict,
    Forbidden,
    InvalidDOI,
    NotAllowed,
    NotFound,
    PrefixUnknown,
    RateLimited,
    Refused,
    Taken,
    Trouble,
    Unauthorized,
    Unreadable,
    from_answer,
)
from .held import Answer, Held, attributes_of, require_same
from .transport import Answered, Transport

logger = logging.getLogger(__name__)

PROJECT_URL = "https://github.com/inveniosoftware/invenio-rdm-doi"
MEDIA_TYPE = "application/vnd.api+json"
EVERYTHING = {"publisher": "true", "affiliation": "true"}
"""Serves publishers and affiliations as objects, not as names only."""

PATIENCE = 15
"""Seconds that a question waits for the rate budget. A delivery takes its own requests
out of the budget before it decides what to send; the three questions that may follow a
refusal end within the margin of its claim."""


class DataCiteClient:
    """One account's access to DataCite. Thread-safe."""

    def __init__(
        self, account: Account, budget: Budget | None = None, pool_size: int = 16
    ):
        """Constructor; opens no connection.

        :param budget: asked before every request that is not paid for; None: send at
            any rate.
        :param pool_size: how many connections are kept open.
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

    # Writes: paid for before, one request each, started in time or not at all

    def create(
        self, doi: str, attributes: Attributes, state: str, start_by: float
    ) -> Answer:
        """Make a DOI that DataCite does not have. Overwrites nothing.

        :raises Taken: DataCite has it.
        :raises Trouble: another of its subclasses.
        """
        self._require_own(doi)
        try:
            return self._write(
                "POST", "dois", doi, attributes, EVENTS[None, state], start_by
            )
        except Refused as refused:
            if any(complaint.source == "doi" for complaint in refused.complaints):
                raise _as(Taken, refused) from None
            raise
        except Conflict as conflict:
            raise _as(Taken, conflict) from None

    def update(
        self,
        doi: str,
        attributes: Attributes,
        state: str,
        known_state: str | None,
        start_by: float,
    ) -> Answer:
        """Make DataCite hold exactly this of a DOI that it has.

        :param attributes: the complete set; what is left out would be kept.
        :param known_state: the state that DataCite was last known to have.
        :returns: the state in the answer may be another one than the wanted one: then
            DataCite had another state than was known.
        :raises Trouble: one of its subclasses.
        """
        event = EVENTS.get((known_state, state))
        return self._write("PUT", self._doi_path(doi), doi, attributes, event, start_by)

    def hide(self, doi: str, start_by: float) -> Answer:
        """Hide a DOI that is known to be findable; its metadata stay as they are."""
        return self._write("PUT", self._doi_path(doi), doi, {}, HIDE, start_by)

    def move(self, doi: str, url: str, event: str | None, start_by: float) -> Answer:
        """Set URL and state of a DOI that DataCite is known to have, nothing else."""
        return self._write(
            "PUT", self._doi_path(doi), doi, {"url": url}, event, start_by
        )

    def remove(self, doi: str, start_by: float) -> int:
        """Delete a draft; a DOI that is not there is fine, too.

        :returns: the HTTP status.
        :raises NotAllowed: it is more than a draft, and stays for ever.
        :raises Trouble: another of its subclasses.
        """
        path = self._doi_path(doi)
        answered = self._transport.send("DELETE", path, start_by=start_by)
        if answered.status not in (204, 404):
            raise self._trouble(f"DELETE /dois/{doi}", answered)
        if answered.status == 404 and not answers.is_datacites(
            answers.parse(answered.body)
        ):
            raise self._trouble(f"DELETE /dois/{doi}", answered)
        return answered.status

    # Questions

    def look(self, doi: str, paid: bool = False) -> Held | None:
        """Ask what DataCite has of a DOI.

        :param paid: the request is out of the budget already.
        :returns: None if it has none, or none that this account may see: with a wrong
            password a question is anonymous. See :meth:`credentials_accepted`.
        :raises Trouble: one of its subclasses.
        """
        try:
            body = self._ask(self._doi_path(doi), EVERYTHING, paid=paid)
        except NotFound:
            return None
        attributes = attributes_of(body, doi)
        try:
            client = body["data"]["relationships"]["client"]["data"]["id"]
        except (KeyError, TypeError):
            client = None
        if not isinstance(client, str):
            raise Unreadable(
                f"DataCite's answer does not say which account has {doi}.",
                http_status=200,
            )
        url = attributes.get("url")
        return Held(
            attributes["state"],
            url if isinstance(url, str) else None,
            client.lower(),
            attributes,
        )

    def read(self, doi: str) -> Attributes:
        """Return the attributes that DataCite has of a DOI, for people to look at.

        :raises NotFound: there is none, or only the draft of another account.
        :raises Trouble: another of its subclasses.
        """
        path = f"dois/{quote(doi, safe='/')}" if is_valid_doi(doi) else None
        if path is None:
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite could have.")
        return attributes_of(self._ask(path, EVERYTHING), doi)

    def list(
        self, cursor: str, complete: bool = False, since: datetime | None = None
    ) -> listing.Page:
        """Return a page of the account's DOIs, with the prefixes that are configured.

        With a wrong password the list is anonymous, and has findable DOIs only.

        :param cursor: :data:`.listing.START`, or that of the page before.
        :param complete: with all metadata.
        :param since: only what changed since then.
        :raises Trouble: one of its subclasses.
        """
        params = listing.params_of(self.account, cursor, complete, since)
        return listing.read(self._ask("dois", params, large=True), cursor)

    def credentials_accepted(self) -> bool:
        """Whether DataCite takes the credentials of the account.

        Questions do not fail with a wrong password, they are anonymous; so this asks
        for a token, and forgets it (lupo ``spec/requests/sessions_spec.rb``).

        :raises RateLimited: a firewall refuses, in JSON, too; nothing is known.
        """
        account = self.account
        if account.uses_key:
            # A key is not for /token; a list says whose it is.
            answered = self._request(
                "GET", "dois", params={"client-id": account.symbol.lower(), **_NOTHING}
            )
            names = {name.lower() for name in answered.headers}
            return answered.status == 200 and "x-credential-username" in names
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
        if answered.status == 403:
            raise _as(RateLimited, self._trouble("POST /token", answered))
        if answered.status not in (200, 201):
            raise self._trouble("POST /token", answered)
        return True

    def repository(self) -> dict[str, Any]:
        """Return the account's public entry: ``domains``, ``is_active``, ``prefixes``.

        :raises Trouble: one of its subclasses.
        """
        symbol = self.account.symbol.lower()
        try:
            body = self._ask(f"repositories/{quote(symbol, safe='')}")
            prefixes = self._ask("prefixes", {"client-id": symbol, "page[size]": 1000})
        except Forbidden as trouble:
            # The test system's firewall refuses so what comes too fast.
            raise _as(RateLimited, trouble) from None
        except (BadRequest, NotAllowed, NotFound, Unauthorized) as trouble:
            # Everybody may ask this: it says nothing of the account.
            raise _as(Unreadable, trouble) from None
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
        """Find out what a 401, 403 or 404 on a write means for the account.

        DataCite answers the same to a wrong password, to an account that is not
        active, to a prefix of another account and to a DOI of another account (lupo
        ``app/models/user.rb`` and ``app/models/ability.rb``).

        :returns: None: account and prefix are in order; it is about the DOI.
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

    # How

    def _write(
        self,
        method: str,
        path: str,
        doi: str,
        attributes: Attributes,
        event: str | None,
        start_by: float,
    ) -> Answer:
        payload: Attributes = {"doi": doi, **attributes}
        if event:
            payload["event"] = event
        data = {"data": {"type": "dois", "attributes": payload}}
        answered = self._transport.send(
            method,
            path,
            params=EVERYTHING,
            body=json.dumps(data, ensure_ascii=False).encode("utf-8"),
            content_type=MEDIA_TYPE,
            start_by=start_by,
        )
        if answered.status not in (200, 201):
            raise self._trouble(f"{method} /dois/{doi}", answered)
        found = attributes_of(self._json(answered), doi)
        require_same(doi, attributes, found)
        return Answer(answered.status, found["state"], found)

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

    def _require_own(self, doi: str) -> None:
        if not self.account.owns(doi):
            raise PrefixUnknown(
                f"{doi} has none of the prefixes that are configured for "
                f"{self.account.symbol}: {', '.join(self.account.prefixes)}."
            )
        if not is_valid_doi(doi):
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite takes.")

    def _doi_path(self, doi: str) -> str:
        self._require_own(doi)
        return f"dois/{quote(doi, safe='/')}"

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
"""Of a list, only whether it may be asked for."""


def _as(kind: type[Trouble], trouble: Trouble) -> Trouble:
    """Return the same trouble under its better name."""
    return kind(
        trouble.message,
        http_status=trouble.http_status,
        complaints=trouble.complaints,
        retry_after=trouble.retry_after,
        asked=trouble.asked,
    )


def user_agent(contact: str | None) -> str:
    """Return who calls, as DataCite asks integrators to say.

    Source: https://support.datacite.org/docs/best-practices-for-integrators
    """
    mail = f"; mailto:{contact}" if contact else ""
    return f"invenio-rdm-doi/{version('invenio-rdm-doi')} ({PROJECT_URL}{mail})"

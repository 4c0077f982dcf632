# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's REST API, for one account.

On top of :class:`datacite.DataCiteRESTClient`: one pooled session, time-outs, a
User-Agent that says who calls, PUT-only writes that accept 200 and 201, errors that
carry DataCite's complaints, and a look at the state in the answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import requests
from datacite import DataCiteRESTClient
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from ..metadata.attributes import Attributes
from ..settings.model import Account
from ..states import EVENTS
from .budget import Budget
from .errors import (
    BudgetSpent,
    Forbidden,
    ForeignPrefix,
    NotOurs,
    Trouble,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongState,
    from_answer,
)

PROJECT_URL = "https://github.com/inveniosoftware/invenio-rdm-doi"
MEDIA_TYPE = "application/vnd.api+json"
EVERYTHING = {"publisher": "true", "affiliation": "true"}
"""Serves publishers and affiliations as objects, not as names only."""

BUDGET_PATIENCE = 30
"""Seconds to wait for the rate budget; a claim lasts longer than that."""


@dataclass(frozen=True)
class Answer:
    """A DOI as DataCite has it after a write, and how DataCite said so."""

    http_status: int
    state: str
    attributes: Attributes


class DataCiteClient(DataCiteRESTClient):
    """One account's access to DataCite. Thread-safe, as far as requests is."""

    def __init__(
        self, account: Account, budget: Budget | None = None, pool_size: int = 16
    ):
        """Constructor; opens no connection.

        :param budget: asked before every request; None: send at any rate.
        :param pool_size: how many connections are kept open.
        """
        super().__init__(
            account.username,
            account.password,
            account.prefixes[0],
            url=account.api_url,
            timeout=account.timeout,
        )
        self.account = account
        self.budget = budget
        self.session = requests.Session()
        self.session.auth = HTTPBasicAuth(
            account.username.encode("utf-8"),
            account.password.encode("utf-8"),
        )
        self.session.headers.update(
            {
                "User-Agent": user_agent(account.contact),
                "Accept": f"{MEDIA_TYPE}, application/json",
            }
        )
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size)
        self.session.mount(account.api_url, adapter)

    def save(
        self, doi: str, attributes: Attributes, state: str, known_state: str | None
    ) -> Answer:
        """Make DataCite hold exactly this, whether or not it has the DOI already.

        :param attributes: the complete set; what is left out would be kept.
        :param state: the wanted state: ``findable``, ``registered`` or ``draft``.
        :param known_state: the state that DataCite was last known to have, or None.
        :raises Trouble: one of its subclasses.
        """
        answer = self._put(doi, attributes, EVENTS.get((known_state, state)))
        if answer.state != state and (answer.state, state) in EVENTS:
            # It had another state than was known. The right event is known now.
            answer = self._put(doi, attributes, EVENTS[answer.state, state])
        if answer.state != state:
            raise WrongState(
                f"DataCite says that {doi} is {answer.state}, not {state}.",
                http_status=answer.http_status,
            )
        return answer

    def remove(self, doi: str) -> int:
        """Delete a draft; a DOI that is not there is fine, too.

        :returns: the HTTP status.
        :raises NotAllowed: it is more than a draft, and stays for ever.
        :raises Trouble: another of its subclasses.
        """
        self._require_own(doi)
        response = self._request("DELETE", self._doi_path(doi))
        if response.status_code not in (204, 404):
            raise self._trouble(f"DELETE /dois/{doi}", response)
        return response.status_code

    def explain(self, doi: str, trouble: Trouble) -> Trouble:
        """Find out what a 401, 403 or 404 on a write really means.

        DataCite answers the same to a wrong password, to an account that is not
        active, to a prefix of somebody else and to a DOI of somebody else (lupo
        ``app/models/user.rb`` and ``app/models/ability.rb``).
        """
        values: dict[str, Any] = {
            "http_status": trouble.http_status,
            "complaints": trouble.complaints,
        }
        try:
            if not self.credentials_accepted():
                return Unauthorized(
                    f"DataCite does not accept {self.username} with its password.",
                    **values,
                )
            repository = self.repository()
        except Trouble as other:
            return other
        if not repository["is_active"]:
            return Forbidden(f"{self.username} is not active at DataCite.", **values)
        prefix = doi.partition("/")[0]
        if prefix not in repository["prefixes"]:
            return Forbidden(
                f"The prefix {prefix} does not belong to {self.username}.", **values
            )
        return NotOurs(
            f"DataCite does not let {self.username} write {doi}, though account and "
            "prefix are in order: the DOI belongs to another account.",
            **values,
        )

    def read(self, doi: str) -> Attributes:
        """What DataCite holds for a DOI.

        :raises NotFound: there is none, or only the draft of another account.
        :raises Trouble: another of its subclasses.
        """
        return self._attributes(
            self._call("GET", self._doi_path(doi), params=EVERYTHING)
        )

    def credentials_accepted(self) -> bool:
        """Whether DataCite takes name and password of the account.

        Reads do not fail with a wrong password, they are anonymous; so this asks for
        a token, and forgets it (lupo ``spec/requests/sessions_spec.rb``).
        """
        response = self._request(
            "POST",
            "token",
            data={
                "grant_type": "password",
                "username": self.username,
                "password": self.password,
            },
            auth=_NoAuth(),
        )
        if response.status_code in (400, 401):
            return False
        if not response.ok:
            raise self._trouble("POST /token", response)
        return True

    def repository(self) -> dict[str, Any]:
        """The account's public entry: ``domains``, ``is_active``, ``prefixes``.

        :raises Trouble: one of its subclasses.
        """
        body = self._call("GET", f"repositories/{quote(self.username.lower())}")
        prefixes = self._call(
            "GET",
            "prefixes",
            params={"client-id": self.username.lower(), "page[size]": 1000},
        )
        try:
            attributes = body["data"]["attributes"]
            return {
                "domains": attributes.get("domains") or "*",
                "is_active": attributes.get("isActive", True),
                "prefixes": [item["id"] for item in prefixes["data"]],
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(
                "DataCite's entry of the account is unreadable."
            ) from error

    def put_doi(self, doi: str, data: dict[str, Any]) -> Attributes:
        """As in the base class, and accepts 201 (the PUT created the DOI)."""
        return self._save_raw(doi, data).attributes

    def _put(self, doi: str, attributes: Attributes, event: str | None) -> Answer:
        payload = {"doi": doi, **attributes}
        if event:
            payload["event"] = event
        return self._save_raw(doi, {"type": "dois", "attributes": payload})

    def _require_own(self, doi: str) -> None:
        if not self.account.owns(doi):
            raise ForeignPrefix(
                f"{doi} has none of the prefixes that are configured for "
                f"{self.username}: {', '.join(self.account.prefixes)}."
            )

    def _save_raw(self, doi: str, data: dict[str, Any]) -> Answer:
        self._require_own(doi)
        response = self._request(
            "PUT",
            self._doi_path(doi),
            params=EVERYTHING,
            data=json.dumps({"data": data}, ensure_ascii=False).encode("utf-8"),
            headers={"Content-Type": MEDIA_TYPE},
        )
        if response.status_code not in (200, 201):
            raise self._trouble(f"PUT /dois/{doi}", response)
        attributes = self._attributes(self._json(response))
        return Answer(response.status_code, attributes["state"], attributes)

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        response = self._request(method, path, **kwargs)
        if not response.ok:
            raise self._trouble(f"{method} /{path}", response)
        return self._json(response)

    def _request(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        if self.budget and not self.budget.take(BUDGET_PATIENCE):
            raise BudgetSpent(
                f"{method} /{path} was not sent: the rate budget was spent for "
                f"{BUDGET_PATIENCE} seconds."
            )
        try:
            return self.session.request(
                method,
                f"{self.api_url}{path}",
                timeout=self.timeout,
                # A redirect would send a PUT again as a GET, and call it a success.
                allow_redirects=False,
                **kwargs,
            )
        except requests.RequestException as error:
            raise Unreachable(
                f"No answer from {self.api_url} to {method} /{path}: {_cause(error)}."
            ) from error

    @staticmethod
    def _doi_path(doi: str) -> str:
        return f"dois/{quote(doi, safe='/')}"

    @staticmethod
    def _json(response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise Unreadable(
                f"DataCite's answer ({response.status_code}) is not JSON.",
                http_status=response.status_code,
            ) from error

    @staticmethod
    def _attributes(body: Any) -> Attributes:
        try:
            attributes = body["data"]["attributes"]
            attributes["state"]  # noqa: B018 - it must be there
        except (KeyError, TypeError) as error:
            raise Unreadable(
                "DataCite's answer has no data.attributes.state.", http_status=200
            ) from error
        return attributes

    @staticmethod
    def _trouble(doing: str, response: requests.Response) -> Trouble:
        try:
            body = response.json()
        except ValueError:
            body = None
        return from_answer(
            doing,
            response.status_code,
            body,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )


class _NoAuth(requests.auth.AuthBase):
    """Sends a request without the session's name and password."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def user_agent(contact: str | None) -> str:
    """Who calls, as DataCite asks integrators to say.

    Source: https://support.datacite.org/docs/best-practices-for-integrators
    """
    mail = f"; mailto:{contact}" if contact else ""
    return f"invenio-rdm-doi/{version('invenio-rdm-doi')} ({PROJECT_URL}{mail})"


def _seconds(value: str | None) -> float | None:
    """A ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    # "-0000" gives a time without a zone; it is in UTC.
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _cause(error: requests.RequestException) -> str:
    """A short cause: the text of urllib3's errors is long, and has addresses in it."""
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.ReadTimeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "the connection failed or broke"
    return type(error).__name__

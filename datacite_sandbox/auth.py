# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Authentication of callers, and their permissions.

API keys (``DC.`` and 32 characters) are not supported: the sandbox has only passwords
and the tokens of ``POST /token``.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from .accounts import Account, Accounts
from .dois import Doi
from .errors import Forbidden, Unauthorized

TOKEN_LIFETIME = 30 * 24 * 3600


@dataclass(frozen=True)
class Caller:
    """The sender of a request.

    A wrong password is no error as such: the caller is then anonymous, and the result
    depends on the action (lupo user.rb:31-105). ``named`` is true if the request had
    credentials.
    """

    account: Account | None = None
    named: bool = False

    @property
    def client_id(self) -> str | None:
        """The id of the repository that sent the request."""
        return self.account.client_id if self.account else None

    def may_see(self, doi: Doi) -> bool:
        """Return whether the caller may see the DOI (lupo authenticable.rb:265-288)."""
        if doi.state == "findable":
            return True
        return self.owns(doi)

    def owns(self, doi: Doi) -> bool:
        """Return whether the DOI belongs to this repository, or one of this member."""
        if self.account is None:
            return False
        if self.account.role == "provider":
            return doi.provider_id == self.account.provider_id
        return doi.client_id == self.account.client_id

    def require_write(self, doi: Doi) -> None:
        """Refuse unless the caller may change the DOI (lupo ability.rb)."""
        self._require(self._is_active_client() and self.owns(doi))

    def require_create(self, prefix: str | None, client: Account) -> None:
        """Refuse unless the caller may create DOIs with that prefix for ``client``.

        The prefix is checked against the repository that the payload names, which need
        not be the caller (lupo ability.rb:199-202).
        """
        self._require(self._is_active_client() and prefix in client.prefixes)

    def require_validate(self, client: Account) -> None:
        """Refuse unless the caller may validate for ``client``."""
        self._require(self._is_active_client() and client.client_id == self.client_id)

    def require_transfer(self, doi: Doi) -> None:
        """Refuse unless the caller is the active member of the DOI's repository."""
        account = self.account
        is_member = account is not None and account.role == "provider"
        self._require(is_member and account.is_active and self.owns(doi))

    def require_get_url(self, doi: Doi) -> None:
        """Refuse all callers but anonymous, an active owner or the owner's member."""
        if self.account is None:
            return
        readable = self.account.role == "provider" or self.account.is_active
        self._require(readable and self.owns(doi))

    def _is_active_client(self) -> bool:
        account = self.account
        return account is not None and account.role == "client" and account.is_active

    def _require(self, allowed: bool) -> None:
        """Raise 401 if anonymous and 403 otherwise (application_controller.rb)."""
        if not allowed:
            raise Forbidden() if self.account else Unauthorized()


class Authenticator:
    """Identifies callers by their Authorization header, and issues tokens."""

    def __init__(self, accounts: Accounts) -> None:
        """Make tokens valid for the lifetime of this object."""
        self._accounts = accounts
        self._tokens = URLSafeTimedSerializer(secrets.token_hex(32), salt="token")

    def caller(self, header: str | None) -> Caller:
        """Return the caller; only a bad Bearer token raises an error."""
        scheme, _, credentials = (header or "").strip().partition(" ")
        if not credentials:
            return Caller()
        if scheme.lower() == "basic":
            return Caller(self._from_basic(credentials.strip()), named=True)
        return Caller(self._from_token(credentials.strip()), named=True)

    def by_password(self, symbol: str, password: str) -> Account | None:
        """Return the account if the password is correct."""
        account = self._accounts.find(symbol)
        if account is None or not password:
            return None
        same = hmac.compare_digest(account.password.encode(), password.encode())
        return account if same else None

    def token(self, account: Account) -> str:
        """Return an access token for the account."""
        return str(self._tokens.dumps(account.uid))

    def _from_basic(self, credentials: str) -> Account | None:
        try:
            decoded = base64.b64decode(credentials).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        symbol, _, password = decoded.partition(":")
        return self.by_password(symbol, password)

    def _from_token(self, token: str) -> Account:
        try:
            uid = self._tokens.loads(token, max_age=TOKEN_LIFETIME)
        except BadSignature as error:
            raise Unauthorized() from error
        account = self._accounts.find(uid)
        if account is None:
            raise Unauthorized()
        return account

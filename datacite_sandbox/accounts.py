# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The accounts of the sandbox: repositories (clients) and members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["client", "provider"]


@dataclass(frozen=True)
class Account:
    """A DataCite account.

    A ``client`` is a repository account (``PROVIDER.NAME``), the only kind that writes
    DOIs. A ``provider`` is a member account (``PROVIDER``); it sees the drafts of its
    repositories. ``domains`` is ``*`` or a comma-separated list of hosts, where
    ``*.example.org`` means every host below example.org.
    """

    symbol: str
    password: str = field(repr=False)
    prefixes: tuple[str, ...] = ()
    domains: str = "*"
    is_active: bool = True
    role: Role = "client"
    name: str = ""

    def __post_init__(self) -> None:
        """Normalize the names and refuse invalid accounts."""
        object.__setattr__(self, "symbol", self.symbol.upper())
        object.__setattr__(self, "prefixes", tuple(self.prefixes))
        object.__setattr__(self, "name", self.name or self.symbol.title())
        if not self.symbol or not self.password:
            raise ValueError("an account needs a symbol and a password")
        if (self.role == "client") != ("." in self.symbol):
            raise ValueError(
                f"{self.symbol}: a repository is named PROVIDER.NAME, a member PROVIDER"
            )

    @property
    def uid(self) -> str:
        """The lower-case name that the API uses as identifier."""
        return self.symbol.lower()

    @property
    def client_id(self) -> str | None:
        """The id of this repository account, None for a member."""
        return self.uid if self.role == "client" else None

    @property
    def provider_id(self) -> str:
        """The id of the member that this account is or belongs to."""
        return self.uid.split(".")[0]


#: The account that is used if none is given.
DEFAULT_ACCOUNT = Account("SANDBOX.LOCAL", "sandbox", ("10.1234",))


class Accounts:
    """All accounts of one sandbox, found by case-insensitive symbol."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Index ``accounts``; the same symbol twice is an error."""
        self._by_uid: dict[str, Account] = {}
        for account in accounts:
            if account.uid in self._by_uid:
                raise ValueError(f"{account.symbol} is given twice")
            self._by_uid[account.uid] = account

    def __iter__(self) -> Iterator[Account]:
        """Iterate over the accounts in the order in which they were given."""
        return iter(self._by_uid.values())

    def find(self, symbol: str) -> Account | None:
        """Return the account with that symbol."""
        return self._by_uid.get(symbol.lower())

    def client(self, client_id: str | None) -> Account | None:
        """Return the repository with that id, None for members and unknown ids."""
        account = self.find(client_id) if client_id else None
        return account if account and account.role == "client" else None

    def clients(self) -> list[Account]:
        """Return all repositories."""
        return [account for account in self if account.role == "client"]

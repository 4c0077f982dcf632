# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The components of one running sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from flask import current_app, g

from .accounts import DEFAULT_ACCOUNT, Account, Accounts
from .auth import Authenticator
from .faults import Faults
from .journal import Exchange, Journal
from .listing import Listing
from .rates import RateLimit
from .registry import Registry
from .store import Store


class Sandbox:
    """The accounts, DOIs, log and faults that one Flask app serves."""

    def __init__(
        self,
        accounts: Iterable[Account] | None = None,
        data: str | Path | None = None,
    ) -> None:
        """Set the accounts, and the file for DOIs (without one they are in memory)."""
        self.accounts = Accounts(accounts or [DEFAULT_ACCOUNT])
        self.authenticator = Authenticator(self.accounts)
        self.store = Store(data)
        self.registry = Registry(self.store, self.accounts)
        self.listing = Listing(self.store)
        self.journal = Journal()
        self.faults = Faults(self.store)
        self.rate: RateLimit | None = None

    def clear(self) -> None:
        """Remove all DOIs, faults and the rate limit, and empty the log."""
        self.faults.clear()
        self.rate = None
        self.store.clear()
        self.journal.clear()


def current_sandbox() -> Sandbox:
    """Return the sandbox of the app that handles this request."""
    return cast(Sandbox, current_app.extensions["datacite-sandbox"])


def current_exchange() -> Exchange:
    """Return the API request that is being handled."""
    return cast(Exchange, g.exchange)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading and checking of the configuration.

:func:`load` reads a configuration once, when the application starts, and either
returns :class:`~.model.Settings` or raises one :class:`ConfigurationError` with
every problem that it found. No other code in the package reads these settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from .. import config as defaults
from . import connection
from .account import AccountReader, NamedAccountReader
from .checker import Checker
from .connection import NAMESPACE
from .metadata import dumpers, publishers
from .model import DEFAULT, EXPORTS, Account, MetadataSettings, Off, Settings
from .problem import ConfigurationError, Problem
from .secret import Secret

HOST_NAMESPACE = "DATACITE_"

SHARED = (
    "USERNAME",
    "PASSWORD",
    "PREFIX",
    "TEST_MODE",
    "FORMAT",
    "ADDITIONAL_PREFIXES",
)
"""Endings of the settings that InvenioRDM also has."""

HOST_DEFAULTS = {
    "USERNAME": "",
    "PASSWORD": "",
    "PREFIX": "",
    "TEST_MODE": True,
    "FORMAT": "{prefix}/{id}",
    "ADDITIONAL_PREFIXES": [],
}
"""Defaults from ``invenio_rdm_records.config``; such a value counts as not set.

The host fills them in before other code can read the configuration, so a value that an
operator wrote and that equals the default cannot be distinguished from the default.
"""

NAMES = tuple(
    name.removeprefix(NAMESPACE)
    for name in vars(defaults)
    if name.startswith(NAMESPACE)
)

EMBARGO_YEAR = {
    "end": "the year in which the embargo ends",
    "publication": "the year of publication",
}
SHORTEST_TOKEN = 16
FORM_DEFAULT = {
    "new": "to get a new DOI",
    "existing": "the depositor has one already",
    "none": "no DOI",
}
DELETED = {"metadata": "they stay", "placeholder": "they are overwritten"}


def load(config: Mapping[str, Any]) -> Settings | Off:
    """Read the settings.

    :param config: the application's configuration, as far as it was set.
    :raises ConfigurationError: with all problems at once.
    """
    loader = _Loader(config)
    # An error reporter would show it, including the password.
    del config
    return loader.load()


class _Loader(Checker):
    """Collects the problems of one configuration."""

    def __init__(self, config: Mapping[str, Any]):
        super().__init__({}, [])
        self.config = config
        self.source = "host"

    def setting(self, name: str) -> str:
        return f"{NAMESPACE}{name}"

    def load(self) -> Settings | Off:
        """Read all settings, then report all problems."""
        self.check_names()
        settings = self.read() if self.enabled() else self.read_disabled()
        if self.problems:
            raise ConfigurationError(self.problems)
        return settings

    def enabled(self) -> bool:
        own = self.config.get(f"{NAMESPACE}ENABLED")
        if own is None:
            return bool(self.config.get(f"{HOST_NAMESPACE}ENABLED"))
        self.values = {"ENABLED": own}
        return self.flag("ENABLED")

    def read(self) -> Settings:
        self.values = {name: self.value(name) for name in NAMES}
        account = AccountReader(self.values, self.problems).read()
        account, *others = self.with_others(account)
        self.check_retries()
        return Settings(
            account=account,
            others=tuple(others),
            retry_base=self.values["RETRY_BASE"],
            retry_cap=self.values["RETRY_CAP"],
            rate_storage=self.rate_storage(self.values["RATE_STORAGE"]),
            deleted=self.one_of("DELETED", DELETED),
            metadata=MetadataSettings(
                publishers=self.checked("PUBLISHER_IDENTIFIERS", publishers),
                dumpers=self.checked("DUMPERS", dumpers),
                embargo_year=self.one_of("EMBARGO_YEAR", EMBARGO_YEAR) == "end",
            ),
            exports=self.exports(),
            metrics_token=self.token(),
            form_default=self.one_of("FORM_DEFAULT", FORM_DEFAULT),
            source=self.source,
            runs=self.number("RUNS", 1, 64),
            audit_exclude=self.patterns(),
            attempts_keep_days=self.number("ATTEMPTS_KEEP_DAYS", 1, 36_500),
            notice_hours=(
                None
                if self.values["NOTICE_HOURS"] in (None, "")
                else self.number("NOTICE_HOURS", 1, 24 * 365)
            ),
            notify_owners=self.flag("NOTIFY_OWNERS"),
        )

    def exports(self) -> frozenset[str]:
        value = self.values["EXPORT"]
        if isinstance(value, str):
            # In the environment, a JSON list may remain text.
            with suppress(ValueError):
                value = json.loads(value)
        if isinstance(value, list | tuple | set | frozenset):
            unknown = [item for item in value if str(item) not in EXPORTS]
            if not unknown:
                return frozenset(map(str, value))
            self.complain(
                "EXPORT",
                f"{unknown[0]!r} is not an export format; available are "
                f"{', '.join(sorted(EXPORTS))}.",
            )
            return frozenset()
        return EXPORTS if self.flag("EXPORT") else frozenset()

    def token(self) -> Secret | None:
        value = self.values["METRICS_TOKEN"]
        if value in (None, ""):
            return None
        # The value is not shown: it is a secret, even if it is invalid.
        if not isinstance(value, str) or not SHORTEST_TOKEN <= len(value) <= 1024:
            self.complain(
                "METRICS_TOKEN",
                f"must be text of at least {SHORTEST_TOKEN} characters, such as the "
                "output of 'openssl rand -hex 32'.",
            )
            return None
        if not (value.isascii() and value.isprintable()) or " " in value:
            self.complain("METRICS_TOKEN", "must be ASCII without spaces.")
            return None
        return Secret(value)

    def number(self, name: str, least: int, most: int) -> int:
        value = self.values[name]
        if type(value) is not int or not least <= value <= most:
            self.complain(name, f"{value!r} must be a number from {least} to {most}.")
            return least
        return value

    def patterns(self) -> tuple[str, ...]:
        value = self.values["AUDIT_EXCLUDE"]
        if not isinstance(value, list | tuple) or not all(
            isinstance(pattern, str) and pattern for pattern in value
        ):
            self.complain(
                "AUDIT_EXCLUDE",
                f"{value!r} must be a list of patterns, such as ['10.1234/library.*'].",
            )
            return ()
        return tuple(pattern.lower() for pattern in value)

    def with_others(self, default: Account) -> tuple[Account, ...]:
        """Return the default account and the named ones."""
        entries = self.values["ACCOUNTS"]
        if isinstance(entries, str):
            # In the environment, JSON with true or null remains text.
            with suppress(ValueError):
                entries = json.loads(entries)
        if not isinstance(entries, Mapping):
            self.complain(
                "ACCOUNTS",
                'must be a dictionary of accounts by name, such as {"physics": '
                '{"username": …, "password": …, "prefixes": ["10.1234"]}}.',
            )
            return (default,)
        found = []
        for name, entry in entries.items():
            setting = f"{NAMESPACE}ACCOUNTS[{name!r}]"
            if not isinstance(name, str) or not name.strip():
                message = "needs a name, in quotes."
            elif name == DEFAULT:
                message = (
                    "is the account of the plain settings, such as "
                    f"{NAMESPACE}USERNAME. Write it there, or choose another name."
                )
            elif not isinstance(entry, Mapping):
                message = "must be a dictionary with username, password and prefixes."
            else:
                found.append(
                    NamedAccountReader(name, entry, self.values, self.problems).read()
                )
                continue
            self.problems.append(Problem("config.accounts", setting, message))
        accounts = _with_shared_rates((default, *found))
        self.check_unique(accounts, "prefixes")
        self.check_unique(accounts, "communities")
        return accounts

    def check_unique(self, accounts: tuple[Account, ...], key: str) -> None:
        """Record a problem for each value that is in two accounts."""
        owners: dict[str, Account] = {}
        for account in accounts:
            for value in getattr(account, key):
                other = owners.setdefault(value, account)
                if not value or other is account:
                    continue
                which = (
                    f"the plain settings ({NAMESPACE}PREFIX)"
                    if other.name == DEFAULT
                    else f"the account {other.name!r}"
                )
                self.problems.append(
                    Problem(
                        f"config.accounts.{key}",
                        f"{NAMESPACE}ACCOUNTS[{account.name!r}][{key!r}]",
                        f"{value} is in {which}, too. Remove it from one of the two: "
                        "each prefix must belong to exactly one account.",
                    )
                )

    def read_disabled(self) -> Off:
        """Return the settings of the metadata commands, which work while it is off.

        No other setting matters then, and none keeps the application from starting.
        """
        values = {
            name: self.config.get(
                f"{NAMESPACE}{name}", getattr(defaults, f"{NAMESPACE}{name}")
            )
            for name in ("PUBLISHER_IDENTIFIERS", "DUMPERS", "EMBARGO_YEAR")
        }
        return Off(
            MetadataSettings(
                publishers=publishers(values["PUBLISHER_IDENTIFIERS"], _ignore),
                dumpers=dumpers(values["DUMPERS"], _ignore),
                embargo_year=values["EMBARGO_YEAR"] != "publication",
            )
        )

    def value(self, name: str) -> Any:
        """Return the package's own setting, else the host's, else the default."""
        own = self.config.get(f"{NAMESPACE}{name}")
        host = self.host_value(name)
        if own is None:
            default = getattr(defaults, f"{NAMESPACE}{name}")
            return default if host is None else host
        if name in SHARED:
            self.source = "own"
        if host is not None and own != host:
            shown = (
                "" if name in ("PASSWORD", "USERNAME") else f" ({own!r} and {host!r})"
            )
            self.complain(
                name,
                f"differs from {HOST_NAMESPACE}{name}{shown}. Remove one of the two, "
                "or write the same value into both.",
                code="config.conflict",
            )
        return own

    def host_value(self, name: str) -> Any:
        if name not in SHARED:
            return None
        value = self.config.get(f"{HOST_NAMESPACE}{name}")
        return None if value in (None, "", HOST_DEFAULTS[name]) else value

    def check_names(self) -> None:
        for key in sorted(self.config):
            name = key.removeprefix(NAMESPACE)
            if not key.startswith(NAMESPACE) or name in NAMES:
                continue
            near = get_close_matches(name, NAMES, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {NAMESPACE}{near[0]}?"
                if near
                else "Known are: " + ", ".join(sorted(NAMES)) + "."
            )
            self.complain(name, f"there is no such setting. {hint}", "config.unknown")

    def check_retries(self) -> None:
        for name in ("RETRY_BASE", "RETRY_CAP"):
            if not connection.is_positive(self.values[name]):
                self.complain(
                    name, f"{self.values[name]!r} must be a number of seconds."
                )
                return
        if self.values["RETRY_CAP"] < self.values["RETRY_BASE"]:
            self.complain(
                "RETRY_CAP", f"must not be smaller than {NAMESPACE}RETRY_BASE."
            )

    def rate_storage(self, value: Any) -> str:
        if value is not None:
            return connection.rate_storage(value, self.complaint("RATE_STORAGE"))
        for name in ("RATELIMIT_STORAGE_URI", "CACHE_REDIS_URL"):
            value = value or self.config.get(name)
        return value or "memory://"


def _with_shared_rates(accounts: tuple[Account, ...]) -> tuple[Account, ...]:
    """Give all accounts at one address the lowest rate: they count as one there."""
    lowest: dict[str, tuple[int, int]] = {}
    for account in accounts:
        known = lowest.setdefault(account.address, account.rate)
        lowest[account.address] = min(known, account.rate, key=lambda r: r[0] / r[1])
    return tuple(replace(a, rate=lowest[a.address]) for a in accounts)


def _ignore(message: str) -> None:
    """Ignore a problem with a setting that is not used yet."""


__all__ = ("ConfigurationError", "Problem", "load")

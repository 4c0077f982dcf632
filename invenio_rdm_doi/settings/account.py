# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading and checking of one account: plain settings or an entry of ``_ACCOUNTS``."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from . import connection, secret_sources
from .checker import Checker
from .connection import NAMESPACE, PRODUCTION_URL, TEST_URL
from .doi_format import TEST_PREFIX, check_format, check_prefix
from .model import API_KEY, DEFAULT, TEST_RATE, Account
from .problem import Problem
from .secret import Secret

PRODUCTION_RATE = (2400, 300)
"""80 % of DataCite's limits, see https://support.datacite.org/docs/rate-limit."""

RESTRICTED = {
    "withhold": "nothing is sent",
    "placeholder": "a DOI without metadata",
}

INHERITED = (
    "TEST_MODE",
    "API_URL",
    "FORMAT",
    "RESTRICTED",
    "RESERVE_REMOTELY",
    "FORMER_HOSTS",
    "TIMEOUT",
    "CONTACT",
    "RATE",
)
"""Settings that an account inherits from the plain settings unless it sets them."""

OWN = (
    "USERNAME",
    "PASSWORD",
    "PASSWORD_FILE",
    "PASSWORD_ENV",
    "REPOSITORY",
    "PREFIXES",
    "COMMUNITIES",
)
"""Settings that each account defines itself."""

KEYS = tuple(
    name.lower()
    for name in (
        *OWN,
        "TEST_MODE",
        "API_URL",
        "FORMAT",
        "RESTRICTED",
        "RESERVE_REMOTELY",
        "FORMER_HOSTS",
    )
)
"""The keys that an entry of ``_ACCOUNTS`` may have."""


class AccountReader(Checker):
    """Reads the account ``default`` from the plain settings."""

    name = DEFAULT

    def setting(self, name: str) -> str:
        """Return the name of a setting as it is written in ``invenio.cfg``."""
        return f"{NAMESPACE}{name}"

    def read(self) -> Account:
        """Return the account; its errors are added to ``problems``."""
        prefixes = self.prefixes()
        test_mode = self.flag("TEST_MODE")
        api_url = self.api_url(prefixes, test_mode)
        symbol, username, password = self.credentials()
        check_format(
            self.values["FORMAT"],
            prefixes,
            self.complaint("FORMAT"),
            self.setting("FORMAT"),
        )
        return Account(
            name=self.name,
            communities=self.communities(),
            symbol=symbol,
            username=username,
            password=password,
            prefixes=prefixes,
            api_url=api_url,
            timeout=self.checked("TIMEOUT", connection.timeout),
            contact=self.checked("CONTACT", connection.contact),
            test_mode=test_mode,
            format=self.values["FORMAT"],
            rate=self.rate(test_mode),
            restricted=self.one_of("RESTRICTED", RESTRICTED),
            reserve_remotely=self.flag("RESERVE_REMOTELY"),
            former_hosts=self.checked("FORMER_HOSTS", connection.former_hosts),
        )

    def communities(self) -> tuple[str, ...]:
        """Return no communities: it serves all that no other account serves."""
        return ()

    def credentials(self) -> tuple[str, Secret, Secret]:
        """Return symbol, user name and password; the last two may be an API key."""
        username = self.text("USERNAME")
        password = self.password()
        repository = self.text("REPOSITORY")
        if username.startswith(API_KEY) or (not username and repository):
            if not repository:
                self.complain(
                    "REPOSITORY",
                    "is missing. With an API key as user name, write the repository's "
                    'symbol here, such as "MEMBER.REPOSITORY".',
                )
            if not username and not password.startswith(API_KEY):
                self.missing("USERNAME", "the repository account's name")
        else:
            if not username:
                self.missing("USERNAME", "the repository account's name")
            if not password and not self.is_complained("PASSWORD"):
                self.missing(
                    "PASSWORD",
                    "the repository account's password, or the path of a file with it "
                    f"into {self.setting('PASSWORD_FILE')},",
                )
        for name, value in (
            ("USERNAME", self.values["USERNAME"]),
            (self.password_setting, password),
            ("REPOSITORY", self.values["REPOSITORY"]),
        ):
            if isinstance(value, str) and value != value.strip():
                self.complain(
                    name,
                    "begins or ends with a blank or a line break. Remove it: DataCite "
                    "would refuse the account.",
                )
        symbol = repository or username
        if not repository and ":" in username:
            self.complain("USERNAME", "must not contain a colon.")
        return symbol.strip(), Secret(username.strip()), Secret(password.strip())

    @property
    def password_setting(self) -> str:
        """The setting that contains the password."""
        for name in ("PASSWORD_FILE", "PASSWORD_ENV"):
            if self.values.get(name) is not None:
                return name
        return "PASSWORD"

    def password(self) -> str:
        """Return the password from the setting, the file or the environment."""
        found = {"PASSWORD": self.text("PASSWORD")}
        for name, read in (
            ("PASSWORD_FILE", secret_sources.from_file),
            ("PASSWORD_ENV", secret_sources.from_environment),
        ):
            if self.values.get(name) is not None:
                found[name] = read(self.values[name], self.complaint(name))
        given = {name: value for name, value in found.items() if value}
        if len(set(given.values())) > 1:
            *others, last = given
            self.complain(
                last,
                f"gives another password than {' and '.join(map(self.setting, others))}"
                ". Remove one of them.",
                code="config.conflict",
            )
        return next(reversed(given.values()), "")

    def is_complained(self, beginning: str) -> bool:
        """Return whether a setting whose name begins like this has a problem."""
        settings = {
            self.setting(name) for name in self.values if name.startswith(beginning)
        }
        return any(problem.setting in settings for problem in self.problems)

    def prefixes(self) -> tuple[str, ...]:
        """Return the prefixes; the first one is for new DOIs."""
        additional = self.values["ADDITIONAL_PREFIXES"] or []
        if not isinstance(additional, list | tuple | set):
            self.complain("ADDITIONAL_PREFIXES", 'must be a list, such as ["10.1234"].')
            additional = []
        prefix = self.values["PREFIX"]
        if prefix in ("", None):
            self.complain(
                "PREFIX", 'is missing. Write your DOI prefix, such as "10.1234".'
            )
        else:
            self.check_prefix("PREFIX", prefix)
        for other in additional:
            self.check_prefix("ADDITIONAL_PREFIXES", other)
        return tuple(dict.fromkeys([str(prefix), *map(str, additional)]))

    def check_prefix(self, name: str, prefix: Any) -> None:
        """Check one prefix."""
        setting = self.setting(name)
        check_prefix(prefix, self.complaint(name), f"INVENIO_{setting}='\"10.1234\"'")

    def api_url(self, prefixes: tuple[str, ...], test_mode: bool) -> str:
        """Return the address of the REST API."""
        if self.values["API_URL"] is None:
            if not test_mode and TEST_PREFIX in prefixes:
                self.complain(
                    self.prefix_setting(TEST_PREFIX, prefixes),
                    f"{TEST_PREFIX} is a prefix for tests, but test mode is off. "
                    "Write the prefix that DataCite gave to your repository, or set "
                    f"{self.setting('TEST_MODE')} = True.",
                )
            return TEST_URL if test_mode else PRODUCTION_URL
        address: str = self.checked("API_URL", connection.api_url)
        problem = connection.test_mode_problem(
            address, test_mode, self.setting("API_URL"), self.setting("TEST_MODE")
        )
        if problem:
            self.complain("TEST_MODE", problem)
        return address

    def prefix_setting(self, prefix: str, prefixes: tuple[str, ...]) -> str:
        """Return the setting that contains a prefix."""
        return "PREFIX" if prefixes[0] == prefix else "ADDITIONAL_PREFIXES"

    def rate(self, test_mode: bool) -> tuple[int, int]:
        """Return the maximum rate as (requests, seconds)."""
        if self.values["RATE"] is None:
            return TEST_RATE if test_mode else PRODUCTION_RATE
        return self.checked("RATE", connection.rate)


class NamedAccountReader(AccountReader):
    """Reads an entry of ``_ACCOUNTS``."""

    def __init__(
        self,
        name: str,
        entry: Mapping[str, Any],
        plain: Mapping[str, Any],
        problems: list[Problem],
    ):
        """Constructor.

        :param entry: the entry; its keys are in lower case.
        :param plain: the plain settings; the account inherits some of them.
        """
        values = dict.fromkeys(OWN) | {key: plain[key] for key in INHERITED}
        if "test_mode" in entry and "api_url" not in entry:
            # The mode determines the address.
            values["API_URL"] = None
        values |= {key.upper(): value for key, value in entry.items() if key in KEYS}
        super().__init__(values, problems)
        self.name = name
        self.entry = frozenset(map(str, entry))

    def setting(self, name: str) -> str:
        """Return the name of a setting as it is written in ``invenio.cfg``."""
        key = name.lower()
        if name in OWN or key in self.entry:
            return f"{NAMESPACE}ACCOUNTS[{self.name!r}][{key!r}]"
        return super().setting(name)

    def complain(self, name: str, message: str, code: str | None = None) -> None:
        """Record a problem, unless it is inherited and was already reported."""
        has_problem = self.setting(name) in {
            problem.setting for problem in self.problems
        }
        if has_problem and name in INHERITED and name.lower() not in self.entry:
            return
        super().complain(name, message, code or f"config.accounts.{name.lower()}")

    def read(self) -> Account:
        """Return the account; its errors are added to ``problems``."""
        for key in sorted(self.entry - set(KEYS)):
            near = get_close_matches(key.lower(), KEYS, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {near[0]!r}?"
                if near
                else "Known are: " + ", ".join(sorted(KEYS)) + "."
            )
            self.problems.append(
                Problem(
                    "config.accounts.unknown",
                    f"{NAMESPACE}ACCOUNTS[{self.name!r}][{key!r}]",
                    f"there is no such key. {hint}",
                )
            )
        return super().read()

    def communities(self) -> tuple[str, ...]:
        """Return slugs and UUIDs of the communities, in lower case."""
        value = self.values["COMMUNITIES"]
        if value is None:
            return ()
        named = isinstance(value, list | tuple | set) and all(
            isinstance(item, str) and item.strip() for item in value
        )
        if not named:
            self.complain(
                "COMMUNITIES",
                'must be a list of slugs or UUIDs, such as ["physics"].',
            )
            return ()
        return tuple(dict.fromkeys(item.strip().lower() for item in value))

    def prefixes(self) -> tuple[str, ...]:
        """Return the prefixes; the first one is for new DOIs."""
        value = self.values["PREFIXES"]
        if isinstance(value, str):
            self.complain("PREFIXES", f"must be a list, such as [{value!r}].")
            return (value,)
        if not value or not isinstance(value, list | tuple):
            self.complain(
                "PREFIXES",
                "is missing. Write the account's prefixes, that of new DOIs first, "
                'such as ["10.1234"].',
            )
            return ("",)
        for prefix in value:
            check_prefix(prefix, self.complaint("PREFIXES"), "'\"10.1234\"'")
        return tuple(dict.fromkeys(map(str, value)))

    def prefix_setting(self, prefix: str, prefixes: tuple[str, ...]) -> str:
        """Return the setting that contains a prefix."""
        return "PREFIXES"

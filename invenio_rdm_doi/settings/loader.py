# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads and checks the configuration.

:func:`load` reads a configuration once, when the application starts, and either
returns :class:`~.model.Settings` or raises one :class:`ConfigurationError` with
every problem that it found. Nothing else in the package reads these settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from string import Formatter
from typing import Any

from .. import config as defaults
from ..doi import DOI_MAX_LENGTH, PREFIX_PATTERN, is_valid_doi
from . import connection
from .connection import NAMESPACE, PRODUCTION_URL, TEST_URL
from .metadata import Complain, dumpers, publishers
from .model import API_KEY, TEST_RATE, Account, MetadataSettings, Off, Settings
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
"""Endings of the settings that InvenioRDM has too."""

HOST_DEFAULTS = {
    "USERNAME": "",
    "PASSWORD": "",
    "PREFIX": "",
    "TEST_MODE": True,
    "FORMAT": "{prefix}/{id}",
    "ADDITIONAL_PREFIXES": [],
}
"""What ``invenio_rdm_records.config`` says; such a value counts as not set.

The host fills them in before anybody can look, so that a value that an operator
wrote and that equals the default cannot be told from one that nobody wrote.
"""

NAMES = tuple(
    name.removeprefix(NAMESPACE)
    for name in vars(defaults)
    if name.startswith(NAMESPACE)
)

TEST_PREFIX = "10.5072"
"""Reserved for tests since the beginning; nobody can register under it."""

PRODUCTION_RATE = (2400, 300)
"""80 % of DataCite's limits, see https://support.datacite.org/docs/rate-limit."""

FLAGS = {"true": True, "false": False}

SAMPLE_ID = "abcde-fgh12"
"""A record identifier as InvenioRDM makes them, to try a FORMAT with."""


def load(config: Mapping[str, Any]) -> Settings | Off:
    """Read the settings.

    :param config: the application's configuration, as far as it was set.
    :raises ConfigurationError: with everything that is wrong at once.
    """
    loader = _Loader(config)
    # An error reporter would show it, with the password in it.
    del config
    return loader.load()


class _Loader:
    """Collects the problems of one configuration."""

    def __init__(self, config: Mapping[str, Any]):
        self.config = config
        self.problems: list[Problem] = []
        self.source = "host"

    def load(self) -> Settings | Off:
        """Read everything, then complain about everything."""
        self.check_names()
        settings = self.read() if self.enabled() else self.read_disabled()
        if self.problems:
            raise ConfigurationError(self.problems)
        return settings

    def enabled(self) -> bool:
        own = self.config.get(f"{NAMESPACE}ENABLED")
        if own is None:
            return bool(self.config.get(f"{HOST_NAMESPACE}ENABLED"))
        return self.as_flag("ENABLED", own)

    def read(self) -> Settings:
        values = {name: self.value(name) for name in NAMES}
        prefixes = self.prefixes(values)
        test_mode = self.flag(values, "TEST_MODE")
        api_url = self.api_url(values, prefixes, test_mode)
        symbol, username, password = self.credentials(values)
        account = Account(
            symbol=symbol,
            username=username,
            password=password,
            prefixes=prefixes,
            api_url=api_url,
            timeout=self.checked("TIMEOUT", values, connection.timeout),
            contact=self.checked("CONTACT", values, connection.contact),
        )
        self.check_format(values["FORMAT"], prefixes)
        self.check_retries(values)
        return Settings(
            account=account,
            test_mode=test_mode,
            format=values["FORMAT"],
            retry_base=values["RETRY_BASE"],
            retry_cap=values["RETRY_CAP"],
            rate=self.rate(values, test_mode),
            rate_storage=self.rate_storage(values["RATE_STORAGE"]),
            restricted=self.one_of(
                "RESTRICTED",
                values,
                {
                    "withhold": "nothing is sent",
                    "placeholder": "a DOI without metadata",
                },
            ),
            reserve_remotely=self.flag(values, "RESERVE_REMOTELY"),
            deleted=self.one_of(
                "DELETED",
                values,
                {"metadata": "they stay", "placeholder": "they are overwritten"},
            ),
            former_hosts=self.checked("FORMER_HOSTS", values, connection.former_hosts),
            metadata=MetadataSettings(
                publishers=self.checked("PUBLISHER_IDENTIFIERS", values, publishers),
                dumpers=self.checked("DUMPERS", values, dumpers),
            ),
            export=self.flag(values, "EXPORT"),
            source=self.source,
        )

    def credentials(self, values: dict[str, Any]) -> tuple[str, Secret, Secret]:
        """The repository's symbol, user name and password; a key may be either."""
        username = self.text(values, "USERNAME")
        password = self.text(values, "PASSWORD")
        repository = self.text(values, "REPOSITORY")
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
            if not password:
                self.missing("PASSWORD", "the repository account's password")
        for name, value in (
            ("USERNAME", values["USERNAME"]),
            ("PASSWORD", values["PASSWORD"]),
            ("REPOSITORY", values["REPOSITORY"]),
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

    def read_disabled(self) -> Off:
        """What the metadata commands need: they work before it is switched on.

        Nothing else matters then, and nothing keeps the application from starting.
        """
        values = {
            name: self.config.get(
                f"{NAMESPACE}{name}", getattr(defaults, f"{NAMESPACE}{name}")
            )
            for name in ("PUBLISHER_IDENTIFIERS", "DUMPERS")
        }
        return Off(
            MetadataSettings(
                publishers=publishers(values["PUBLISHER_IDENTIFIERS"], _ignore),
                dumpers=dumpers(values["DUMPERS"], _ignore),
            )
        )

    def value(self, name: str) -> Any:
        """The package's own setting, else the host's, else the default."""
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

    def text(self, values: dict[str, Any], name: str) -> str:
        value = values[name]
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            # From the environment, where "12345" arrives as a number; nothing is lost.
            return str(value)
        if not isinstance(value, str):
            self.complain(name, "must be text, in quotes.")
            return ""
        return value if value.strip() else ""

    def missing(self, name: str, what: str) -> None:
        self.complain(name, f"is missing. Write {what}, in quotes.")

    def prefixes(self, values: dict[str, Any]) -> tuple[str, ...]:
        additional = values["ADDITIONAL_PREFIXES"] or []
        if not isinstance(additional, list | tuple | set):
            self.complain("ADDITIONAL_PREFIXES", 'must be a list, such as ["10.1234"].')
            additional = []
        prefix = values["PREFIX"]
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
        if isinstance(prefix, str) and PREFIX_PATTERN.fullmatch(prefix):
            return
        hint = (
            "It is a number here, which loses zeros at its end. In the environment, "
            f"write quotes within quotes: INVENIO_{NAMESPACE}{name}='\"10.1234\"'."
            if isinstance(prefix, float | int)
            else "It has no slash and no https://."
        )
        self.complain(
            name,
            f"{prefix!r} is not a DOI prefix. Write 10., then four or five digits, "
            f'in quotes, such as "10.1234". {hint}',
        )

    def api_url(
        self, values: dict[str, Any], prefixes: tuple[str, ...], test_mode: bool
    ) -> str:
        url = values["API_URL"]
        if url is None:
            if not test_mode and TEST_PREFIX in prefixes:
                name = "PREFIX" if prefixes[0] == TEST_PREFIX else "ADDITIONAL_PREFIXES"
                self.complain(
                    name,
                    f"{TEST_PREFIX} is a prefix for tests, but test mode is off. "
                    "Write the prefix that DataCite gave to your repository, or set "
                    f"{NAMESPACE}TEST_MODE = True.",
                )
            return TEST_URL if test_mode else PRODUCTION_URL
        address: str = self.checked("API_URL", values, connection.api_url)
        problem = connection.test_mode_problem(address, test_mode)
        if problem:
            self.complain("TEST_MODE", problem)
        return address

    def check_format(self, value: Any, prefixes: tuple[str, ...]) -> None:
        if callable(value):
            return
        if isinstance(value, str) and value.startswith("<function"):
            self.complain(
                "FORMAT",
                f"{HOST_NAMESPACE}FORMAT is a function, which InvenioRDM turns into "
                f"text at its start. Write the function into {NAMESPACE}FORMAT.",
            )
            return
        if not isinstance(value, str) or "{id}" not in value:
            self.complain(
                "FORMAT",
                f"{value!r} must contain {{id}}, else all records would get the same "
                'DOI. Write "{prefix}/{id}".',
            )
            return
        try:
            fields = {name for _text, name, *_rest in Formatter().parse(value) if name}
            if fields - {"prefix", "id"}:
                raise KeyError(fields)
            sample = value.format(prefix=prefixes[0], id=SAMPLE_ID)
        except (KeyError, IndexError, ValueError, AttributeError):
            self.complain(
                "FORMAT",
                f"{value!r} can only contain {{prefix}} and {{id}} in braces.",
            )
            return
        self.check_sample(value, sample, prefixes)

    def check_sample(self, value: str, sample: str, prefixes: tuple[str, ...]) -> None:
        if len(sample) > DOI_MAX_LENGTH:
            self.complain(
                "FORMAT",
                f"makes DOIs of {len(sample)} characters; {DOI_MAX_LENGTH} is the "
                "most. Write a shorter one.",
            )
        elif sample.partition("/")[0] not in prefixes:
            self.complain(
                "FORMAT",
                f"{value!r} must start with {{prefix}}/, to make DOIs of your prefix.",
            )
        elif PREFIX_PATTERN.fullmatch(prefixes[0]) and not is_valid_doi(sample):
            self.complain(
                "FORMAT",
                f"{value!r} makes DOIs such as {sample!r}, which DataCite refuses. Use "
                "letters without accents, digits and - . _ ; ( ) / : * ~ $ = only.",
            )

    def check_retries(self, values: dict[str, Any]) -> None:
        for name in ("RETRY_BASE", "RETRY_CAP"):
            if not connection.is_positive(values[name]):
                self.complain(name, f"{values[name]!r} must be a number of seconds.")
                return
        if values["RETRY_CAP"] < values["RETRY_BASE"]:
            self.complain(
                "RETRY_CAP", f"must not be smaller than {NAMESPACE}RETRY_BASE."
            )

    def rate(self, values: dict[str, Any], test_mode: bool) -> tuple[int, int]:
        if values["RATE"] is None:
            return TEST_RATE if test_mode else PRODUCTION_RATE
        return self.checked("RATE", values, connection.rate)

    def rate_storage(self, value: Any) -> str:
        if value is not None:
            return connection.rate_storage(
                value, partial(self.complain, "RATE_STORAGE")
            )
        for name in ("RATELIMIT_STORAGE_URI", "CACHE_REDIS_URL"):
            value = value or self.config.get(name)
        return value or "memory://"

    def one_of(
        self, name: str, values: dict[str, Any], allowed: Mapping[str, str]
    ) -> str:
        value = values[name]
        if value not in allowed:
            meanings = ", or ".join(
                f'"{word}" ({meaning})' for word, meaning in allowed.items()
            )
            self.complain(name, f"{value!r} must be {meanings}.")
            return next(iter(allowed))
        return str(value)

    def checked(
        self, name: str, values: dict[str, Any], read: Callable[[Any, Complain], Any]
    ) -> Any:
        return read(values[name], partial(self.complain, name))

    def flag(self, values: dict[str, Any], name: str) -> bool:
        return self.as_flag(name, values[name])

    def as_flag(self, name: str, value: Any) -> bool:
        if isinstance(value, str) and value.strip().lower() in FLAGS:
            # From the environment, where everything may arrive as text.
            return FLAGS[value.strip().lower()]
        if not isinstance(value, bool):
            self.complain(name, "must be True or False.")
        return value is True

    def complain(self, name: str, message: str, code: str | None = None) -> None:
        code = code or f"config.{name.lower()}"
        self.problems.append(Problem(code, f"{NAMESPACE}{name}", message))


def _ignore(message: str) -> None:
    """Complaints about settings that are not used yet."""


__all__ = ("ConfigurationError", "Problem", "load")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The settings, typed; :mod:`.loader` reads and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .. import config as defaults
from ..doi import doi_key
from ..metadata.source import Dumper
from .problem import Problem
from .secret import Secret

TEST_RATE = (600, 300)
"""80 % of what DataCite's test system allows
(https://support.datacite.org/docs/rate-limit)."""

API_KEY = "DC."
"""How DataCite's API keys begin."""

DOIFormat = str | Callable[[str, Any], str]


@dataclass(frozen=True)
class Account:
    """A DataCite repository account and how to reach it.

    :param symbol: the repository's symbol, such as ``CERN.ZENODO``.
    :param username: the symbol, or an API key; never shown.
    :param password: a password or an API key; never shown.
    :param prefixes: the prefixes that are ever written to, the default first.
    :param api_url: ends with a slash.
    :param timeout: seconds for (connect, the whole answer).
    :param contact: e-mail address for the User-Agent, or None.
    """

    symbol: str
    username: Secret
    password: Secret
    prefixes: tuple[str, ...]
    api_url: str
    timeout: tuple[float, float]
    contact: str | None = None

    @property
    def id(self) -> str:
        """The account and the API's host, as confirmations name it.

        Never the credentials: a new password keeps everything confirmed.
        """
        return f"{self.symbol.upper()} {urlsplit(self.api_url).netloc}"

    @property
    def bearer(self) -> bool:
        """Whether there is an API key and no user name."""
        return not self.username

    @property
    def uses_key(self) -> bool:
        """Whether the credentials are an API key."""
        return any(
            secret.reveal().startswith(API_KEY)
            for secret in (self.username, self.password)
        )

    def owns(self, doi: str) -> bool:
        """Whether the DOI has one of the account's prefixes."""
        return doi_key(doi).partition("/")[0] in self.prefixes


@dataclass(frozen=True)
class MetadataSettings:
    """What the operator decided about metadata.

    :param publishers: lower-case publisher -> its identifier, as DataCite wants it.
    :param dumpers: the site's own changes of the metadata.
    """

    publishers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dumpers: tuple[Dumper, ...] = ()


@dataclass(frozen=True)
class Off:
    """DOI registration is off: InvenioRDM is left alone.

    The commands that show and check metadata work all the same.
    """

    metadata: MetadataSettings = field(default_factory=MetadataSettings)


@dataclass(frozen=True)
class Broken:
    """The settings cannot be used, and a command that may repair them runs.

    No DOI is made, and InvenioRDM's own support does not take over.
    """

    problems: tuple[Problem, ...]
    metadata: MetadataSettings = field(default_factory=MetadataSettings)


@dataclass(frozen=True)
class Settings:
    """What the operator configured, checked.

    :param export: whether the DataCite JSON export of records is this package's.
    :param source: ``"own"`` or ``"host"`` (taken over from ``DATACITE_*``).
    """

    account: Account
    metadata: MetadataSettings = field(default_factory=MetadataSettings)
    test_mode: bool = True
    format: DOIFormat = defaults.RDM_RECORDS_DOI_DATACITE_FORMAT
    retry_base: float = defaults.RDM_RECORDS_DOI_DATACITE_RETRY_BASE
    retry_cap: float = defaults.RDM_RECORDS_DOI_DATACITE_RETRY_CAP
    rate: tuple[int, int] = TEST_RATE
    rate_storage: str = field(default="memory://", repr=False)
    restricted: str = defaults.RDM_RECORDS_DOI_DATACITE_RESTRICTED
    reserve_remotely: bool = defaults.RDM_RECORDS_DOI_DATACITE_RESERVE_REMOTELY
    deleted: str = defaults.RDM_RECORDS_DOI_DATACITE_DELETED
    former_hosts: tuple[str, ...] = ()
    export: bool = defaults.RDM_RECORDS_DOI_DATACITE_EXPORT
    source: str = "own"

    @property
    def prefix(self) -> str:
        """The prefix of new DOIs."""
        return self.account.prefixes[0]

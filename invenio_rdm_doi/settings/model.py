# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The settings, typed; :mod:`.loader` reads and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import config as defaults
from ..metadata.source import Dumper

TEST_RATE = (600, 300)
"""80 % of what DataCite's test system allows
(https://support.datacite.org/docs/rate-limit)."""

DOIFormat = str | Callable[[str, Any], str]


@dataclass(frozen=True)
class Account:
    """A DataCite repository account and how to reach it.

    :param username: the repository's symbol.
    :param password: never shown in a repr.
    :param prefixes: the prefixes that are ever written to, the default first.
    :param api_url: ends with a slash.
    :param timeout: seconds for (connect, read).
    :param contact: e-mail address for the User-Agent, or None.
    """

    username: str
    password: str = field(repr=False)
    prefixes: tuple[str, ...]
    api_url: str
    timeout: tuple[float, float]
    contact: str | None = None

    def owns(self, doi: str) -> bool:
        """Whether the DOI has one of the account's prefixes."""
        return doi.partition("/")[0] in self.prefixes


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
    rate_storage: str = "memory://"
    restricted: str = defaults.RDM_RECORDS_DOI_DATACITE_RESTRICTED
    reserve_remotely: bool = defaults.RDM_RECORDS_DOI_DATACITE_RESERVE_REMOTELY
    export: bool = defaults.RDM_RECORDS_DOI_DATACITE_EXPORT
    source: str = "own"

    @property
    def prefix(self) -> str:
        """The prefix of new DOIs."""
        return self.account.prefixes[0]

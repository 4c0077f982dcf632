# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The typed settings; :mod:`.loader` reads and checks them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
"""The beginning of DataCite's API keys."""

DEFAULT = "default"
"""Name of the account that the plain settings define."""

DOIFormatter = Callable[[str, Any], str]
"""A function for RDM_RECORDS_DOI_DATACITE_FORMAT: ``(prefix, record) -> DOI``.

It gets the prefix of the record's account, and the record or parent. It must return a
different DOI with this prefix for each record.
"""

DOIFormat = str | DOIFormatter


@dataclass(frozen=True)
class Account:
    """A DataCite repository account and how to reach it.

    :param symbol: the repository's symbol, such as ``CERN.ZENODO``.
    :param username: the symbol, or an API key; never shown.
    :param password: a password or an API key; never shown.
    :param prefixes: the only prefixes that are written to, the default first.
    :param api_url: ends with a slash.
    :param timeout: seconds for (connect, the whole answer).
    :param contact: e-mail address for the User-Agent, or None.
    :param name: the account's name in the settings.
    :param communities: slugs or UUIDs of the communities whose records get its DOIs.
    :param test_mode: whether it is a test account, whose DOIs do not resolve.
    :param format: the template or function that makes DOIs.
    :param rate: maximum (requests, seconds) to its address, for all accounts together.
    :param restricted: what DataCite gets for restricted records.
    :param reserve_remotely: whether reserved DOIs are drafts at DataCite.
    :param former_hosts: earlier hosts of this site, in lower case.
    """

    symbol: str
    username: Secret
    password: Secret
    prefixes: tuple[str, ...]
    api_url: str
    timeout: tuple[float, float]
    contact: str | None = None
    name: str = DEFAULT
    communities: tuple[str, ...] = ()
    test_mode: bool = True
    format: DOIFormat = defaults.RDM_RECORDS_DOI_DATACITE_FORMAT
    rate: tuple[int, int] = TEST_RATE
    restricted: str = defaults.RDM_RECORDS_DOI_DATACITE_RESTRICTED
    reserve_remotely: bool = defaults.RDM_RECORDS_DOI_DATACITE_RESERVE_REMOTELY
    former_hosts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The account and the API's host, as they are stored with confirmations.

        It never contains the credentials: a new password keeps everything confirmed.
        """
        return f"{self.symbol.upper()} {self.address}"

    @property
    def address(self) -> str:
        """The API's host, which accounts at the same address share.

        DataCite counts requests per address of the sender, not per account.
        """
        return urlsplit(self.api_url).netloc

    @property
    def prefix(self) -> str:
        """The prefix of new DOIs."""
        return self.prefixes[0]

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
        """Return whether the DOI has one of the account's prefixes."""
        return doi_key(doi).partition("/")[0] in self.prefixes


@dataclass(frozen=True)
class MetadataSettings:
    """The operator's settings for metadata.

    :param publishers: lower-case publisher -> its identifier in DataCite's terms.
    :param dumpers: the site's own functions that change the metadata.
    :param embargo_year: whether the publication year is the year in which an embargo
        ends.
    """

    publishers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dumpers: tuple[Dumper, ...] = ()
    embargo_year: bool = True


@dataclass(frozen=True)
class Off:
    """DOI registration is off, and InvenioRDM is left unchanged.

    The commands that show and check metadata still work.
    """

    metadata: MetadataSettings = field(default_factory=MetadataSettings)


@dataclass(frozen=True)
class Broken:
    """The settings cannot be used, but a command that may repair them is running.

    No DOI is made, and InvenioRDM's own DataCite support does not take over.
    """

    problems: tuple[Problem, ...]
    metadata: MetadataSettings = field(default_factory=MetadataSettings)


EXPORTS = frozenset({"json", "xml", "oai", "dcat"})
"""All exports that this package can make."""


@dataclass(frozen=True)
class Settings:
    """The operator's settings, after all checks.

    :param account: the account ``default``, from the plain settings.
    :param others: further accounts; no two accounts share a prefix or a community.
    :param exports: the exports of records that this package makes; a subset of
        :data:`EXPORTS`.
    :param runs: maximum number of runs that deliver at the same time, over the whole
        site.
    :param audit_exclude: patterns of DOIs that other systems make, in lower case.
    :param attempts_keep_days: number of days for which attempts are kept.
    :param notice_hours: hours between two mails to DOI managers; None: no mails.
    :param notify_owners: whether owners get mails about refused metadata.
    :param source: ``"own"`` or ``"host"`` (taken over from ``DATACITE_*``).
    """

    account: Account
    others: tuple[Account, ...] = ()
    metadata: MetadataSettings = field(default_factory=MetadataSettings)
    retry_base: float = defaults.RDM_RECORDS_DOI_DATACITE_RETRY_BASE
    retry_cap: float = defaults.RDM_RECORDS_DOI_DATACITE_RETRY_CAP
    rate_storage: str = field(default="memory://", repr=False)
    deleted: str = defaults.RDM_RECORDS_DOI_DATACITE_DELETED
    metrics_token: Secret | None = None
    form_default: str = defaults.RDM_RECORDS_DOI_DATACITE_FORM_DEFAULT
    exports: frozenset[str] = EXPORTS
    source: str = "own"
    runs: int = defaults.RDM_RECORDS_DOI_DATACITE_RUNS
    audit_exclude: tuple[str, ...] = ()
    attempts_keep_days: int = defaults.RDM_RECORDS_DOI_DATACITE_ATTEMPTS_KEEP_DAYS
    notice_hours: int | None = defaults.RDM_RECORDS_DOI_DATACITE_NOTICE_HOURS
    notify_owners: bool = defaults.RDM_RECORDS_DOI_DATACITE_NOTIFY_OWNERS

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts, the default one first."""
        return (self.account, *self.others)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of all accounts; DOIs with another one are not this site's."""
        return tuple(prefix for a in self.accounts for prefix in a.prefixes)

    def account_of(self, doi: str | None) -> Account | None:
        """Return the account of a DOI; None if no account has its prefix.

        A prefix belongs to one account, so a DOI determines its account, regardless of
        changes in the settings.
        """
        if not doi:
            return None
        return next((a for a in self.accounts if a.owns(doi)), None)

    def account_named(self, name: str) -> Account | None:
        """Return an account by its name."""
        return next((a for a in self.accounts if a.name == name), None)

    def serving(self, community: Collection[str]) -> Account:
        """Return the account that serves a community.

        :param community: slug and UUID of the community; empty: no community.
        """
        for account in self.others:
            if not set(account.communities).isdisjoint(community):
                return account
        return self.account

    @property
    def by_community(self) -> bool:
        """Whether the account of a record depends on its community."""
        return any(account.communities for account in self.others)

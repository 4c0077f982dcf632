# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks of an account before the first DOI is registered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ..settings.model import DEFAULT, Account
from .client import DataCiteClient
from .errors import Trouble


@dataclass(frozen=True)
class Check:
    """The result of one check.

    :param code: stable identifier for programs.
    :param message: the result in a sentence.
    :param advice: the remedy; empty if none is needed.
    :param account: name of the account that was checked; None: all accounts.
    """

    code: str
    ok: bool
    message: str
    advice: str = ""
    account: str | None = None


def preflight(client: DataCiteClient, landing_page: str) -> list[Check]:
    """Check the account: connection, password, activation, prefixes, URL domain.

    :param landing_page: any landing page of this site.
    """
    checks = _preflight(client, landing_page)
    return [replace(check, account=client.account.name) for check in checks]


def _preflight(client: DataCiteClient, landing_page: str) -> list[Check]:
    account = client.account
    try:
        accepted = client.credentials_accepted()
    except Trouble as trouble:
        return [
            Check(
                "connection",
                False,
                trouble.message,
                f"Is {account.api_url} right ({_setting(account, 'api_url')}), and "
                "may this host connect to it? See https://status.datacite.org.",
            )
        ]
    checks = [
        Check("connection", True, f"{account.api_url} answers."),
        _credentials(account, accepted),
    ]
    try:
        repository = client.repository()
    except Trouble as trouble:
        return checks + [
            Check(
                "account",
                False,
                trouble.message,
                f"Is {account.symbol} the name of a repository (not of a member)? "
                f"Compare {_setting(account, 'username')} with DataCite Fabrica.",
            )
        ]
    return checks + [
        _active(account.symbol, repository["is_active"]),
        *(_prefix(p, repository["prefixes"], account) for p in account.prefixes),
        _domain(landing_page, repository["domains"]),
    ]


def _setting(account: Account, key: str) -> str:
    """Return the name of an account's setting, as it is written in ``invenio.cfg``."""
    if account.name == DEFAULT:
        return f"RDM_RECORDS_DOI_DATACITE_{key.upper()}"
    return f"RDM_RECORDS_DOI_DATACITE_ACCOUNTS[{account.name!r}][{key!r}]"


def _credentials(account: Account, accepted: bool) -> Check:
    username = account.symbol
    if accepted:
        return Check("credentials", True, f"DataCite accepts {username}'s password.")
    return Check(
        "credentials",
        False,
        f"DataCite does not accept the name {username} with its password.",
        "Write the repository account's name and password (not the member's) into "
        f"{_setting(account, 'username')} and {_setting(account, 'password')} (or "
        "where the password is kept instead). The test system has its own accounts and "
        "passwords.",
    )


def _active(username: str, is_active: bool) -> Check:
    if is_active:
        return Check("account", True, f"{username} is active.")
    return Check(
        "account",
        False,
        f"{username} is not active at DataCite.",
        "Ask support@datacite.org to activate the repository.",
    )


def _prefix(prefix: str, owned: list[str], account: Account) -> Check:
    if prefix in owned:
        return Check("prefix", True, f"{prefix} belongs to {account.symbol}.")
    return Check(
        "prefix",
        False,
        f"{prefix} does not belong to {account.symbol}"
        + (f", which has {', '.join(owned)}." if owned else ", which has no prefix."),
        "Write one of the account's prefixes, or assign the prefix to the repository "
        "in DataCite Fabrica.",
    )


def _domain(landing_page: str, domains: str) -> Check:
    host = urlsplit(landing_page).hostname or ""
    if domain_allowed(host, domains):
        return Check("domain", True, f"URLs of {host} are allowed.")
    return Check(
        "domain",
        False,
        f"DataCite allows the domains {domains} for this repository, not {host}.",
        f"Add {host} to the domains of the repository in DataCite Fabrica, or "
        f"correct SITE_UI_URL.",
    )


def domain_allowed(host: str, domains: str) -> bool:
    """Return whether DataCite would accept a URL with this host.

    Source: lupo ``app/models/concerns/helpable.rb`` (``validate_url``): ``*`` allows
    all hosts, ``*.example.org`` those that end in ``.example.org``; any other entry
    must be equal to the host.
    """
    for domain in (item.strip().lower() for item in domains.split(",")):
        if domain == "*" or domain == host:
            return True
        if domain.startswith("*.") and host.endswith(domain[1:]):
            return True
    return False

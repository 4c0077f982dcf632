# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks of an account before the first DOI is registered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from invenio_i18n import lazy_gettext as _

from ..settings.model import DEFAULT, Account
from .client import DataCiteClient
from .errors import Trouble


@dataclass(frozen=True)
class Check:
    """The result of one check.

    :param code: stable identifier for programs.
    :param message: the result in a sentence; it may be a lazy string.
    :param advice: the remedy, likewise; empty if none is needed.
    :param account: name of the account that was checked; None: all accounts.
    """

    code: str
    ok: bool
    message: Any
    advice: Any = ""
    account: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the check with its texts in the reader's language."""
        return {
            "code": self.code,
            "ok": self.ok,
            "message": str(self.message),
            "advice": str(self.advice),
            "account": self.account,
        }


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
                _(
                    "Is %(url)s right (%(setting)s), and may this host connect to it? "
                    "See https://status.datacite.org.",
                    url=account.api_url,
                    setting=_setting(account, "api_url"),
                ),
            )
        ]
    checks = [
        Check("connection", True, _("%(url)s answers.", url=account.api_url)),
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
                _(
                    "Is %(name)s the name of a repository (not of a member)? Compare "
                    "%(setting)s with DataCite Fabrica.",
                    name=account.symbol,
                    setting=_setting(account, "username"),
                ),
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
        return Check(
            "credentials",
            True,
            _("DataCite accepts %(name)s's password.", name=username),
        )
    return Check(
        "credentials",
        False,
        _(
            "DataCite does not accept the name %(name)s with this password.",
            name=username,
        ),
        _(
            "Write the repository account's name and password (not the member's) into "
            "%(username)s and %(password)s (or where the password is kept instead). "
            "The test system has its own accounts and passwords.",
            username=_setting(account, "username"),
            password=_setting(account, "password"),
        ),
    )


def _active(username: str, is_active: bool) -> Check:
    if is_active:
        return Check("account", True, _("%(name)s is active.", name=username))
    return Check(
        "account",
        False,
        _("%(name)s is not active at DataCite.", name=username),
        _("Ask support@datacite.org to activate the repository."),
    )


def _prefix(prefix: str, owned: list[str], account: Account) -> Check:
    values = {"prefix": prefix, "name": account.symbol, "owned": ", ".join(owned)}
    if prefix in owned:
        return Check("prefix", True, _("%(prefix)s belongs to %(name)s.", **values))
    return Check(
        "prefix",
        False,
        (
            _("%(prefix)s does not belong to %(name)s, which has %(owned)s.", **values)
            if owned
            else _(
                "%(prefix)s does not belong to %(name)s, which has no prefix.", **values
            )
        ),
        _(
            "Configure one of the account's prefixes, or assign the prefix to the "
            "repository in DataCite Fabrica."
        ),
    )


def _domain(landing_page: str, domains: str) -> Check:
    host = urlsplit(landing_page).hostname or ""
    if domain_allowed(host, domains):
        return Check("domain", True, _("URLs of %(host)s are allowed.", host=host))
    return Check(
        "domain",
        False,
        _(
            "DataCite allows the domains %(domains)s for this repository, not "
            "%(host)s.",
            domains=domains,
            host=host,
        ),
        _(
            "Add %(host)s to the domains of the repository in DataCite Fabrica, or "
            "correct SITE_UI_URL.",
            host=host,
        ),
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

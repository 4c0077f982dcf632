# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks that find problems before a DOI fails."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlsplit

from celery import current_app as current_celery
from invenio_i18n import LazyString
from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from ..choices.new_doi import make_doi
from ..datacite.preflight import Check, preflight
from ..links import landing_page
from ..proxies import current_doi
from ..records import communities
from ..registration import diagnosis
from ..registration.breaker import PAUSED, RUNNING, SUSPENDED, THROTTLED, end_of
from ..settings.connection import PRODUCTION_URL
from ..settings.doi_format import SAMPLE_ID
from ..settings.model import Account, Settings
from . import words

STATES = {
    PAUSED: _("paused"),
    SUSPENDED: _("suspended"),
    THROTTLED: _("throttled"),
}

SHORTEST_LIMIT = 120
"""Seconds; a shorter time limit of tasks leaves hardly any time for a delivery."""


def all_checks() -> list[Check]:
    """Check settings, tables and each account; sends requests to DataCite."""
    problems = current_doi.problems
    if problems:
        return [
            Check(problem.code, False, f"{problem.setting}: {problem.message}")
            for problem in problems
        ]
    if not current_doi.enabled:
        return [
            Check(
                "settings",
                False,
                "DOI registration is off.",
                "Set RDM_RECORDS_DOI_DATACITE_ENABLED = True in invenio.cfg.",
            )
        ]
    tables = _tables()
    has_tables = all(item.ok for item in tables)
    return [
        *_of_site(tables),
        *(_stored() if has_tables else []),
        *(
            item
            for account in current_doi.settings.accounts
            for item in _of_account(account, has_tables)
        ),
    ]


def of_account(account: Account) -> list[Check]:
    """Check one account, and what it shares with others; sends requests to DataCite.

    The stored DOIs are left out: to check them takes longer the more there are, and
    this is for a page.
    """
    tables = _tables()
    return [
        *_of_site(tables),
        *_of_account(account, all(item.ok for item in tables)),
    ]


def _of_site(tables: list[Check]) -> list[Check]:
    settings = Check("settings", True, _("The settings are complete."))
    return [settings, *_hooks(), *tables, _time_limit()]


def _hooks() -> list[Check]:
    """Check that each hook into InvenioRDM found its place."""
    missing = sorted(current_doi.hooks.missing.items())
    if not missing:
        return [Check("hooks", True, _("All hooks into InvenioRDM are in place."))]
    return [
        Check(
            "hooks",
            False,
            _(
                "The hook '%(name)s' was not found in InvenioRDM. %(effect)s",
                name=name,
                effect=_(hook.effect),
            ),
            _(
                "Check whether this version of InvenioRDM is supported, or whether the "
                "site's configuration replaces: %(place)s. See docs/integration.rst.",
                place=hook.place,
            ),
        )
        for name, hook in missing
    ]


def _of_account(account: Account, has_tables: bool) -> list[Check]:
    """Check one account; sends requests to DataCite."""
    page = landing_page(f"{account.prefix}/check")
    checks = [_format(account), _landing_page(account, page)]
    if has_tables:
        checks = [_deliveries(account), *_communities(account), *checks]
    return [
        *(replace(item, account=account.name) for item in checks),
        *preflight(current_doi.client(account), page),
    ]


def _tables() -> list[Check]:
    missing = diagnosis.missing_tables()
    if missing:
        return [
            Check(
                "tables",
                False,
                _("The database does not have %(tables)s.", tables=", ".join(missing)),
                _("Run 'invenio alembic upgrade'."),
            )
        ]
    indexes = diagnosis.missing_indexes()
    if indexes:
        return [
            Check(
                "index",
                False,
                _("An index is missing: %(indexes)s.", indexes=", ".join(indexes)),
                _(
                    "Run 'invenio alembic upgrade'; on a database that has been "
                    "upgraded, create the index by hand (docs/operation.rst)."
                ),
            )
        ]
    return [Check("tables", True, _("The tables and indexes are complete."))]


def _stored() -> list[Check]:
    """Check the stored DOIs; only the command shows the result, in English."""
    settings = current_doi.settings
    checks = []
    for code, tally, message, advice in (
        (
            "duplicates",
            diagnosis.duplicates(),
            "PIDStore has {} DOIs in several spellings, such as {}: DataCite treats "
            "the spellings as one DOI.",
            "They stay editable. Decide which record keeps the DOI; see "
            "docs/operation.rst.",
        ),
        (
            "elsewhere",
            diagnosis.confirmed_elsewhere(settings),
            "{} DOIs were confirmed by another account or at another address than "
            f"{_named(settings)}, such as {{}}: their state there is unknown.",
            "Run 'invenio doi adopt': it shows which of them this account has; with "
            "--send, missing ones are created.",
        ),
        (
            "prefixes",
            diagnosis.foreign_prefixes(settings.prefixes),
            "Prefixes in use that belong to no account: {} ({}).",
            "Add them to RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES, or to the "
            "prefixes of an account, if they are yours; otherwise these DOIs are not "
            "updated any more.",
        ),
        (
            "shown",
            diagnosis.shown_by_mistake(),
            "{} DOIs of restricted or deleted records were registered before this "
            "package, such as {}: DataCite may still show them.",
            "Run 'invenio doi adopt --send': they are sent first.",
        ),
        (
            "adopt",
            diagnosis.without_registration(settings.prefixes),
            "{} DOIs existed before this package was installed, such as {}: it is "
            "not known whether their metadata at DataCite are correct.",
            "Run 'invenio doi adopt': it compares each with DataCite, and sends "
            "nothing. New records get their DOIs meanwhile.",
        ),
    ):
        if tally.count:
            text = message.format(tally, ", ".join(tally.examples))
            checks.append(Check(code, False, text, advice))
    return checks


def _named(settings: Settings) -> str:
    return " and ".join(account.id for account in settings.accounts)


def _deliveries(account: Account) -> Check:
    breaker = current_doi.breaker(account).report()
    if breaker["state"] == RUNNING:
        return Check("deliveries", True, _("Deliveries are running."))
    reason = breaker["reason"]
    state, end = STATES[breaker["state"]], end_of(breaker)
    if end:
        state = _("%(state)s until %(end)s", state=state, end=end)
    return Check(
        "deliveries",
        False,
        _(
            "Deliveries are %(state)s: %(reason)s",
            state=state,
            reason=LazyString(words.error, reason),
        ),
        (
            LazyString(words.advice, reason)
            if reason.get("advice")
            else _("Nothing; it ends automatically, or with 'invenio doi resume'.")
        ),
    )


def _communities(account: Account) -> list[Check]:
    """Check that the communities that an account serves exist."""
    if not account.communities:
        return []
    unknown = sorted(set(account.communities) - communities.known(account.communities))
    if not unknown:
        served = ", ".join(account.communities)
        served_text = _("It serves %(communities)s.", communities=served)
        return [Check("communities", True, served_text)]
    return [
        Check(
            "communities",
            False,
            _(
                "No community has the slug or UUID %(unknown)s.",
                unknown=", ".join(unknown),
            ),
            _(
                "Write slugs as they appear in the addresses of the communities, or "
                "UUIDs, into RDM_RECORDS_DOI_DATACITE_ACCOUNTS['%(name)s']"
                "['communities']. A community that was renamed has another slug.",
                name=account.name,
            ),
        )
    ]


def _format(account: Account) -> Check:
    """Try the FORMAT function of a site on a record that does not exist."""
    sample = SimpleNamespace(
        id=None, pid=SimpleNamespace(pid_value=SAMPLE_ID), get=lambda *_: None
    )
    try:
        made = make_doi(current_doi.settings, sample, account.prefix)
    except ValidationErrorWithMessageAsList as error:
        reason = " ".join(str(m) for item in error.messages for m in item["messages"])
        if not callable(account.format):
            return Check("format", False, reason)
        return Check(
            "format",
            False,
            _(
                "The FORMAT function returned no DOI for a sample record: %(reason)s",
                reason=reason,
            ),
            _(
                "The log has the traceback. If the function needs more of a record "
                "than its identifier, this may be the only problem."
            ),
        )
    return Check("format", True, _("New DOIs look like %(doi)s.", doi=made))


def _landing_page(account: Account, page: str) -> Check:
    host = urlsplit(page).hostname or ""
    if account.api_url != PRODUCTION_URL or is_public(host):
        place = urlsplit(page).netloc
        return Check("landing_page", True, _("DOIs lead to %(host)s.", host=place))
    return Check(
        "landing_page",
        False,
        _(
            "DOIs would lead to %(host)s, which the public cannot reach.",
            host=host or page,
        ),
        _(
            "Set SITE_UI_URL to the public address of the site before DOIs are "
            "registered in production."
        ),
    )


def is_public(host: str) -> bool:
    """Return whether a host may be publicly reachable, judging by its name alone."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    return "." in host and last not in ("local", "localhost", "internal", "test", "lan")


def _time_limit() -> Check:
    conf = current_celery.conf
    limits = [
        limit for limit in (conf.task_soft_time_limit, conf.task_time_limit) if limit
    ]
    if limits and min(limits) < SHORTEST_LIMIT:
        return Check(
            "time_limit",
            False,
            _(
                "Tasks are terminated after %(seconds)s seconds, which may be in the "
                "middle of a delivery.",
                seconds=min(limits),
            ),
            _(
                "Set CELERY_TASK_TIME_LIMIT to %(seconds)s or more.",
                seconds=SHORTEST_LIMIT,
            ),
        )
    return Check("time_limit", True, _("Tasks have enough time to deliver."))

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi check``: everything that can be known before a DOI fails."""

from __future__ import annotations

import ipaddress
import json
from types import SimpleNamespace
from urllib.parse import urlsplit

import click
from celery import current_app as current_celery
from flask.cli import with_appcontext
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from ..choices.new_doi import make_doi
from ..datacite.preflight import Check, preflight
from ..links import landing_page
from ..proxies import current_doi
from ..registration import diagnosis
from ..registration.breaker import RUNNING
from ..registration.models import PID_INDEX
from ..settings.connection import PRODUCTION_URL
from ..settings.loader import SAMPLE_ID
from .group import as_json, doi

SHORTEST_LIMIT = 120
"""Seconds: a shorter time limit of tasks leaves hardly any time to deliver."""


@doi.command()
@as_json
@with_appcontext
def check(as_json: bool) -> None:
    """Check settings, tables, password, prefixes and URL domain.

    The exit status is 1 if anything is wrong.
    """
    checks = _checks()
    if as_json:
        click.echo(json.dumps([vars(item) for item in checks], indent=2))
    else:
        for item in checks:
            _print(item)
    if not all(item.ok for item in checks):
        raise SystemExit(1)


def _checks() -> list[Check]:
    problems = current_doi.problems
    if problems:
        return [
            Check(problem.code, False, f"{problem.setting} {problem.message}")
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
    return [
        Check("settings", True, "The settings are complete."),
        *tables,
        *([] if not all(item.ok for item in tables) else _stored()),
        _format(),
        _landing_page(),
        _time_limit(),
        *preflight(
            current_doi.client(),
            landing_page(f"{current_doi.settings.prefix}/check"),
        ),
    ]


def _tables() -> list[Check]:
    missing = diagnosis.missing_tables()
    if missing:
        return [
            Check(
                "tables",
                False,
                f"The database does not have {', '.join(missing)}.",
                "Run 'invenio alembic upgrade'.",
            )
        ]
    if not diagnosis.has_pid_index():
        return [
            Check(
                "index",
                False,
                f"PIDStore has no usable index {PID_INDEX}: looking a DOI up "
                "reads the whole table.",
                "Run 'invenio alembic upgrade'; on a database that has been upgraded, "
                "create the index by hand (docs/operation.rst).",
            )
        ]
    return [Check("tables", True, "The tables and indexes are complete.")]


def _stored() -> list[Check]:
    settings = current_doi.settings
    checks = [_deliveries()]
    for code, tally, message, advice in (
        (
            "duplicates",
            diagnosis.duplicates(),
            "PIDStore has {} DOIs in several spellings, such as {}: to DataCite they "
            "are one.",
            "They stay editable. Decide which record keeps the DOI; see "
            "docs/operation.rst.",
        ),
        (
            "elsewhere",
            diagnosis.confirmed_elsewhere(settings.account.id),
            "{} DOIs were confirmed by another account or at another address than "
            f"{settings.account.id}, such as {{}}: what this one has is not known.",
            "Run 'invenio doi sync': DataCite is asked about each of them first.",
        ),
        (
            "prefixes",
            diagnosis.foreign_prefixes(settings.account.prefixes),
            "No account has {} of the prefixes in use: {}.",
            "Add them to RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES if they are "
            "yours; otherwise these DOIs are not updated any more.",
        ),
        (
            "shown",
            diagnosis.shown_by_mistake(),
            "{} DOIs of restricted or deleted records were registered before this "
            "package, such as {}: DataCite may still show them.",
            "Run 'invenio doi take-over' with each of them: DataCite gets what it may "
            "have.",
        ),
        (
            "before",
            diagnosis.without_registration(),
            "{} DOIs were there before this package, such as {}.",
            "Nothing: each is looked at when its record, or a version beside it, "
            "changes. They are not yet compared with DataCite all at once.",
        ),
    ):
        if tally.count:
            # What was there before is no fault.
            text = message.format(tally, ", ".join(tally.examples))
            checks.append(Check(code, code == "before", text, advice))
    return checks


def _deliveries() -> Check:
    breaker = current_doi.breaker().report()
    if breaker["state"] == RUNNING:
        return Check("deliveries", True, "Deliveries go on.")
    reason = breaker["reason"]
    return Check(
        "deliveries",
        False,
        f"Deliveries are {breaker['state']}: {reason['message']}",
        reason.get("advice")
        or "Nothing; it ends by itself, or with 'invenio doi resume'.",
    )


def _format() -> Check:
    """Try the FORMAT function of a site on a record that does not exist."""
    settings = current_doi.settings
    sample = SimpleNamespace(
        id=None, pid=SimpleNamespace(pid_value=SAMPLE_ID), get=lambda *_: None
    )
    try:
        made = make_doi(settings, sample)
    except ValidationErrorWithMessageAsList as error:
        reason = " ".join(str(m) for item in error.messages for m in item["messages"])
        if not callable(settings.format):
            return Check("format", False, reason, "")
        return Check(
            "format",
            False,
            f"RDM_RECORDS_DOI_DATACITE_FORMAT made no DOI of a sample record: {reason}",
            "The log has the traceback. If it needs more of a record than its "
            "identifier, this may be all that is wrong.",
        )
    return Check("format", True, f"DOIs are made like {made}.")


def _landing_page() -> Check:
    settings = current_doi.settings
    page = landing_page(f"{settings.prefix}/check")
    host = urlsplit(page).hostname or ""
    if settings.account.api_url != PRODUCTION_URL or is_public(host):
        return Check("landing_page", True, f"DOIs lead to {urlsplit(page).netloc}.")
    return Check(
        "landing_page",
        False,
        f"DOIs would lead to {host or 'nothing'}, which the public cannot reach.",
        "Set SITE_UI_URL to the public address of the site before DOIs are registered "
        "in production.",
    )


def is_public(host: str) -> bool:
    """Whether a host may be one that the public can reach, by its name alone."""
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
            f"Tasks are ended after {min(limits)} seconds, which may be in the middle "
            "of a delivery.",
            f"Set CELERY_TASK_TIME_LIMIT to {SHORTEST_LIMIT} or more.",
        )
    return Check("time_limit", True, "Tasks have enough time to deliver.")


def _print(item: Check) -> None:
    # Padded before it is styled: the codes of colours have a length, too.
    mark = click.style(f"{'ok':<6}", fg="green")
    if not item.ok:
        mark = click.style(f"{'FAIL':<6}", fg="red")
    click.echo(f"{mark}{item.code}: {item.message}")
    if item.advice:
        click.echo(f"      What to do: {item.advice}")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands that look after registrations."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import with_appcontext
from idutils import normalize_doi
from invenio_db import db

from ..datacite.errors import NotFound, Trouble
from ..datacite.preflight import Check, preflight
from ..links import landing_page
from ..proxies import current_doi
from ..registration import intake, report
from ..registration.breaker import RUNNING
from ..tasks import nudge
from .group import as_json, doi

SHOWN = ("state", "url", "titles", "metadataVersion", "updated")
"""What ``show`` prints of what DataCite holds; ``--json`` has all of it."""


@doi.command()
@as_json
@with_appcontext
def check(as_json: bool) -> None:
    """Check settings, password, prefixes and URL domain.

    The exit status is 1 if anything is wrong.
    """
    checks = _checks()
    if as_json:
        click.echo(json.dumps([vars(item) for item in checks], indent=2))
    else:
        for item in checks:
            _print_check(item)
    if not all(item.ok for item in checks):
        raise SystemExit(1)


@doi.command()
@as_json
@with_appcontext
def status(as_json: bool) -> None:
    """Show how many DOIs have which status, what is due, and the breaker's state."""
    enabled = current_doi.enabled
    account = current_doi.breaker().report() if enabled else None
    summary = report.summary() | {"account": account}
    if as_json:
        click.echo(json.dumps(summary, indent=2))
        return
    for name, count in summary["statuses"].items():
        click.echo(f"{name:<12}{count:>8}")
    click.echo(f"\ndue now     {summary['due']:>8}")
    click.echo(f"in flight   {summary['in_flight']:>8}")
    if summary["oldest_due"]:
        click.echo(
            f"oldest due since {summary['oldest_due']} "
            f"({summary['oldest_due_seconds']:.0f} s). If this grows, is a Celery "
            "worker with beat running?"
        )
    _print_account(account)


@doi.command()
@click.argument("doi")
@as_json
@with_appcontext
def show(doi: str, as_json: bool) -> None:
    """Show one DOI: here, its attempts, and what DataCite holds."""
    doi = normalize_doi(doi) if doi.lower().startswith(("http", "doi:")) else doi
    registration = report.find(doi)
    here = report.describe(registration) if registration else None
    there, trouble = _at_datacite(registration.doi if registration else doi)
    if as_json:
        found = {"registration": here, "datacite": there, "trouble": trouble}
        click.echo(json.dumps(found, indent=2))
    else:
        _print_here(doi, here)
        _print_there(there, trouble)
    if not (here or there):
        raise SystemExit(1)


@doi.command()
@with_appcontext
def deliver() -> None:
    """Deliver what is due now, and wait for it."""
    _require_enabled()
    due = report.summary()["due"]
    if not due:
        click.echo("Nothing is due.")
        return
    with click.progressbar(length=due, label=f"Delivering {due} DOIs") as bar:
        counts = current_doi.delivery().run(
            progress=lambda claim, outcome: bar.update(1)
        )
    for outcome, count in sorted(counts.items()):
        click.echo(f"{outcome:<12}{count:>8}")
    _print_account(current_doi.breaker().report())


@doi.command()
@with_appcontext
def resume() -> None:
    """Send to DataCite again after the account was paused or DataCite was down."""
    _require_enabled()
    if current_doi.breaker().resume():
        click.echo("Resumed. What is due is delivered within a minute.")
    else:
        click.echo("Nothing to resume: the account is neither paused nor failing.")


@doi.command()
@with_appcontext
def sync() -> None:
    """Compare all DOIs with what DataCite confirmed, and send what changed.

    For changes that no edit of a record tells of: another host name of the site, other
    settings of this package, another version of it. Workers do it in the background,
    behind everything that somebody waits for.
    """
    _require_enabled()
    count = intake.request_all()
    db.session.commit()
    nudge()
    click.echo(
        f"{count} DOIs will be compared, and sent if they changed. "
        "'invenio doi status' shows how many are left."
    )


def _checks() -> list[Check]:
    if not current_doi.enabled:
        return [
            Check(
                "settings",
                False,
                "DOI registration is off.",
                "Set RDM_RECORDS_DOI_DATACITE_ENABLED = True in invenio.cfg.",
            )
        ]
    return [
        Check("settings", True, "The settings are complete."),
        _deliveries_check(),
        *preflight(
            current_doi.client(),
            landing_page(f"{current_doi.settings.prefix}/check"),
        ),
    ]


def _deliveries_check() -> Check:
    breaker = current_doi.breaker().report()
    if breaker["state"] == RUNNING:
        return Check("deliveries", True, "Deliveries go on.")
    return Check(
        "deliveries",
        False,
        f"Deliveries are {breaker['state']}: {breaker['reason']['message']}",
        breaker["reason"].get("advice")
        or "Nothing; it ends by itself, or with 'invenio doi resume'.",
    )


def _print_account(account: dict[str, Any] | None) -> None:
    if account is None or account["state"] == RUNNING:
        return
    reason = account["reason"] or {}
    click.echo(
        f"\nNothing is sent to {account['account']}: deliveries are {account['state']}"
        + (f" until {account['retry_at']}" if account["retry_at"] else "")
        + f".\n  {reason.get('message', '')}"
    )
    if reason.get("advice"):
        click.echo(f"  What to do: {reason['advice']}")


def _print_check(item: Check) -> None:
    mark = click.style("ok", fg="green") if item.ok else click.style("FAIL", fg="red")
    click.echo(f"{mark:<6}{item.code}: {item.message}")
    if item.advice:
        click.echo(f"      What to do: {item.advice}")


def _require_enabled() -> None:
    if not current_doi.enabled:
        raise click.ClickException(
            "DOI registration is off. Set RDM_RECORDS_DOI_DATACITE_ENABLED = True in "
            "invenio.cfg."
        )


def _at_datacite(doi: str) -> tuple[dict[str, Any] | None, str | None]:
    if not current_doi.enabled:
        return None, "DOI registration is off; DataCite was not asked."
    try:
        return current_doi.client().read(doi), None
    except NotFound:
        return None, None
    except Trouble as trouble:
        return None, trouble.message


def _print_here(doi: str, here: dict[str, Any] | None) -> None:
    if here is None:
        click.echo(f"{doi} is not known here.")
        return
    for name, value in here.items():
        if name not in ("attempts", "error") and value is not None:
            click.echo(f"{name:<20}{value}")
    if here["error"]:
        click.echo(f"{'error':<20}{here['error']['message']} [{here['error']['code']}]")
        for complaint in here["error"].get("complaints", []):
            where = complaint.get("field") or complaint["source"] or "record"
            click.echo(f"{'':<20}{where}: {complaint['title']}")
        if here["error"].get("advice"):
            click.echo(f"{'what to do':<20}{here['error']['advice']}")
    click.echo(
        "\nAttempts, the newest first:" if here["attempts"] else "\nNo attempts."
    )
    for attempt in here["attempts"]:
        click.echo(
            f"  {attempt['started_at']}  revision {attempt['revision']}  "
            f"{attempt['outcome']}  HTTP {attempt['http_status'] or '-'}  "
            f"{attempt['state'] or '-'}  {attempt['duration_ms']} ms"
        )


def _print_there(there: dict[str, Any] | None, trouble: str | None) -> None:
    if trouble:
        click.echo(f"\nAt DataCite: {trouble}")
    elif there is None:
        click.echo("\nAt DataCite: nothing, or not visible for this account.")
    else:
        click.echo("\nAt DataCite:")
        for name in SHOWN:
            click.echo(f"  {name:<18}{_plain(there.get(name))}")


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value

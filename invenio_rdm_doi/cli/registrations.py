# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands for registrations."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import with_appcontext
from invenio_access.permissions import system_identity

from ..audit import findings
from ..datacite.answers import clean
from ..datacite.errors import NotFound, Trouble
from ..doi import any_doi
from ..proxies import current_doi
from ..records.find import find
from ..registration import marks, report
from ..registration.breaker import PAUSED, RUNNING, state_until
from ..registration.models import Registration
from ..services import journal
from ..tasks import nudge
from .group import (
    DOIParam,
    account_option,
    as_json,
    chosen_accounts,
    doi,
    require_enabled,
)

SHOWN = ("state", "url", "titles", "metadataVersion", "updated")
"""The attributes at DataCite that ``show`` prints; ``--json`` prints all of them."""


OVERDUE_SECONDS = 3600
"""A registration that has been due for longer than this is overdue."""

NEEDS_SOMEBODY, IS_PAUSED = 3, 4
"""Exit statuses of ``status --exit-code``."""


@doi.command()
@click.option("--exit-code", is_flag=True, help="Report problems in the exit status.")
@as_json
@with_appcontext
def status(as_json: bool, exit_code: bool) -> None:
    """Show the number of DOIs per status, the due DOIs, and the breaker's state.

    With --exit-code, for monitoring, the exit status is 0 if all is well; 3 if a DOI
    failed, must be hidden, is overdue, or has a finding of the last audit; 4 if an
    account is paused.

    Example: invenio doi status --exit-code
    """
    settings = current_doi.settings if current_doi.enabled else None
    summary = report.summary(settings) | {"marks": marks.left()}
    names = [a.id for a in settings.accounts] if settings else []
    counts = findings.count(names)
    summary |= {"findings": {problem.value: n for problem, n in counts.items()}}
    accounts = _accounts(summary.pop("accounts"))
    if as_json:
        click.echo(json.dumps(summary | {"accounts": accounts}, indent=2))
    else:
        _print_status(summary, accounts)
    if exit_code:
        raise SystemExit(_exit_status(summary, accounts))


def _exit_status(summary: dict[str, Any], accounts: list[dict[str, Any]]) -> int:
    if any(account["state"] == PAUSED for account in accounts):
        return IS_PAUSED
    overdue = (summary["oldest_due_seconds"] or 0) > OVERDUE_SECONDS
    failed = summary["statuses"]["failed"] or summary["must_hide"]
    found = any(problem.value in summary["findings"] for problem in findings.OURS)
    return NEEDS_SOMEBODY if failed or overdue or found else 0


def _print_status(summary: dict[str, Any], accounts: list[dict[str, Any]]) -> None:
    for name, count in summary["statuses"].items():
        click.echo(f"{name:<12}{count:>8}")
    if summary["must_hide"]:
        click.echo(
            click.style("\nRestricted or deleted, but findable: ", fg="red")
            + f"{summary['must_hide']}; 'invenio doi show' says why."
        )
    if summary["unknown"]:
        click.echo(
            f"\nunknown     {summary['unknown']:>8}  confirmed by another account or "
            f"address, or never; DataCite is queried first"
        )
    if summary["older_mapping"]:
        click.echo(
            f"\nolder       {summary['older_mapping']:>8}  sent with an older mapping; "
            "'invenio doi sync --older-mapping' sends them"
        )
    click.echo(f"\ndue now     {summary['due']:>8}")
    click.echo(f"in flight   {summary['in_flight']:>8}")
    for mark in summary["marks"]:
        what = {"all": "all DOIs", "parent": "the versions of a record"}
        click.echo(
            f"asked for   {mark['done']:>8}  so far, of "
            + what.get(mark["scope"], f"the records of a {mark['scope']}")
        )
    if summary["findings"]:
        found = ", ".join(f"{n} {name}" for name, n in summary["findings"].items())
        click.echo(f"\nfound by the last audit or adoption: {found}")
    if summary["oldest_due"]:
        click.echo(
            f"oldest due since {summary['oldest_due']} "
            f"({summary['oldest_due_seconds']:.0f} s). If this grows, check that a "
            f"Celery worker and Celery beat are running."
        )
    if len(accounts) > 1:
        _print_accounts(accounts)
    for account in accounts:
        _print_breaker(account)


def _accounts(counted: dict[str | None, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each account with its counts and the state of its breaker.

    If there are DOIs whose prefix belongs to no account, the last entry is theirs,
    unnamed.
    """
    found = []
    for name, counts in counted.items():
        account = current_doi.settings.account_named(name) if name else None
        if account is None:
            breaker = {"account": None, "state": None, "reason": None, "retry_at": None}
        else:
            breaker = current_doi.breaker(account).report() | {
                "repository": account.symbol,
                "api_url": account.api_url,
                "prefixes": list(account.prefixes),
                "communities": list(account.communities),
                "test_mode": account.test_mode,
            }
        found.append(breaker | counts)
    return found


def _print_accounts(accounts: list[dict[str, Any]]) -> None:
    names = [account["account"] or "(no account)" for account in accounts]
    width = max(len(name) for name in [*names, "account"]) + 2
    click.echo(
        f"\n{'account':<{width}}{'findable':>10}{'failed':>10}{'due':>10}  deliveries"
    )
    for name, account in zip(names, accounts, strict=True):
        statuses = account["statuses"]
        click.echo(
            f"{name:<{width}}{statuses['findable']:>10}{statuses['failed']:>10}"
            f"{account['due']:>10}  {account['state'] or '-'}"
        )


@doi.command()
@click.argument("identifier", metavar="DOI|RECID")
@as_json
@with_appcontext
def show(identifier: str, as_json: bool) -> None:
    """Show one DOI, given by itself or by its record.

    The output has the DOI's registration, its attempts, and what DataCite holds.

    Example: invenio doi show abcde-fgh12
    """
    doi = _doi_of(identifier)
    registration = report.find(doi)
    here = _described(registration) if registration else None
    there, trouble = _at_datacite(registration.doi if registration else doi)
    if as_json:
        found = {"registration": here, "datacite": there, "trouble": trouble}
        click.echo(json.dumps(found, indent=2))
    else:
        _print_here(doi, here)
        _print_there(there, trouble)
    if not (here or there):
        raise SystemExit(1)


def _doi_of(identifier: str) -> str:
    """Return the given DOI, or the DOI of the given record.

    Any other text is a usage error (exit status 2).
    """
    if "/" in identifier:
        return str(DOIParam().convert(identifier, None, None))
    found = find(identifier)
    if found is None:
        raise click.UsageError(
            f"There is no record {identifier!r}, and it is not a DOI, such as "
            "10.1234/abcde-fgh12."
        )
    doi = any_doi(found.owner)
    if doi is None:
        raise click.ClickException(
            f"Record {identifier} has no DOI. Run 'invenio doi preview {identifier}' "
            f"to see what DataCite would get."
        )
    return doi


@doi.command()
@as_json
@with_appcontext
def deliver(as_json: bool) -> None:
    """Deliver all DOIs that are due now, and wait until this is done.

    Example: invenio doi deliver
    """
    require_enabled()
    due = report.summary()["due"]
    if as_json:
        click.echo(json.dumps(current_doi.delivery().run()))
        return
    if not due and not marks.left():
        click.echo("Nothing is due.")
        return
    with click.progressbar(length=due, label=f"Delivering {due} DOIs") as bar:
        counts = current_doi.delivery().run(
            progress=lambda claim, outcome: bar.update(1)
        )
    for outcome, count in sorted(counts.items()):
        click.echo(f"{outcome:<12}{count:>8}")
    for account in current_doi.settings.accounts:
        _print_breaker(current_doi.breaker(account).report())


@doi.command()
@account_option
@as_json
@with_appcontext
def resume(account: str | None, as_json: bool) -> None:
    """Resume deliveries after an account was paused or DataCite was down.

    Without --account, all accounts are resumed.

    Example: invenio doi resume --account default
    """
    require_enabled()
    accounts = chosen_accounts(account)
    resumed = [a.name for a in accounts if current_doi.breaker(a).resume()]
    for name in resumed:
        journal.of_account(system_identity, "resume", name)
    if resumed:
        nudge()
    if as_json:
        click.echo(json.dumps({"resumed": resumed}))
    elif resumed:
        click.echo(
            f"Resumed: {', '.join(resumed)}. Due DOIs are sent within a minute if "
            f"DataCite accepts them."
        )
    else:
        click.echo("Nothing to resume: no account is paused, and none is failing.")


def _print_breaker(account: dict[str, Any]) -> None:
    if account["state"] in (None, RUNNING):
        return
    reason = account["reason"] or {}
    click.echo(
        f"\nNothing is sent for the account {account['account']}: deliveries are "
        f"{state_until(account)}.\n  {reason.get('message', '')}"
    )
    if reason.get("advice"):
        click.echo(f"  What to do: {reason['advice']}")


def _described(registration: Registration) -> dict[str, Any]:
    account = None
    if current_doi.enabled:
        account = current_doi.settings.account_of(registration.doi)
    return report.describe(registration, account.name if account else None)


def _at_datacite(doi: str) -> tuple[dict[str, Any] | None, str | None]:
    if not current_doi.enabled:
        return None, "DOI registration is off; DataCite was not asked."
    try:
        return current_doi.client(current_doi.account_of(doi)).read(doi), None
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
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
    # DataCite's text may contain terminal escape sequences.
    return clean(text, 2000)

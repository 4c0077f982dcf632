# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi audit`` and ``adopt``: compare registrations with DataCite."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click
from flask.cli import with_appcontext
from invenio_access.permissions import system_identity

from ..audit import adoption, findings, landing_pages, runs
from ..audit.adoption import Adopter
from ..audit.audit import Audit
from ..audit.models import Job, Problem
from ..audit.walk import NoList, Progress, Walk
from ..datacite.answers import clean
from ..datacite.errors import Trouble
from ..proxies import current_doi
from ..registration.breaker import PAUSED
from ..registration.reconcile import register_without_sending
from ..services import journal
from ..settings.model import Account
from ..tasks import nudge
from .group import account_option, as_json, chosen_accounts, doi, require_enabled

FAILED, FOUND, IS_PAUSED = 1, 3, 4
"""Exit statuses: the run failed; something was found; an account is paused."""

SHOWN = 20
"""Number of findings printed per problem; ``--json`` prints all of them."""

WORDS = {
    Problem.EXPOSED: "restricted or deleted here, but findable at DataCite",
    Problem.MISSING: "confirmed here, but missing at DataCite",
    Problem.NOT_OURS: "at DataCite with another account, or for another site",
    Problem.WRONG_STATE: "with another state at DataCite",
    Problem.WRONG_URL: "with another URL at DataCite",
    Problem.CHANGED: "with other metadata at DataCite",
    Problem.DIFFERS: "never confirmed by this package, and different at DataCite",
    Problem.UNREADABLE: "whose metadata cannot be prepared",
    Problem.ELSEWHERE: "confirmed by another account, or at another address",
    Problem.PIDSTORE: "with another status in PIDStore",
    Problem.DUPLICATE: "in PIDStore in several spellings",
    Problem.LISTED_TWICE: "more than once in DataCite's list",
    Problem.UNREGISTERED: "in PIDStore, but without a registration",
    Problem.DRAFT: "drafts at DataCite that are unknown here",
    Problem.ORPHANED: "at DataCite, but unknown here",
    Problem.PAGE: "with a landing page that does not answer correctly",
}

ADVICE = {
    Problem.NOT_OURS: "ask support@datacite.org for a transfer, or run 'invenio doi "
    "take-over' with those that are yours",
    Problem.UNREADABLE: "run 'invenio doi preview' with each of them to see why",
    Problem.DUPLICATE: "decide which record keeps the DOI (docs/operation.rst)",
    Problem.LISTED_TWICE: "nothing, unless it repeats",
    Problem.UNREGISTERED: "run 'invenio doi reconcile --apply'",
    Problem.DRAFT: "delete them in DataCite Fabrica if they are not needed",
    Problem.ORPHANED: "add those of other systems to "
    "RDM_RECORDS_DOI_DATACITE_AUDIT_EXCLUDE",
    Problem.PAGE: "open the page; DataCite's link checker requests it, too",
}


@doi.command()
@account_option
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only DOIs that changed at DataCite since this time (UTC).",
)
@click.option(
    "--fix", is_flag=True, help="Deliver incorrect DOIs of this repository " "again."
)
@click.option(
    "--landing-pages",
    "pages",
    is_flag=True,
    help="Only request the pages of a sample of DOIs from this site.",
)
@click.option(
    "--sample",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="Number of pages; 0 for all.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 100),
    default=2.0,
    show_default=True,
    help="Maximum number of pages per second.",
)
@as_json
@with_appcontext
def audit(
    account: str | None,
    since: datetime | None,
    fix: bool,
    pages: bool,
    sample: int,
    rate: float,
    as_json: bool,
) -> None:
    """Compare the confirmed registrations with DataCite's list.

    Finds DOIs that are missing at DataCite, DOIs at DataCite that are unknown here, and
    changes at DataCite to state, URL or metadata. An interrupted audit resumes where it
    stopped. Without --fix, no DOI is changed, neither here nor at DataCite. With --fix,
    DOIs of this repository that are wrong are delivered again. Nothing is ever deleted.
    The exit status is 3 if something was found.

    With --landing-pages, DataCite is not queried: each findable DOI must lead to a page
    of this site that answers 200, and the DOI of each deleted record to its tombstone.

    Example: invenio doi audit --account default
    """
    require_enabled()
    accounts = chosen_accounts(account)
    if pages:
        if fix or since:
            raise click.UsageError(
                "--landing-pages cannot be combined with --fix or " "--since."
            )
        _audit_pages(accounts, sample or None, rate, as_json)
        return
    moment = since.replace(tzinfo=UTC) if since else None

    def make(one: Account, run: Any, progress: Progress) -> Walk:
        walk = Audit(current_doi.settings, one, current_doi.client(one), run, progress)
        walk.fix = fix
        return walk

    ended = _run(accounts, Job.AUDIT, make, moment)
    if fix:
        for one in accounts:
            journal.of_account(system_identity, "fix", one.name)
        nudge()
    counts = _print_findings(ended.runs, as_json, _audit_advice(fix))
    _exit(ended, counts.total())


@doi.command()
@account_option
@click.option("--send", is_flag=True, help="Update them at DataCite.")
@as_json
@with_appcontext
def adopt(account: str | None, send: bool, as_json: bool) -> None:
    """Adopt the DOIs that existed before this package.

    These are DOIs from InvenioRDM's own DataCite support, from an import, or with a
    prefix that was transferred. The command compares each of them with what DataCite
    holds and reports the differences; nothing is sent. Then run it with --send to
    deliver the DOIs that differ, after all DOIs that users are waiting for. An
    interrupted adoption resumes where it stopped. The exit status is 3 if something
    differs and was not sent.

    Example: invenio doi adopt
    """
    require_enabled()
    accounts = chosen_accounts(account)
    new = 0
    for count in register_without_sending(current_doi.settings):
        new += count
        click.echo(f"\r{new} DOIs without a registration found", nl=False, err=True)
    if new:
        click.echo("", err=True)

    def make(one: Account, run: Any, progress: Progress) -> Walk:
        client = current_doi.client(one)
        return Adopter(current_doi.settings, one, client, run, progress)

    ended = _run(accounts, Job.ADOPT, make, None)
    advice = None
    if not send:
        advice = "Run 'invenio doi adopt --send' to update them at DataCite."
    counts = _print_findings(ended.runs, as_json, advice)
    if send:
        sent = sum(adoption.send(one) for one in ended.accounts)
        journal.of_account(system_identity, "adopt", account or "all", sent)
        nudge()
        click.echo(f"{sent} DOI{'' if sent == 1 else 's'} will be sent.", err=as_json)
        counts = Counter({p: counts[p] for p in (Problem.NOT_OURS, Problem.UNREADABLE)})
    _exit(ended, counts.total())


@dataclass
class Ended:
    """The outcome of the runs of some accounts.

    :ivar accounts: the accounts whose runs are finished.
    :ivar runs: the rows of these runs.
    :ivar status: worst exit status of the other accounts; 0: there are none.
    """

    accounts: list[Account] = field(default_factory=list)
    runs: list[Any] = field(default_factory=list)
    status: int = 0

    def fail(self, message: str, status: int = FAILED) -> None:
        """Report why an account's run did not finish; the other accounts continue."""
        click.echo(f"Error: {message}", err=True)
        self.status = max(self.status, status)


def _exit(ended: Ended, found: int) -> None:
    """Exit with the most serious status: paused, failed, found, success."""
    status = ended.status or (FOUND if found else 0)
    if status:
        raise SystemExit(status)


def _run(
    accounts: Iterable[Account],
    job: Job,
    make: Callable[[Account, Any, Progress], Walk],
    since: datetime | None,
) -> Ended:
    """Run a job for some accounts, one after the other."""
    ended = Ended()
    for account in accounts:
        state = current_doi.breaker(account).report()
        if state["state"] == PAUSED:
            reason = state["reason"]["message"]
            ended.fail(f"{account.name} is paused: {reason}", IS_PAUSED)
            continue
        try:
            run = runs.begin(job, account.id, since)
        except runs.Busy:
            ended.fail(
                f"Another process audits or adopts the DOIs of {account.name}, or was "
                "killed within the last 5 minutes."
            )
            continue
        walk = make(account, run, _progress(account))
        try:
            walk.go_on()
        except NoList as error:
            click.echo("", err=True)
            ended.fail(f"{account.name}: {error} Run the command again later.")
            continue
        except (Trouble, runs.Lost) as error:
            click.echo("", err=True)
            text = str(error) or "Another process continues with it."
            again = "Run the command again to continue."
            ended.fail(f"{account.name}: {text} {again}")
            continue
        click.echo("", err=True)
        ended.accounts.append(account)
        ended.runs.append(walk.run)
    return ended


def _audit_pages(
    accounts: Iterable[Account], sample: int | None, rate: float, as_json: bool
) -> None:
    ended = Ended()
    for account in accounts:
        try:
            for run in landing_pages.check(account, rate, sample):
                click.echo(f"\r{account.name}: {run.seen} pages", nl=False, err=True)
        except (runs.Busy, runs.Lost):
            ended.fail(f"Another process requests the pages of {account.name}.")
            continue
        click.echo("", err=True)
        ended.accounts.append(account)
        ended.runs.append(run)
    fine = "All pages answer correctly."
    _exit(ended, _print_findings(ended.runs, as_json, None, fine).total())


def _progress(account: Account) -> Progress:
    def show(run: Any) -> None:
        of = f" of {run.total}" if run.total is not None else ""
        click.echo(
            f"\r{account.name}: {run.seen}{of} DOIs compared, requests: {run.requests}",
            nl=False,
            err=True,
        )

    return show


def _print_findings(
    ended: list[Any],
    as_json: bool,
    advice: str | None,
    fine: str = "DataCite has the expected DOIs and metadata.",
) -> Counter[Problem]:
    """Print the findings of some runs, the worst first; there may be many.

    :param ended: rows of the runs.
    :returns: number of findings per problem.
    """
    accounts, ids = [run.account for run in ended], [run.id for run in ended]
    counts = Counter(findings.count(accounts, ids))
    if as_json:
        _print_json(ended)
        return counts
    for problem in counts:
        for row in islice(_rows(ended, problem), SHOWN):
            click.echo(_line(row))
    if counts:
        click.echo("")
    elif ended:
        click.echo(fine)
    for problem, count in counts.items():
        what = f": {ADVICE[problem]}" if problem in ADVICE else ""
        click.echo(f"{count:>8}  {WORDS[problem]}{what}")
    if counts and advice:
        click.echo(f"\n{advice}")
    return counts


def _print_json(ended: list[Any]) -> None:
    first = True
    click.echo("[", nl=False)
    for problem in Problem:
        for row in _rows(ended, problem):
            click.echo("" if first else ",")
            click.echo(json.dumps(_to_dict(row), ensure_ascii=False), nl=False)
            first = False
    click.echo("]" if first else "\n]")


def _rows(ended: list[Any], problem: Problem) -> Iterator[Any]:
    for run in ended:
        yield from findings.of_problem(problem, run.account, run.id)


def _audit_advice(fix: bool) -> str:
    if fix:
        return "The DOIs of this repository are delivered again."
    return "Run 'invenio doi audit --fix' to deliver the DOIs of this repository again."


def _to_dict(row: Any) -> dict[str, Any]:
    return {
        "doi": row.doi,
        "problem": row.problem.value,
        "details": row.details,
        "first_seen": row.first_seen.isoformat(),
        "last_seen": row.last_seen.isoformat(),
    }


def _line(row: Any) -> str:
    return f"{row.problem.value:<13}{row.doi:<34}{_details(row.details or {})}".rstrip()


def _details(details: dict[str, Any]) -> str:
    fields = details.get("fields")
    if isinstance(fields, dict):
        return ", ".join(sorted(fields))
    return clean(", ".join(f"{name} {value}" for name, value in details.items()), 200)

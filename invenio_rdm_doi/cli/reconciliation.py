# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi reconcile``: compare records, PIDStore and registrations."""

from __future__ import annotations

import json
from collections import Counter

import click
from flask.cli import with_appcontext

from ..proxies import current_doi
from ..registration.reconcile import Finding, Problem, reconcile
from ..services.minting import mint
from ..tasks import nudge
from .group import as_json, doi, require_enabled

FOUND = 3
"""Exit status: something was found and not repaired."""

SHOWN = 20
"""Number of findings printed per problem; ``--json`` prints all of them."""

WORDS = {
    Problem.UNREGISTERED: "managed DOIs without a registration",
    Problem.WITHOUT_DOI: "public records without a DOI",
    Problem.OWNER_GONE: "registrations without a record",
    Problem.PREFIX_UNKNOWN: "DOIs whose prefix belongs to no account",
    Problem.FALSELY_REGISTERED: 'DOIs with the wrong status "registered" in PIDStore',
    Problem.NOT_REGISTERED: "DOIs that DataCite confirmed, but PIDStore does not have",
}

ADVICE = {
    Problem.WITHOUT_DOI: "--mint gives each of them a DOI",
    Problem.PREFIX_UNKNOWN: "add the prefix to RDM_RECORDS_DOI_DATACITE_ADDITIONAL_"
    "PREFIXES, or to an account, if it is yours",
}


@doi.command("reconcile")
@click.option(
    "--apply",
    is_flag=True,
    help="Create missing registrations and " "correct PIDStore.",
)
@click.option(
    "--mint", "mints", is_flag=True, help="Mint DOIs for public records " "without one."
)
@as_json
@with_appcontext
def reconcile_command(apply: bool, mints: bool, as_json: bool) -> None:
    """Find disagreements between records, PIDStore and registrations.

    Use this after a time without this package, after an import, or after a change of
    the prefix. Without --apply or --mint, nothing is changed. The command does not
    query DataCite; after --apply, DataCite is queried about each DOI that is new here
    before anything is sent. The exit status is 3 if something was found and not
    repaired.

    Example: invenio doi reconcile --apply
    """
    require_enabled()
    counts: Counter[Problem] = Counter()
    left = 0
    first = True
    if as_json:
        click.echo("[", nl=False)
    for finding in reconcile(current_doi.settings, apply, mint if mints else None):
        counts[finding.problem] += 1
        left += not finding.repaired
        if as_json:
            click.echo("" if first else ",")
            click.echo(json.dumps(finding.to_dict()), nl=False)
            first = False
        elif counts[finding.problem] <= SHOWN:
            click.echo(_line(finding))
    if as_json:
        click.echo("\n]")
    else:
        _print_counts(counts, apply)
    if apply or mints:
        nudge()
    if left:
        raise SystemExit(FOUND)


def _line(finding: Finding) -> str:
    what = finding.doi or f"record {finding.owner_id}"
    done = "  (repaired)" if finding.repaired else ""
    return f"{finding.problem.value:<20}{what}{done}"


def _print_counts(counts: Counter[Problem], apply: bool) -> None:
    if not counts:
        click.echo("Records, PIDStore and registrations agree.")
        return
    click.echo("")
    for problem, count in counts.items():
        advice = ADVICE.get(problem)
        click.echo(f"{count:>8}  {WORDS[problem]}" + (f": {advice}" if advice else ""))
    if not apply:
        click.echo(
            "\n'invenio doi reconcile --apply' creates registrations that are missing, "
            "and corrects\nPIDStore. DataCite is asked before anything is sent."
        )

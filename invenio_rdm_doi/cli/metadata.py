# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands that show and check metadata, without changing or sending anything."""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext
from invenio_db import db

from ..choices.new_doi import foresee_doi
from ..doi import any_doi, managed_doi
from ..metadata.complaints import violations_by_field
from ..metadata.describe import DumperError
from ..proxies import current_doi
from ..records.find import Found, estimated_records, find
from ..records.source import Reader
from ..registration.delivery import policy_of
from ..registration.models import Kind
from ..registration.preview import Preview, preview
from ..registration.target import Policy, Visibility
from ..validation.all_records import Survey, survey
from ..validation.draft import check_source
from .group import as_json, doi

EXAMPLES = 3
"""Number of records named per complaint."""

WHY_NOTHING = {
    Visibility.RESTRICTED: "the record is restricted; DataCite gets nothing",
    Visibility.RESERVED: "it is a draft; DataCite gets nothing before it is published",
    Visibility.GONE: "no record has the DOI any more",
    Visibility.DELETED: "it was deleted before DataCite had it",
}


@doi.command("preview")
@click.argument("identifier", metavar="RECID|DOI")
@click.option("--parent", is_flag=True, help="The concept DOI of all versions.")
@click.option("--draft", is_flag=True, help="The draft, as if it were published.")
@as_json
@with_appcontext
def preview_command(identifier: str, parent: bool, draft: bool, as_json: bool) -> None:
    """Show exactly what DataCite would get for a record, with all errors in it.

    The exit status is 1 if DataCite would refuse it.

    Example: invenio doi preview abcde-fgh12
    """
    found = find(identifier, parent=parent, draft=draft)
    if found is None:
        raise click.ClickException(
            f"Nothing was found for {identifier}. Give the identifier of a record, "
            f"such "
            "as abcde-fgh12, or a DOI of this repository."
        )
    try:
        with db.session.no_autoflush:
            shown = _preview(found)
    except DumperError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_to_dict(shown), indent=2, ensure_ascii=False))
    else:
        _print_preview(shown)
    if shown.violations:
        raise SystemExit(1)


@doi.command("validate")
@click.option(
    "--all", "everything", is_flag=True, help="All public records, with a DOI or not."
)
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option(
    "--after",
    type=click.UUID,
    help="Continue after this record, as printed by an " "earlier run.",
)
@as_json
@with_appcontext
def validate_command(
    everything: bool, jobs: int, after: UUID | None, as_json: bool
) -> None:
    """Check the public records with a DOI of this repository against the schema.

    Use --all before DOI registration is switched on: the command works while it is off.
    The exit status is 1 if DataCite would refuse any of the records. If it is
    interrupted, the command shows what it found and how to continue.

    Example: invenio doi validate --all --jobs 4
    """
    result = Survey(last=after)
    # Progress goes to stderr, because it is not JSON. The total is an estimate.
    progress_bar: Any = click.progressbar(
        length=estimated_records(), label="Checking records", file=sys.stderr
    )
    interrupted = False
    with progress_bar as bar:
        try:
            survey(everything, max(1, jobs), bar.update, result)
        except KeyboardInterrupt:
            interrupted = True
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False))
    else:
        _print_survey(result)
    if interrupted:
        go_on = f" --after {result.last}" if result.last else ""
        click.echo(
            f"Interrupted. Continue with: invenio doi validate{go_on}"
            + (" --all" if everything else ""),
            err=True,
        )
        raise SystemExit(130)
    if result.complaints:
        raise SystemExit(1)


def _preview(found: Found) -> Preview:
    reader = Reader.create(current_doi.metadata_settings)
    owner = found.owner
    value = managed_doi(owner)
    if value and not found.is_draft:
        kind = Kind.CONCEPT if found.is_parent else Kind.RECORD
        policy = Policy()
        if current_doi.enabled:
            account = current_doi.account_of(value)
            policy = policy_of(current_doi.settings, account)
        return preview(value, kind, owner.id, reader, policy)
    if found.is_parent:
        raise click.ClickException("These versions have no concept DOI of this site.")
    other = None if value else any_doi(owner)
    if other:
        raise click.ClickException(
            f"{other} is an external DOI; nothing is sent to DataCite."
        )
    if (owner.get("access") or {}).get("record") == "restricted":
        return Preview(value or "without DOI", Visibility.RESTRICTED, None)
    if found.is_draft and current_doi.enabled:
        value = foresee_doi(current_doi.settings, owner)
    checked = check_source(reader.preview_source(owner), value)
    return Preview(
        value or "without DOI",
        Visibility.RESERVED if found.is_draft else Visibility.PUBLIC,
        None,
        checked.payload,
        checked.notes,
        checked.violations,
    )


def _to_dict(shown: Preview) -> dict[str, Any]:
    return {
        "doi": shown.doi,
        "state": shown.state,
        "visibility": shown.visibility.value,
        "payload": shown.payload,
        "warnings": [note.to_dict() for note in shown.notes],
        "violations": [vars(item) for item in shown.violations],
        "valid": not shown.violations,
    }


def _print_preview(shown: Preview) -> None:
    if not shown.payload:
        click.echo(f"{shown.doi}: {WHY_NOTHING.get(shown.visibility, 'nothing')}.")
        return
    click.echo(json.dumps(shown.payload, indent=2, ensure_ascii=False))
    if shown.state:
        click.echo(f"\n{shown.doi} would be {shown.state}.")
    elif shown.visibility is Visibility.RESERVED:
        click.echo(f"\n{shown.doi}: this is what DataCite would get on publishing.")
    else:
        click.echo(
            f"\n{shown.doi}: the record has no DOI; with one, DataCite would "
            f"get this."
        )
    for note in shown.notes:
        click.echo(
            click.style("warning ", fg="yellow") + f"{note.field}: {note.message}"
        )
    for error in violations_by_field(shown.violations):
        for message in error.messages:
            click.echo(click.style("refused ", fg="red") + f"{error.field}: {message}")
    if not shown.violations:
        click.echo(click.style("valid", fg="green") + ": DataCite would accept it.")


def _print_survey(result: Survey) -> None:
    click.echo(f"\n{result.total} records, {result.refused} would be refused.")
    for title, groups in (
        ("Refused", result.complaints),
        ("Warnings: sent in another form, or left out", result.warnings),
    ):
        if groups:
            click.echo(f"\n{title}:")
        for text, group in sorted(groups.items(), key=lambda item: -item[1].count):
            click.echo(f"{group.count:>8}  {text}")
            more = " …" if group.count > EXAMPLES else ""
            click.echo(f"          {', '.join(group.records[:EXAMPLES])}{more}")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands for many DOIs at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import with_appcontext
from invenio_access.permissions import system_identity
from invenio_db import db

from ..datacite.answers import clean
from ..doi import doi_key
from ..proxies import current_doi
from ..records import communities, searches
from ..registration import marks
from ..registration.models import Kind, Priority, Status
from ..registration.report import listed
from ..registration.selection import Selection, request_again
from ..services import journal
from ..services.comparison import changes
from ..tasks import nudge
from .comparison import DIFFERS, print_change
from .group import (
    DOIParam,
    account_option,
    as_json,
    chosen_accounts,
    doi,
    require_enabled,
)

MOST = 100_000
"""Number of DOIs up to which the exact count is shown in a confirmation prompt."""

UNITS = {"m": 60, "h": 3600, "d": 24 * 3600}


class Age(click.ParamType):  # type: ignore[type-arg]
    """A duration such as ``90m``, ``12h`` or ``7d``, in seconds."""

    name = "AGE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return seconds; any other text is a usage error (exit status 2)."""
        found = re.fullmatch(r"(\d{1,6})([mhd])", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not an age, such as 90m, 12h or 7d.")
        return int(found[1]) * UNITS[found[2]]


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select registrations to a command."""
    for option in (
        click.option(
            "--status",
            type=click.Choice([s.value for s in Status]),
            help="Status of the registration.",
        ),
        click.option(
            "--code", help="Code of the last error, such as datacite.refused."
        ),
        click.option("--kind", type=click.Choice([k.value for k in Kind])),
        click.option(
            "--older-than",
            type=Age(),
            help="Not changed for at least this long: " "90m, 12h, 7d.",
        ),
        account_option,
    ):
        command = option(command)
    return command


@doi.command("list")
@selection_options
@as_json
@with_appcontext
def list_command(as_json: bool, **chosen: Any) -> None:
    """List DOIs with their status and their last error.

    Example: invenio doi list --status failed --older-than 1d
    """
    pages = _selection(**chosen).pages()
    if as_json:
        first = True
        click.echo("[", nl=False)
        for page in pages:
            for row in page:
                click.echo("" if first else ",")
                click.echo(json.dumps(_to_dict(row), ensure_ascii=False), nl=False)
                first = False
        click.echo("\n]")
        return
    count = 0
    for page in pages:
        for row in page:
            click.echo(_line(row))
            count += 1
    click.echo(f"{count} DOI{'' if count == 1 else 's'}.", err=True)


@doi.command()
@click.argument("dois", metavar="[DOI]...", nargs=-1, type=DOIParam())
@selection_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@with_appcontext
def retry(dois: tuple[str, ...], yes: bool, as_json: bool, **chosen: Any) -> None:
    """Deliver DOIs again, regardless of the previous outcome.

    Give one or more DOIs, or select DOIs with options. Selected DOIs are delivered
    after all DOIs that users are waiting for.

    Example: invenio doi retry --status failed --code doi.other_system
    """
    require_enabled()
    selected = _selected(dois, chosen)
    if not dois and not yes:
        count = selected.count(MOST + 1)
        some = f"more than {MOST}" if count > MOST else str(count)
        click.confirm(f"{some} DOIs will be delivered again. Continue?", abort=True)
    _ask_again([selected], bool(dois), True, "delivered again", as_json)


@doi.command()
@click.option(
    "--after-restore",
    is_flag=True,
    help="Query DataCite about each DOI first, after a backup was restored.",
)
@click.option("--doi", "dois", multiple=True, type=DOIParam(), help="Only this DOI.")
@click.option("--community", metavar="SLUG", help="Only the records of a community.")
@click.option("--query", metavar="QUERY", help="Only records that a search finds.")
@click.option(
    "--changed-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only records that changed since this time (UTC).",
)
@click.option(
    "--urls-only",
    is_flag=True,
    help="Only DOIs whose URL is not at the current address of the site.",
)
@click.option(
    "--older-mapping",
    is_flag=True,
    help="Only DOIs that were sent with an older version of the mapping.",
)
@click.option("--force", is_flag=True, help="Also send DOIs that did not change.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would be sent, without sending it."
)
@selection_options
@as_json
@with_appcontext
def sync(
    after_restore: bool,
    dois: tuple[str, ...],
    community: str | None,
    query: str | None,
    changed_since: datetime | None,
    urls_only: bool,
    older_mapping: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Compare DOIs with what DataCite confirmed, and send those that changed.

    Use this after changes that do not come from an edit of a record: another host name
    of the site, other settings of this package, or another version of it. Workers do
    the work in the background, after all DOIs that users are waiting for. DataCite
    itself is queried only with --after-restore: changes that were made at DataCite are
    found by 'invenio doi audit'.

    With --dry-run, DataCite is queried about each DOI that would be sent, to show what
    would change there; the exit status is 3 if there is any such DOI.

    Example: invenio doi sync --community physics --dry-run
    """
    require_enabled()
    some = bool(dois) or any(value is not None for value in chosen.values())
    searched = query is not None or changed_since is not None
    if sum([after_restore, community is not None, searched, some]) > 1:
        raise click.UsageError(
            "--after-restore, --community, --query with --changed-since, and a "
            "selection such as --status cannot be combined."
        )
    if after_restore and (dry_run or force or urls_only or older_mapping):
        raise click.UsageError(
            "--after-restore includes all DOIs; remove the other " "options."
        )
    if searched or urls_only or older_mapping or dry_run or some or force:
        ours = Selection(prefixes=current_doi.settings.prefixes)
        selected = _selected(dois, chosen) if some else ours
        selected = replace(selected, other_urls=urls_only, older_mapping=older_mapping)
        what = "sent again" if force else "compared, and sent if they changed"
        parts: Iterable[Selection] = [selected]
        if community is not None:
            members = searches.in_community(communities.members(_community(community)))
            parts = (replace(selected, owners=ids) for ids in members)
        elif searched:
            moment = changed_since.replace(tzinfo=UTC) if changed_since else None
            records = (
                searches.found_by(query or "", moment)
                if query is not None or moment is None
                else searches.changed_since(moment)
            )
            parts = (replace(selected, owners=ids) for ids in records)
        if dry_run:
            _show_changes(parts, force, as_json)
        else:
            _ask_again(parts, bool(dois), force, what, as_json)
        return
    if community is not None:
        marks.note_community(_community(community), db.session.execute)
    else:
        marks.note_all(distrust=after_restore)
    db.session.commit()
    nudge()
    what = "All DOIs" if community is None else f"The DOIs of {community}"
    if as_json:
        click.echo(json.dumps({"marked": community or "all"}))
        return
    click.echo(
        f"{what} will be compared, and sent if they changed. "
        "'invenio doi status' shows the progress."
    )


def _ask_again(
    selected: Iterable[Selection],
    is_named: bool,
    distrust: bool,
    what: str,
    as_json: bool,
) -> None:
    """Request delivery of the selected DOIs, page by page.

    DOIs that are reserved for drafts are left out: there is nothing to send.
    """
    found = asked = 0
    priority = Priority.URGENT if is_named else Priority.BULK
    known: set[str] = set()
    keys: tuple[str, ...] = ()
    for part in selected:
        keys = part.keys or ()
        if is_named:
            every = Selection(keys=keys, reserved=False)
            known |= {row.doi_key for page in every.pages() for row in page}
        for page in replace(part, reserved=False).pages():
            found += len(page)
            asked += request_again([row.id for row in page], priority, distrust)
            if not is_named:
                click.echo(f"\r{asked} asked for", nl=False, err=True)
    if not is_named and found:
        click.echo("", err=True)
    if asked:
        journal.of_account(system_identity, "retry", "all", asked)
        nudge()
    unknown = [key for key in keys if key not in known]
    _print_requested(found, asked, unknown, bool(keys), what, as_json)
    if unknown:
        raise SystemExit(1)


def _print_requested(
    found: int, asked: int, unknown: list[str], is_named: bool, what: str, as_json: bool
) -> None:
    for key in unknown:
        click.echo(f"{key} is not known here, or only reserved.", err=True)
    if as_json:
        busy = found - asked
        click.echo(json.dumps({"asked": asked, "busy": busy, "unknown": unknown}))
        return
    if asked or not is_named:
        click.echo(f"{asked} DOI{'' if asked == 1 else 's'} will be {what}.")
    if asked < found:
        click.echo(f"{found - asked} are being delivered or edited right now.")


def _show_changes(parts: Iterable[Selection], force: bool, as_json: bool) -> None:
    """Show what would be sent, without changing anything."""
    found: list[dict[str, Any]] = []
    compared = 0
    for part in parts:
        for page in replace(part, reserved=False).pages():
            compared += len(page)
            for change in changes(page, force):
                if as_json:
                    found.append(change.to_dict())
                else:
                    found.append({})
                    print_change(change)
            click.echo(f"\r{compared} compared", nl=False, err=True)
    click.echo("", err=True)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        count = len(found)
        click.echo(f"{count} DOI{'' if count == 1 else 's'} would be sent.")
    if found:
        raise SystemExit(DIFFERS)


def _selected(dois: tuple[str, ...], chosen: dict[str, Any]) -> Selection:
    """Return the selection by DOIs or by options; both or neither is a usage error."""
    is_some = any(value is not None for value in chosen.values())
    if bool(dois) == is_some:
        raise click.UsageError(
            "Give one or more DOIs, or a selection such as --status."
        )
    if dois:
        return Selection(keys=tuple(doi_key(value) for value in dois))
    return _selection(**chosen)


def _selection(
    status: str | None,
    code: str | None,
    kind: str | None,
    older_than: float | None,
    account: str | None,
) -> Selection:
    prefixes = None
    if account is not None:
        require_enabled()
        (one,) = chosen_accounts(account)
        prefixes = tuple(one.prefixes)
    return Selection(
        status=Status(status) if status else None,
        kind=Kind(kind) if kind else None,
        code=code,
        older_than=older_than,
        prefixes=prefixes,
    )


def _community(slug: str) -> Any:
    found = communities.id_of(slug)
    if found is None:
        raise click.BadParameter(
            f"there is no community {slug!r}.", param_hint="'--community'"
        )
    return found


def _to_dict(row: Any) -> dict[str, Any]:
    account = None
    if current_doi.enabled:
        account = current_doi.settings.account_of(row.doi)
    return listed(row, account.name if account else None)


def _line(row: Any) -> str:
    text = f"{row.doi:<32} {row.kind.value:<8} {row.status.value:<9}"
    if row.error:
        text += f" {row.error['code']}: {clean(row.error['message'], 200)}"
    return text.rstrip()

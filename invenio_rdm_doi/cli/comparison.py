# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Shows how a DOI differs here and at DataCite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import with_appcontext
from invenio_db import db

from ..audit.judge import wanted_of
from ..datacite.answers import clean
from ..datacite.errors import NotFound, Trouble
from ..metadata.attributes import Attributes
from ..metadata.comparison import differences
from ..metadata.describe import DumperError
from ..proxies import current_doi
from ..records.source import Reader
from ..registration import report
from ..registration.delivery import policy_of
from ..registration.preview import preview
from ..registration.target import ABSENT
from ..settings.model import Account
from .group import DOIParam, as_json, doi, require_enabled

DIFFERS = 3
"""Exit status: there is something to see."""

LENGTH = 500
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Change:
    """What would be sent for a DOI.

    :param differences: by name: what it is here, and what DataCite has.
    :param trouble: why it could not be compared.
    """

    doi: str
    differences: dict[str, tuple[Any, Any]]
    trouble: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "doi": self.doi,
            "differences": {
                name: {"here": here, "datacite": held}
                for name, (here, held) in self.differences.items()
            },
            "trouble": self.trouble,
        }


def changes(rows: Sequence[Any], everything: bool = False) -> Iterator[Change]:
    """What would be sent for some registrations: what is not as it was confirmed.

    DataCite is asked about those, to show what would change there.

    :param everything: also what is as it was confirmed.
    """
    settings = current_doi.settings
    for row in rows:
        account = settings.account_of(row.doi)
        if account is None:
            continue
        with db.session.no_autoflush:
            reader = Reader.create(settings.metadata)
            policy = policy_of(settings, account)
            wanted = wanted_of(row, row.confirmed_state, reader, policy)
        db.session.rollback()
        target = wanted.target
        if target is None:
            yield Change(row.doi, {}, wanted.error)
            continue
        absent = target.state is None and row.confirmed_state is None
        unchanged = row.confirmed_digest == target.digest or absent
        if unchanged and not everything:
            continue
        try:
            there = _held(account, row.doi)
        except Trouble as error:
            yield Change(row.doi, {}, str(error))
            continue
        yield Change(row.doi, _differences(target.state, target.attributes, there))


def _held(account: Account, doi: str) -> Attributes | None:
    try:
        return current_doi.client(account).read(doi)
    except NotFound:
        return None


def print_change(change: Change) -> None:
    """Print what would be sent."""
    if change.trouble:
        click.echo(f"{change.doi} could not be compared: {change.trouble}")
    elif change.differences:
        _print(change.doi, change.differences)
    else:
        click.echo(f"{change.doi} would be sent, and is the same at DataCite.")


@doi.command()
@click.argument("doi", metavar="DOI", type=DOIParam())
@as_json
@with_appcontext
def diff(doi: str, as_json: bool) -> None:
    """Show how a DOI differs here and at DataCite. Sends nothing that changes anything.

    The exit status is 3 if there is a difference, and 1 if it could not be compared.
    Example: invenio doi diff 10.1234/abcde-fgh12
    """
    require_enabled()
    row = report.find(doi)
    account = current_doi.account_of(row.doi if row else doi)
    if row is None:
        raise click.ClickException(f"{doi} is not known here.")
    try:
        with db.session.no_autoflush:
            reader = Reader.create(current_doi.settings.metadata)
            policy = policy_of(current_doi.settings, account)
            wanted = preview(row.doi, row.kind, row.owner_id, reader, policy)
        db.session.rollback()
        there = _held(account, wanted.doi)
    except (DumperError, Trouble) as error:
        raise click.ClickException(str(error)) from error
    found = _differences(wanted.state, wanted.payload, there)
    if as_json:
        found_json = {
            name: {"here": here, "datacite": held}
            for name, (here, held) in found.items()
        }
        click.echo(
            json.dumps(
                {"doi": wanted.doi, "differences": found_json},
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        _print(wanted.doi, found)
    if found:
        raise SystemExit(DIFFERS)


def _differences(
    state: str | None, payload: Attributes, there: Attributes | None
) -> dict[str, tuple[Any, Any]]:
    """By name: what it is here, and what DataCite has."""
    if state in (None, ABSENT):
        held = there["state"] if there else None
        return {"state": (None, held)} if held else {}
    if there is None:
        return {"state": (state, None)}
    found: dict[str, tuple[Any, Any]] = {}
    if there["state"] != state:
        found["state"] = (state, there["state"])
    for name in differences(payload, there):
        found[name] = (payload.get(name), there.get(name))
    return found


def _print(doi: str, found: dict[str, tuple[Any, Any]]) -> None:
    if not found:
        click.echo(f"{doi} is the same here and at DataCite.")
        return
    click.echo(f"{doi}: what DataCite has (-), and what it should have (+)")
    for name, (here, held) in found.items():
        click.echo(name)
        click.echo(click.style(f"  - {_plain(held)}", fg="red"))
        click.echo(click.style(f"  + {_plain(here)}", fg="green"))


def _plain(value: Any) -> str:
    if value is None:
        return "(nothing)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # DataCite's text may have the escapes of a terminal in it.
    return clean(text, LENGTH)

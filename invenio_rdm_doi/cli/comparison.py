# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi diff``: show the differences between a DOI here and at DataCite."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import with_appcontext

from ..datacite.answers import clean
from ..datacite.errors import Trouble
from ..metadata.describe import DumperError
from ..registration import report
from ..services.comparison import Change, compare
from .group import DOIParam, as_json, doi, require_enabled

DIFFERS = 3
"""Exit status: there are differences."""

LENGTH = 500
"""Maximum length of a value that is shown, in characters."""


def print_change(change: Change) -> None:
    """Print the change that would be sent for a DOI."""
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
    """Show the differences between a DOI here and at DataCite.

    The command changes nothing at DataCite. The exit status is 3 if there is a
    difference, and 1 if the DOI could not be compared.

    Example: invenio doi diff 10.1234/abcde-fgh12
    """
    require_enabled()
    row = report.find(doi)
    if row is None:
        raise click.ClickException(f"{doi} is not known here.")
    try:
        change = compare(row)
    except (DumperError, Trouble) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        found = change.to_dict()
        del found["trouble"]
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _print(change.doi, change.differences)
    if change.differences:
        raise SystemExit(DIFFERS)


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
    # DataCite's text may contain terminal escape sequences.
    return clean(text, LENGTH)

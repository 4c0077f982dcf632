# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``invenio doi check``: find problems before they make a DOI fail."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from ..datacite.preflight import Check
from ..proxies import current_doi
from ..services.checks import all_checks
from .group import as_json, doi


@doi.command()
@as_json
@with_appcontext
def check(as_json: bool) -> None:
    """Check the settings, the database tables and all accounts.

    For each account, the command checks the password, the prefixes and the URL domain.
    The exit status is 1 if anything is wrong.

    Example: invenio doi check --json
    """
    # Like all commands, in English; a page shows some of the checks, translated.
    with force_locale("en"):
        checks = all_checks()
        if as_json:
            click.echo(json.dumps([item.to_dict() for item in checks], indent=2))
        else:
            several = current_doi.enabled and len(current_doi.settings.others) > 0
            for item in checks:
                _print(item, several)
    if not all(item.ok for item in checks):
        raise SystemExit(1)


def _print(item: Check, several: bool) -> None:
    """Print the result of a check; if there are several accounts, name the account."""
    # Pad before styling, because color codes have a length, too.
    mark = click.style(f"{'ok':<6}", fg="green")
    if not item.ok:
        mark = click.style(f"{'FAIL':<6}", fg="red")
    whose = f"[{item.account}] " if several and item.account else ""
    click.echo(f"{mark}{whose}{item.code}: {item.message}")
    if item.advice:
        click.echo(f"      What to do: {item.advice}")

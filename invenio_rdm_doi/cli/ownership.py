# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands that decide who owns a DOI: explicit acts that no web request performs."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext
from invenio_access.permissions import system_identity
from invenio_db import db

from ..datacite.answers import clean
from ..datacite.errors import Trouble
from ..doi import managed_doi
from ..proxies import current_doi
from ..records.find import Found, find
from ..registration import intake
from ..registration.models import Kind
from ..services import ownership
from ..services.ownership import NotRemovable
from ..tasks import nudge
from .group import DOIParam, as_json, doi, require_enabled


@doi.command("take-over")
@click.argument("value", metavar="DOI", type=DOIParam())
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@with_appcontext
def take_over(value: str, yes: bool, as_json: bool) -> None:
    """Declare that a DOI at DataCite belongs to this repository.

    Use this for a DOI in the account that leads to another site: nothing is written to
    such a DOI before. DataCite then gets the record's metadata and the address of its
    page. Use it also for an external DOI whose prefix was added to the account: it
    becomes a managed DOI.

    Example: invenio doi take-over 10.1234/abcde-fgh12
    """
    require_enabled()
    found = find(value)
    if found is None:
        raise click.ClickException(
            f"No record or draft of this repository has {value}."
        )
    own = managed_doi(found.owner)
    if own is None:
        _require_manageable(found, value)
    if not yes:
        click.echo(_at_datacite(value))
        click.confirm(
            f"It will be overwritten with the metadata of record "
            f"{found.owner.pid.pid_value}. Continue?",
            abort=True,
        )
    if own is None:
        own = ownership.manage(found.owner, value)
    else:
        kind = Kind.CONCEPT if found.is_parent else Kind.RECORD
        intake.take_over(own, kind, found.owner.id)
        db.session.commit()
    nudge()
    if as_json:
        click.echo(json.dumps({"doi": own}))
    else:
        click.echo(f"{own} now belongs to this repository and will be updated.")


def _at_datacite(value: str) -> str:
    """Return a description of DataCite's data, for the operator's decision."""
    try:
        held = current_doi.client(current_doi.account_of(value)).look(value)
    except Trouble as trouble:
        return f"The state of {value} at DataCite is unknown: {trouble.message}"
    if held is None:
        return f"DataCite does not show this account the DOI {value}."
    return (
        f"At DataCite, {value} is {held.state}, belongs to {clean(held.client.upper())}"
        f" and leads to {clean(held.url or 'nothing')}."
    )


def _require_manageable(found: Found, value: str) -> None:
    """Refuse a DOI that cannot become a managed DOI."""
    recid = found.owner.pid.pid_value
    if found.is_parent or found.is_draft:
        raise click.ClickException(
            f"{value} is an external DOI of draft {recid}: publish that first."
        )
    if current_doi.settings.account_of(value) is None:
        raise click.ClickException(
            f"{value} is an external DOI of record {recid}, and no account has its "
            "prefix. If it is yours, add it to "
            "RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES, or to the prefixes of an "
            "account in RDM_RECORDS_DOI_DATACITE_ACCOUNTS."
        )


@doi.command()
@click.argument("value", metavar="DOI", type=DOIParam())
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@with_appcontext
def remove(value: str, yes: bool, as_json: bool) -> None:
    """Remove a published DOI from its record when the record is published next.

    DataCite keeps the DOI forever; its metadata are overwritten with a placeholder, and
    it is hidden.

    Example: invenio doi remove 10.1234/abcde-fgh12
    """
    require_enabled()
    found = find(value)
    if found is None or found.is_parent or found.is_draft:
        raise click.ClickException(f"No published record has {value}.")
    recid = found.owner.pid.pid_value
    if not yes:
        click.confirm(
            f"{value} will be hidden at DataCite when record {recid} is published "
            "again. Links to it then lead to a tombstone page. Continue?",
            abort=True,
        )
    try:
        current_doi.service.remove(system_identity, recid)
    except NotRemovable as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps({"doi": value, "record": recid}))
    else:
        click.echo(
            f"{value} will be removed from record {recid} when the record is "
            f"published next."
        )

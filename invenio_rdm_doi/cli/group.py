# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The group of all commands, and the code that they share."""

from __future__ import annotations

from typing import Any

import click
from idutils import normalize_doi
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from ..doi import is_storable_doi
from ..proxies import current_doi
from ..settings.model import Account

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

account_option = click.option(
    "--account", metavar="NAME", help="Only this account, by its name in the settings."
)


class DOIGroup(click.Group):
    """A command group that reports database errors in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except DBAPIError as error:
            raise click.ClickException(_explained(error)) from None


class DOIParam(click.ParamType):  # type: ignore[type-arg]
    """A DOI, in any common notation."""

    name = "DOI"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the bare DOI.

        Any other text is a usage error (exit status 2).
        """
        text = str(value).strip()
        try:
            doi = normalize_doi(text)
        except (AttributeError, ValueError):
            doi = text
        if not doi or not is_storable_doi(doi):
            self.fail(f"{text!r} is not a DOI, such as 10.1234/abcde-fgh12.")
        return doi


def require_enabled() -> None:
    """Exit with a one-line message if DOI registration is off."""
    if not current_doi.enabled:
        raise click.ClickException(
            "DOI registration is off. Set RDM_RECORDS_DOI_DATACITE_ENABLED = True in "
            "invenio.cfg."
        )


def chosen_accounts(name: str | None) -> tuple[Account, ...]:
    """Return the account with a name, or all accounts.

    An unknown name is a usage error (exit status 2).
    """
    settings = current_doi.settings
    if name is None:
        return settings.accounts
    account = settings.account_named(name)
    if account is None:
        names = ", ".join(a.name for a in settings.accounts)
        raise click.BadParameter(
            f"there is no account {name!r}; there are: {names}.",
            param_hint="'--account'",
        )
    return (account,)


def _explained(error: DBAPIError) -> str:
    name = type(error.orig).__name__
    if isinstance(error, ProgrammingError) and name in (
        "UndefinedTable",
        "UndefinedColumn",
    ):
        return (
            "The database does not have all tables of this version. Run "
            "'invenio alembic upgrade'."
        )
    if isinstance(error, OperationalError) or error.connection_invalidated:
        first = str(error.orig).strip().splitlines() or [name]
        return f"The database cannot be reached: {first[0]}"
    return f"The database refused a statement: {name}."


@click.group(cls=DOIGroup)
def doi() -> None:
    """Register DOIs with DataCite."""

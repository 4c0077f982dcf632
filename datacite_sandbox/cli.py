# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The ``datacite-sandbox`` command."""

from __future__ import annotations

import ipaddress
import signal
import socket
import sqlite3
import threading
from pathlib import Path
from typing import Any

import click

from .accounts import DEFAULT_ACCOUNT, Account
from .fault_scripts import ScriptError, read_rate

EXTRA = 'pip install "invenio-rdm-doi[sandbox]"'
"""Command that installs the sandbox's additional dependencies."""


def _rate(text: str | None) -> dict[str, Any] | None:
    """Parse a rate limit such as ``300/30``."""
    if text is None:
        return None
    requests, _, seconds = text.partition("/")
    try:
        return read_rate({"requests": int(requests), "seconds": float(seconds)})
    except ScriptError as error:
        raise click.BadParameter(str(error)) from error
    except ValueError as error:
        raise click.BadParameter("must be REQUESTS/SECONDS, like 300/30") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)


@click.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--open-to-network",
    is_flag=True,
    help="Listen on an address that other machines reach.",
)
@click.option("--port", default=5555, help="Port to listen on, 0 for any free one.")
@click.option(
    "--account",
    metavar="SYMBOL:PASSWORD",
    default=f"{DEFAULT_ACCOUNT.symbol}:{DEFAULT_ACCOUNT.password}",
    help="The repository account that may write.",
)
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    default=DEFAULT_ACCOUNT.prefixes,
    help="A prefix of the account; may be repeated.",
)
@click.option(
    "--domains",
    default="*",
    help="Hosts that URLs may have, comma separated; *.host for all below one.",
)
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the DOIs; without it they are gone with the program.",
)
@click.option(
    "--rate",
    metavar="REQUESTS/SECONDS",
    help="Answer 429 to more requests than that, like 300/30.",
    callback=lambda context, option, value: _rate(value),
)
def main(
    host: str,
    open_to_network: bool,
    port: int,
    account: str,
    prefixes: tuple[str, ...],
    domains: str,
    data: Path | None,
    rate: dict[str, Any] | None,
) -> None:
    """Run a local DataCite with its REST API, its rules and a page to inspect it.

    It connects to no other system: no DOI leaves this machine.
    """
    try:
        from .server import PortInUse, SandboxServer
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"The sandbox needs the package {error.name}. Install it with: {EXTRA}"
        ) from error
    if not open_to_network and not _is_loopback(host):
        raise click.BadParameter(
            f"other machines reach {host}, and whoever reaches the sandbox can change "
            "everything in it; add --open-to-network if that is wanted",
            param_hint="--host",
        )
    symbol, _, password = account.partition(":")
    try:
        owner = Account(symbol, password, prefixes, domains)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--account") from error
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        server = SandboxServer([owner], port, data, host)
        if rate is not None:
            server.rate(**rate)
        with server:
            click.echo(f"DataCite sandbox for {owner.symbol} at {server.url}")
            ended.wait()
    except PortInUse as error:
        message = f"{error}. Stop what runs there, or choose another --port."
        raise click.ClickException(message) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"cannot use {data}: {error}") from error

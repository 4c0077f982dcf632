# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The services that InvenioRDM needs, without Docker: PostgreSQL, Valkey, a search.

::

    with Services(sandbox=True) as services:
        subprocess.run(["invenio", ...], env={**os.environ, **services.environ})
        services.restart("broker")

or, for any command::

    python -m stack.services run --sandbox -- COMMAND ARGS...

A service is started only if no running one is given. These environment variables give
the address of a running service:

========  ===========================  ========================
service   variable                     started otherwise
========  ===========================  ========================
database  ``SQLALCHEMY_DATABASE_URI``  PostgreSQL
broker    ``BROKER_URL``               Valkey, also for caches
search    ``SEARCH_HOSTS``             osmem-server
sandbox   ``DATACITE_SANDBOX_URL``     the DataCite sandbox
========  ===========================  ========================
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from .broker import Broker
from .database import Database
from .processes import (
    ProcessError,
    Report,
    exit_on_signals,
    make_temporary_directory,
    remove_directory,
    say,
)
from .sandbox import Sandbox
from .search import Search
from .service import PortService, Service

#: The settings of InvenioRDM that default to a Redis on port 6379, with the number of
#: the database there, as in InvenioRDM's defaults.
REDIS_SETTINGS = {
    "CACHE_REDIS_URL": 0,
    "IIIF_CACHE_REDIS_URL": 0,
    "ACCOUNTS_SESSION_REDIS_URL": 1,
    "CELERY_RESULT_BACKEND": 2,
    "RATELIMIT_STORAGE_URI": 3,
    "COMMUNITIES_IDENTITIES_CACHE_REDIS_URL": 4,
}

SERVICES: tuple[type[Service], ...] = (Database, Broker, Search, Sandbox)


class Services:
    """All services, in the order of their dependencies.

    :param directory: directory for logs and data, which is kept; None: a temporary one.
    :param sandbox: whether the DataCite sandbox is started too.
    :param environ: variables that may give the addresses of running services.
    :param report: receives a line of text for each service.
    """

    def __init__(
        self,
        directory: Path | str | None = None,
        *,
        sandbox: bool = False,
        environ: Mapping[str, str] | None = None,
        report: Report = say,
    ) -> None:
        self._given_directory = Path(directory) if directory else None
        self._directory: Path | None = None
        self._given = os.environ if environ is None else environ
        self._wanted = [
            service for service in SERVICES if sandbox or service is not Sandbox
        ]
        self._report = report
        self._started: dict[str, Service] = {}

    def __enter__(self) -> Services:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def directory(self) -> Path:
        """The directory of the logs; available only while the services are started."""
        if self._directory is None:
            raise ProcessError("The services are not started.")
        return self._directory

    @property
    def logs(self) -> list[Path]:
        """The logs of the services that were started here."""
        return [service.log for service in self._started.values()]

    def start(self) -> None:
        """Start the services that are not given; if one fails, stop the others."""
        if self._given_directory is None:
            self._directory = make_temporary_directory("rdm-doi-")
        else:
            self._directory = self._given_directory.resolve()
            self._directory.mkdir(parents=True, exist_ok=True)
        try:
            for wanted in self._wanted:
                self._start_unless_given(wanted)
        except BaseException:
            self.stop()
            raise

    def _start_unless_given(self, wanted: type[Service]) -> None:
        if self._given.get(wanted.variable):
            self._report(f"{wanted.name}: the one that {wanted.variable} names")
            return
        service = wanted(self.directory)
        self._started[service.name] = service
        try:
            service.start()
        except ImportError as error:
            raise ProcessError(
                f"The {service.name} cannot be started: {error}. Install what it needs "
                "(pip install -e '.[demo]'), or say where one runs in the variable "
                f"{service.variable}."
            ) from error
        moved = (
            f" (port {service.preferred_port} is taken)"
            if isinstance(service, PortService)
            and service.port != service.preferred_port
            else ""
        )
        self._report(f"{service.name}: {service.location}{moved}")

    def stop(self) -> None:
        """Stop the started services, the last one first; remove temporary files."""
        for name in reversed(list(self._started)):
            service = self._started.pop(name)
            try:
                service.close()
            except Exception as error:  # the others must still be stopped
                self._report(f"{name} was not stopped cleanly: {error}")
        if self._directory is not None and self._given_directory is None:
            remove_directory(self._directory)
        self._directory = None

    def __getitem__(self, name: str) -> Service:
        """Return a service that was started here, by name."""
        try:
            return self._started[name]
        except KeyError:
            raise ProcessError(
                f"The {name} was not started here; started: "
                f"{', '.join(self._started) or 'nothing'}."
            ) from None

    def __contains__(self, name: str) -> bool:
        return name in self._started

    def restart(self, name: str) -> None:
        """Stop one service and start it at the same address."""
        self[name].restart()

    def location(self, name: str) -> str:
        """Return the address of a service, started here or given by its variable."""
        if name in self._started:
            return self._started[name].location
        variable = next(one.variable for one in SERVICES if one.name == name)
        return self._given[variable]

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables for child processes: the addresses of the services.

        pytest-invenio reads the plain names, an instance those with ``INVENIO_``.
        """
        found = {one.variable: self.location(one.name) for one in self._wanted}
        settings = {name: found[name] for name in found if name != Sandbox.variable}
        settings["CELERY_BROKER_URL"] = found[Broker.variable]
        settings.update(_redis_urls(found[Broker.variable]))
        settings = {
            f"INVENIO_{name}": self._given.get(f"INVENIO_{name}") or value
            for name, value in settings.items()
        }
        cache = settings.get("INVENIO_CACHE_REDIS_URL")
        if cache is not None:
            found["CACHE_REDIS_URL"] = self._given.get("CACHE_REDIS_URL") or cache
        return {**found, **settings}


def _redis_urls(broker_url: str) -> dict[str, str]:
    """Return the settings that need a Redis, all on the broker's server.

    If the broker is no Redis, the instance's own configuration applies.
    """
    url = urlsplit(broker_url)
    if url.scheme not in ("redis", "rediss"):
        return {}
    return {
        name: url._replace(path=f"/{number}").geturl()
        for name, number in REDIS_SETTINGS.items()
    }


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    # In the same process group: Ctrl-C and the terminal belong to the command.
    process = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command with all services up; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m stack.services")
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="run a command with the services up")
    run.add_argument("--sandbox", action="store_true", help="with a local DataCite")
    run.add_argument("--directory", help="keep logs and data here")
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ARGS...")
    options = parser.parse_args(arguments)
    command = options.command[options.command[:1] == ["--"] :]
    if not command:
        run.error("no command given")
    try:
        with (
            exit_on_signals(),
            Services(options.directory, sandbox=options.sandbox) as services,
        ):
            return _run(command, services.environ)
    except (ProcessError, OSError) as error:
        say(f"error: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

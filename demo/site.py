# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""An InvenioRDM instance in a directory of its own: set-up, web server, worker."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from stack.processes import HOST, Child, free_port
from stack.service import http_status
from stack.services import Services

CHECKOUT = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).with_name("instance")
#: Written by the set-up, read by whoever wants to log in.
ACCOUNTS_FILE = "accounts.json"

PREFERRED_WEB_PORT = 5000
SETUP_SECONDS = 300.0
START_SECONDS = 180.0


@dataclass(frozen=True)
class Account:
    """A ready-made user of the instance."""

    email: str
    password: str
    token: str


class Instance:
    """An instance on running services.

    :param services: started, with the sandbox.
    :param static_folder: built assets; without them only the REST API is of use.
    """

    def __init__(self, services: Services, static_folder: Path | None = None) -> None:
        self.directory = services.directory / "instance"
        self.port = free_port(PREFERRED_WEB_PORT)
        self._logs = services.directory
        self._static_folder = static_folder
        self._services = services
        self._processes: list[Child] = []

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://{HOST}:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """All variables of a process that runs as this instance."""
        environ = {
            **os.environ,
            **self._services.environ,
            "INVENIO_INSTANCE_PATH": str(self.directory),
            "INVENIO_SITE_UI_URL": self.url,
            "INVENIO_SITE_API_URL": f"{self.url}/api",
            "INVENIO_SITE_HOSTNAME": f"{HOST}:{self.port}",
            # Modules of the checkout, regardless of the current directory.
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONUNBUFFERED": "1",
            # No proxy lies between the worker and the sandbox.
            "NO_PROXY": HOST,
            "no_proxy": HOST,
        }
        if self._static_folder is not None:
            environ["INVENIO_STATIC_FOLDER"] = str(self._static_folder)
        return environ

    @property
    def logs(self) -> list[Path]:
        """The logs of what was started, for when something goes wrong."""
        return [process.log for process in self._processes]

    def _process(self, name: str, *command: str | Path) -> Child:
        return Child(
            name,
            command,
            self._logs / f"{name}.log",
            environ=self.environ,
            cwd=self.directory,
        )

    def set_up(self) -> dict[str, Account]:
        """Make the directory, tables, indices, vocabularies and users."""
        shutil.copytree(TEMPLATE, self.directory, dirs_exist_ok=True)
        setup = self._process("set-up", sys.executable, "-m", "demo.populate")
        try:
            setup.start()
            setup.wait(SETUP_SECONDS)
        finally:
            setup.stop()
        self._write_environ()
        accounts = json.loads((self.directory / ACCOUNTS_FILE).read_text())
        return {name: Account(**account) for name, account in accounts.items()}

    def _write_environ(self) -> None:
        """What a shell needs to run ``invenio`` as this instance."""
        lines = [
            f"export {name}={shlex.quote(value)}"
            for name, value in sorted(self.environ.items())
            if os.environ.get(name) != value
        ]
        lines.append(
            f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
        )
        self.shell_file.write_text("\n".join(lines) + "\n")

    @property
    def shell_file(self) -> Path:
        """To be read by a shell, before ``invenio doi …``."""
        return self._logs / "env.sh"

    def start(self) -> None:
        """Start the worker with its beat and the web server; wait for both."""
        programs = Path(sys.executable).parent
        worker = self._process(
            "worker",
            *(programs / "celery", "--app", "invenio_app.celery", "worker"),
            *("--beat", "--schedule", self.directory / "celerybeat-schedule"),
            *("--concurrency", "2", "--queues", "celery,low", "--loglevel", "INFO"),
        )
        # Werkzeug's threaded server: enough for one person, and there already.
        web = self._process(
            "web",
            *(programs / "invenio", "run", "--host", HOST, "--port", str(self.port)),
            *("--with-threads", "--no-reload", "--no-debugger"),
        )
        self._processes = [worker, web]
        for process in self._processes:
            process.start()
        worker.wait_ready(lambda: b" ready." in worker.output(), START_SECONDS)
        web.wait_ready(
            lambda: http_status(f"{self.url}/api/records", 30) == 200, START_SECONDS
        )

    def ended(self) -> Child | None:
        """A process that should be running and is not."""
        return next((one for one in self._processes if not one.running), None)

    def stop(self) -> None:
        """Stop what was started; the worker may finish what it is doing."""
        for process in reversed(self._processes):
            process.stop()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A complete InvenioRDM with pages, worker and sandbox, for one test run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.build_assets import built_assets
from demo.site import START_SECONDS, Account, Instance
from stack.processes import HOST, Child, free_port, say, tail
from stack.service import http_status
from stack.services import Services

from .rest import Repository
from .sandbox import Sandbox

SETTINGS = {
    # Tests do not wait for minutes until the next try.
    "DEMO_RETRY_SECONDS": "1",
    # The form offers to discard a reserved DOI only if that has an effect, such as the
    # deletion of a draft at DataCite.
    "DEMO_RESERVE_REMOTELY": "1",
}


class Site:
    """The running instance, with the data that tests need.

    :param url: of the web server where every record has a DOI.
    :param optional_url: of the one where DOIs are optional; both use the same backend.
    :param accounts: accounts that can log in, by name.
    :param instance: its directory and processes.
    """

    def __init__(
        self,
        url: str,
        optional_url: str,
        accounts: dict[str, Account],
        sandbox: Sandbox,
        instance: Instance,
    ) -> None:
        self._instance = instance
        self.url = url
        self.optional_url = optional_url
        self.accounts = accounts
        self.sandbox = sandbox

    def invenio(self, *arguments: str) -> str:
        """Run a command of the site; return its output, regardless of the status."""
        program = Path(sys.executable).with_name("invenio")
        ended = subprocess.run(
            [program, *arguments],
            env=self._instance.environ,
            cwd=self._instance.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.stdout + ended.stderr

    def repository(self, name: str = "depositor", url: str | None = None) -> Repository:
        """Return the REST API with the token of an account."""
        return Repository(url or self.url, self.accounts[name].token)


class _OptionalWeb:
    """A second web server of the instance, where a DOI is optional."""

    def __init__(self, instance: Instance) -> None:
        self.port = free_port(0)
        self.url = f"http://{HOST}:{self.port}"
        environ = {
            **instance.environ,
            "DEMO_DOI_OPTIONAL": "1",
            "INVENIO_SITE_UI_URL": self.url,
            "INVENIO_SITE_API_URL": f"{self.url}/api",
            "INVENIO_SITE_HOSTNAME": f"{HOST}:{self.port}",
        }
        self.child = Child(
            "web-optional",
            [
                *(Path(sys.executable).with_name("invenio"), "run"),
                *("--host", HOST, "--port", str(self.port)),
                *("--with-threads", "--no-reload", "--no-debugger"),
            ],
            instance.directory.parent / "web-optional.log",
            environ=environ,
            cwd=instance.directory,
        )

    def wait_ready(self) -> None:
        self.child.wait_ready(
            lambda: http_status(f"{self.url}/api/records", 30) == 200, START_SECONDS
        )


@contextmanager
def running_site() -> Iterator[Site]:
    """Start everything, and stop it at the end.

    Services named in the environment are not used: these tests have their own, so that
    there is no data of other tests in them.
    """
    static_folder = built_assets(say)
    with Services(sandbox=True, environ={}, report=_quiet) as services:
        os.environ.update(SETTINGS)
        instance = Instance(services, static_folder)
        children: list[Child] = []
        try:
            accounts = instance.set_up()
            optional = _OptionalWeb(instance)
            children.append(optional.child)
            # Start it in parallel with the other processes.
            optional.child.start()
            instance.start()
            optional.wait_ready()
            sandbox = Sandbox(services.location("sandbox"), services["sandbox"])
            yield Site(instance.url, optional.url, accounts, sandbox, instance)
        except BaseException:
            for log in (*instance.logs, *(child.log for child in children)):
                say(tail(log))
            raise
        finally:
            for name in SETTINGS:
                del os.environ[name]
            for child in children:
                child.stop()
            instance.stop()


def _quiet(_line: str) -> None:
    pass

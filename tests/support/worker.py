# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A real Celery worker, in a process of its own, on the tests' services."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETTINGS = (
    "ACCOUNTS_SESSION_REDIS_URL",
    "BROKER_URL",
    "CACHE_REDIS_URL",
    "COMMUNITIES_IDENTITIES_CACHE_REDIS_URL",
    "SEARCH_HOSTS",
    "SECRET_KEY",
    "SITE_API_URL",
    "SITE_UI_URL",
    "SQLALCHEMY_DATABASE_URI",
)
"""Settings of the tests that a separate instance needs."""

START_SECONDS = 120

THROUGH_BROKER = {"CELERY_TASK_ALWAYS_EAGER": False, "CELERY_RESULT_BACKEND": "rpc://"}
"""Configuration of Celery: tasks go to the broker, not to the process that calls."""


class Instance:
    """An instance folder, with the tests' configuration as ``invenio.cfg``."""

    def __init__(self, directory: Path, config: dict[str, Any]):
        self.directory = directory
        directory.mkdir(exist_ok=True)
        lines = [
            f"{name} = {value!r}"
            for name, value in config.items()
            if name in SETTINGS or name.startswith("RDM_RECORDS_DOI_")
        ]
        lines.append(f"CELERY_BROKER_URL = {config['BROKER_URL']!r}")
        (directory / "invenio.cfg").write_text("\n".join(lines) + "\n")
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("INVENIO_")},
            "INVENIO_INSTANCE_PATH": str(directory),
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``invenio …`` in the instance."""
        return subprocess.run(
            [str(Path(sys.executable).with_name("invenio")), *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )


class Worker:
    """``celery --app invenio_app.celery worker`` with two processes."""

    def __init__(self, instance: Instance, *options: str):
        self.instance = instance
        self.options = options
        self.log = instance.directory / "worker.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("celery")),
                    *("--app", "invenio_app.celery", "worker"),
                    *("--concurrency", "2", "--loglevel", "INFO"),
                    *self.options,
                ],
                env=self.instance.environ,
                cwd=self.instance.directory,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started = wait_for(
            lambda: b" ready." in self.log.read_bytes() or self.process.poll(),
            START_SECONDS,
        )
        assert started is True, self.log.read_text()[-4000:]

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait until a condition is true; return its last value in any case."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := condition()) and time.monotonic() < end:
        pause.wait(0.05)
    return value

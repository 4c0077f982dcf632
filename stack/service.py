# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Base classes of services that can be restarted at the same address."""

from __future__ import annotations

import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path

from .processes import Child, ProcessError, free_port

START_SECONDS = 60.0


class Service(ABC):
    """A service that can be started, stopped and started again at the same address."""

    name: str
    variable: str

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._child: Child | None = None

    @property
    @abstractmethod
    def location(self) -> str:
        """The value of the service's variable: its address."""

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
        """Stop it gracefully; persistent data is kept."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """Kill it like a crash."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Stop it and start it at the same address."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good and remove its own files."""
        self.stop()


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
        """Start it; at first on the preferred port or, if it is taken, another one."""
        if self.port is not None:
            self._start_on(self.port)
            return
        port = free_port(self.preferred_port)
        try:
            self._start_on(port)
        except ProcessError:
            # Another process may have taken the port since it was found free.
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


# Connections to this machine use no proxy.
_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_status(url: str, seconds: float = 2.0) -> int | None:
    """Return the status of the answer to a GET; None if there is no answer."""
    try:
        with _no_proxy.open(url, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None

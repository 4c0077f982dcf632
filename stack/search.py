# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The search engine (osmem-server)."""

from __future__ import annotations

from .processes import HOST, Child
from .service import PortService


class Search(PortService):
    """A search engine with OpenSearch's API, in memory: a restart deletes its data."""

    name = "search"
    variable = "SEARCH_HOSTS"
    preferred_port = 9200

    @property
    def location(self) -> str:
        """The list of hosts as a Python literal, as Invenio expects it."""
        return repr([{"host": HOST, "port": self.port}])

    def _command(self, port: int) -> list[str]:
        from osmem_server import resolve_binary

        return [
            *(resolve_binary(), "-addr", f"{HOST}:{port}"),
            *("-no-stdin-watch", "-no-ja"),
        ]

    def _ready(self, child: Child, port: int) -> bool:
        return b'"url"' in child.output()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DataCite sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

from .processes import HOST, Child, ProcessError
from .service import PortService, http_status

#: The account of the sandbox. Not a secret: it exists on this machine only.
SANDBOX_USERNAME = "DEMO.REPO"
SANDBOX_PASSWORD = "sandbox-password"
SANDBOX_PREFIX = "10.1234"


class Sandbox(PortService):
    """The package's local DataCite; it keeps its DOIs over a restart."""

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

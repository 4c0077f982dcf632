# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Runs the tests of the pages' JavaScript: ``python tests/js/run.py [vitest options]``.

They run with the very libraries that the pages are built with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from demo.processes import say  # noqa: E402
from demo.web import node_project  # noqa: E402


def main() -> int:
    """Run vitest; its exit status."""
    project = node_project(say)
    config = CHECKOUT / "tests" / "js" / "vitest.config.mjs"
    command = ["node", project / "node_modules" / "vitest" / "vitest.mjs", "run"]
    return subprocess.run(
        [*command, "--config", config, *sys.argv[1:]],
        cwd=CHECKOUT,
        env={**os.environ, "PAGES_PROJECT": str(project)},
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

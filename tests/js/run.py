# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks and tests of the pages' JavaScript: ``python tests/js/run.py [options]``.

They use the same libraries as the build of the pages, and InvenioRDM's own ESLint
rules, because its webpack project does not build code that violates them. The options
are passed to vitest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from demo.build_assets import node_project  # noqa: E402
from stack.processes import say  # noqa: E402

SOURCES = CHECKOUT / "invenio_rdm_doi" / "assets" / "semantic-ui" / "js"
TESTS = CHECKOUT / "tests" / "js"


def main() -> int:
    """Run ESLint, Prettier and vitest; return the first exit status that is not 0."""
    project = node_project(say)
    programs = project / "node_modules"
    rules = ("--no-eslintrc", "--config", project / ".eslintrc.js")
    plugins = ("--resolve-plugins-relative-to", project, "--max-warnings", "0")
    commands = [
        [programs / "eslint/bin/eslint.js", *rules, *plugins, SOURCES],
        [programs / "prettier" / _prettier(programs), "--check", *WIDTH]
        + [SOURCES, TESTS],
        [programs / "vitest/vitest.mjs", "run", "--config", TESTS / "vitest.config.mjs"]
        + sys.argv[1:],
    ]
    environ = {**os.environ, "PAGES_PROJECT": str(project), "NODE_ENV": "test"}
    for command in commands:
        found = subprocess.run(["node", *command], cwd=CHECKOUT, env=environ)
        if found.returncode:
            return found.returncode
    return 0


#: As in InvenioRDM's own packages.
WIDTH = ("--print-width", "88")


def _prettier(programs: Path) -> str:
    """Return the path of Prettier's program, which differs between releases."""
    package = json.loads((programs / "prettier" / "package.json").read_text())
    found = package["bin"]
    return found if isinstance(found, str) else found["prettier"]


if __name__ == "__main__":
    sys.exit(main())

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""docs/logs.rst lists exactly the log events of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def written():
    """Yield the events in the calls of loggers."""
    for path in (ROOT / "invenio_rdm_doi").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_log = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in METHODS
                and "logger" in ast.unparse(node.func.value)
            )
            if is_log:
                texts = [
                    one.value
                    for argument in node.args[:2]
                    for one in ast.walk(argument)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
                (event,) = [text for text in texts if text.startswith("doi.")]
                yield event.partition(": ")[0].replace("%s", "<outcome>")


def test_every_event_is_described():
    described = re.findall(
        r"^   \* - ``(doi\.[^`]+)``", (ROOT / "docs" / "logs.rst").read_text(), re.M
    )
    assert len(described) == len(set(described))
    assert set(described) == set(written())

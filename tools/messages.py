# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""List every text that people can read, with its place: ``python -m tools.messages``.

Translatable texts of the pages come from the catalog; other texts (commands, settings,
problem details and logs) are the string literals of the package that contain at least
two words. Read the list from top to bottom before each release.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "invenio_rdm_doi"
CATALOG = PACKAGE / "translations" / "messages.pot"

WORDS = re.compile(r"[A-Za-z]{2,}[,.:;]? +[a-z('\"{]")
SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|FROM|WHERE|ORDER BY|CREATE|ALTER)\b")
NO_TEXTS = ("alembic",)
"""Subpackages without texts for people."""


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return the string literals of a module, without docstrings.

    Placeholders of f-strings are shown as ``{}``.
    """
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            parts = [
                part.value if isinstance(part, ast.Constant) else "{}"
                for part in node.values
            ]
            skipped.update(id(part) for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        ):
            yield node.lineno, node.value


def command_helps(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return the docstrings of commands: they are the texts of ``--help``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            if re.search(r"\.(command|group)\(", decorators):
                yield node.lineno, ast.get_docstring(node) or ""


def messages() -> Iterator[tuple[str, str]]:
    """Return the place and the text of each message."""
    translated = set()
    with CATALOG.open("rb") as file:
        for message in read_po(file):
            if message.id:
                translated.add(message.id)
                place = message.locations[0] if message.locations else ("", 0)
                yield f"{place[0]}:{place[1]}", str(message.id)
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if path.relative_to(PACKAGE).parts[0] in NO_TEXTS:
            continue
        tree = ast.parse(path.read_text())
        for line, text in (*literals(tree), *command_helps(tree)):
            is_text = WORDS.search(text) and not SQL.search(text)
            if is_text and text not in translated:
                yield f"{name}:{line}", text


def main() -> None:
    """Print one message a line."""
    for place, text in messages():
        print(f"{place}: {' '.join(text.split())}")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Imports of InvenioRDM, and the package's requirements.

The layers of the package itself are contracts in ``pyproject.toml`` (import-linter).
"""

from __future__ import annotations

import ast
import configparser
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "invenio_rdm_doi"

HOST = (
    "invenio_app_rdm",
    "invenio_communities",
    "invenio_drafts_resources",
    "invenio_rdm_records",
    "invenio_requests",
    "invenio_vocabularies",
)
"""The packages that make up InvenioRDM."""

MAY_HOOK = ("rdm", "ui", "records")
"""Folders that may import any module of InvenioRDM."""

ALLOWED = {
    # The base class of all entries in the audit log.
    "invenio_drafts_resources.auditlog.actions",
    "invenio_rdm_records.proxies",
    "invenio_rdm_records.services.errors",
}
"""Modules of InvenioRDM that all other folders may import."""


def imports(path):
    """Yield the absolute names of all modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def modules(package):
    return [path for path in package.rglob("*.py") if "alembic" not in path.parts]


def test_only_hooks_and_readers_know_the_insides_of_invenio_rdm():
    found = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules(PACKAGE)
        if path.relative_to(PACKAGE).parts[0] not in MAY_HOOK
        for name in imports(path)
        if name.split(".")[0] in HOST and name not in ALLOWED
    ]
    assert found == []


def test_every_hook_is_plugged_in():
    """A module of ``rdm/`` either has ``use``, or is used by one that has."""
    text = (PACKAGE / "rdm" / "__init__.py").read_text()
    for path in (PACKAGE / "rdm").glob("*.py"):
        tree = ast.parse(path.read_text())
        functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        if "use" in functions and path.stem != "__init__":
            assert f"{path.stem}.use(" in text, path.stem


@pytest.mark.parametrize(
    ("package", "extra"), [("invenio_rdm_doi", None), ("datacite_sandbox", "sandbox")]
)
def test_what_is_imported_is_required(package, extra):
    config = configparser.RawConfigParser()
    config.read(CHECKOUT / "setup.cfg")
    lines = config["options"]["install_requires"].split("\n")
    if extra:
        lines += config["options.extras_require"][extra].split("\n")
    required = {Requirement(line).name.lower() for line in lines if line}
    owners = packages_distributions()
    missing = set()
    for path in modules(CHECKOUT / package):
        for name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in (package, "__future__"):
                continue
            names = {owner.lower().replace("_", "-") for owner in owners[top]}
            if not names & required:
                missing.add(top)
    assert missing == set()


def test_the_product_needs_nothing_of_the_sandbox():
    config = configparser.RawConfigParser()
    config.read(CHECKOUT / "setup.cfg")
    only = config["options.extras_require"]["sandbox"].split("\n")
    required = config["options"]["install_requires"]
    for line in filter(None, only):
        assert Requirement(line).name not in required

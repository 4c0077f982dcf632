# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The public interface is exported, documented and typed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import invenio_rdm_doi
from invenio_rdm_doi.datacite.asking import user_agent

ROOT = Path(__file__).parents[1]
CODE = ROOT / "tests" / "support" / "site_code.py"


def test_what_is_exported_is_documented_and_used():
    text = (ROOT / "docs" / "api.rst").read_text()
    documented = re.findall(r"^   \* - ``(\w+)``", text, re.M)
    assert sorted(documented) == sorted(invenio_rdm_doi.__all__)
    for name in invenio_rdm_doi.__all__:
        assert hasattr(invenio_rdm_doi, name)
        assert re.search(rf"\b{name}\b", CODE.read_text())


def check_types(path):
    return subprocess.run(
        [sys.executable, "-m", "mypy", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_code_of_a_site_has_correct_types():
    result = check_types(CODE)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('dict[str, Any]:\n    """Add', 'str:\n    """Add'),
        ('-> str:\n    """Return a DOI', '-> int:\n    """Return a DOI'),
        ("account_of(doi).name", "account_of(doi).nome"),
    ],
)
def test_wrong_code_of_a_site_has_not(tmp_path, right, wrong):
    assert right in CODE.read_text()
    path = tmp_path / "wrong_code.py"
    path.write_text(CODE.read_text().replace(right, wrong))
    result = check_types(path)
    assert result.returncode == 1, result.stdout


def test_the_user_agent_has_the_address_of_the_project():
    (address,) = [
        value.partition(", ")[2]
        for value in metadata.metadata("invenio-rdm-doi").get_all("Project-URL")
        if value.startswith("Repository, ")
    ]
    assert address in user_agent("doi@example.org")

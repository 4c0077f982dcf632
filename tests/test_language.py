# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Code and texts avoid words that a native reader stumbles over."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = re.compile(
    r"\b(told|mend(s|ed|ing)?|stands|without a word|somebody|whatever)\b", re.I
)
BRITISH = re.compile(
    r"\b(behaviour|colour|licence|(serial|normal|recogn|synchron|organ)is(e[sd]?|ing)|"
    r"catalogues?|cancelled)\b",
    re.I,
)
SUFFIXES = {
    ".py",
    ".rst",
    ".js",
    ".jsx",
    ".html",
    ".jinja",
    ".toml",
    ".cfg",
    ".sh",
    ".yml",
    ".md",
}
NOT_OURS = ("tests/metadata/fixtures/", "docs/_build/")
REASONS = {
    "invenio_rdm_doi/notices/tasks.py": "a key of stored data",
    # Names and texts of records, users and titles in tests; not our prose.
    "tests/e2e/test_record_page.py": "the title of a record",
    "tests/metadata/test_mutations.py": "the name of a contributor",
    "tests/metadata/test_what_librarians_see.py": "an identifier",
    "tests/registration/test_hiding.py": "a text that is searched for",
    "tests/registration/test_runs.py": "the name of a user",
    "tests/support/sandbox_client.py": "the name of a creator",
    "tests/test_language.py": "the list of words",
}


def files():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    for name in listed.stdout.split():
        if Path(name).suffix in SUFFIXES and not name.startswith(NOT_OURS):
            path = ROOT / name
            if path.exists():
                yield name, path.read_text()


def found(words):
    return {
        f"{name}:{number}: {line.strip()}"
        for name, text in files()
        if name not in REASONS
        for number, line in enumerate(text.splitlines(), 1)
        if words.search(line)
    }


def test_odd_words_are_not_used():
    assert found(WORDS) == set()


def test_each_exception_is_needed():
    texts = dict(files())
    assert all(WORDS.search(texts[name]) for name in REASONS)
    assert sum(len(WORDS.findall(texts[name])) for name in REASONS) < 20


def test_the_spelling_is_american():
    assert found(BRITISH) == set()

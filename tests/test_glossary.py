# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Code, tables, REST, pages and documentation use the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import invenio_rdm_doi
from invenio_rdm_doi import states
from invenio_rdm_doi.choices import options
from invenio_rdm_doi.registration import breaker
from invenio_rdm_doi.registration.models import Kind, Outcome, Status
from invenio_rdm_doi.services.service import STATUS_FOR_READERS

CHECKOUT = Path(__file__).parents[1]
PACKAGE = Path(invenio_rdm_doi.__file__).parent
RECORD_TEMPLATES = PACKAGE / "templates" / "semantic-ui" / "invenio_rdm_doi" / "record"
CHOICE_JS = (
    PACKAGE / "assets/semantic-ui/js/invenio_rdm_doi/deposit/choice.js"
).read_text()

WORDS = {
    "Status of a registration": {status.value for status in Status},
    "Outcome of a delivery": {outcome.value for outcome in Outcome},
    "State of the breaker": set(breaker.STATES),
    "Choice for a draft": {options.MANAGED, options.EXTERNAL, options.NONE},
    "State at DataCite": set(states.STATES),
}
"""Title of the glossary's table -> the words of the code."""

FORMER = (
    "AccountHealth",
    "Kind.PARENT",
    "PROVIDER_NAME",
    "(?<!PID)Status.HELD",
    "(?<!PID)Status.REGISTERED",
    "hold_until",
    "ledger",
    "permits",
)
"""Former words with two meanings, which must not be used anymore."""


SEPARATOR = re.compile(r"=+(\s+=+)+")


def tables(text):
    """Return the first columns of a document's simple tables, by preceding heading."""
    found = {}
    heading = None
    for block in re.split(r"\n\s*\n", text):
        lines = block.splitlines()
        if len(lines) == 2 and re.fullmatch(r"[-=]{3,}", lines[1].strip()):
            heading = lines[0]
        elif SEPARATOR.fullmatch(lines[0].strip()):
            rows = [
                line.split()[0].strip("`")
                for line in lines
                if not line.startswith(" ") and not SEPARATOR.fullmatch(line.strip())
            ]
            found.setdefault(heading, set()).update(rows)
    return found


@pytest.fixture(scope="module")
def glossary():
    return tables((CHECKOUT / "docs" / "glossary.rst").read_text())


@pytest.mark.parametrize("title", WORDS)
def test_the_glossary_has_exactly_the_words_of_the_code(glossary, title):
    assert glossary[title] == WORDS[title]


def test_kinds_are_in_the_glossary():
    text = (CHECKOUT / "docs" / "glossary.rst").read_text()
    for kind in Kind:
        assert f"``{kind.value}``" in text


def test_rest_says_of_every_status_one_of_these_words():
    assert set(STATUS_FOR_READERS) == set(Status)
    assert set(STATUS_FOR_READERS.values()) <= {status.value for status in Status}


@pytest.mark.parametrize("document", ["operation.rst", "rest.rst"])
def test_documents_explain_words_of_the_code_only(document):
    text = (CHECKOUT / "docs" / document).read_text()
    explained = next(
        rows for rows in tables(text).values() if {"findable", "withheld"} <= rows
    )
    assert explained - {"status", "null"} <= WORDS["Status of a registration"]


def test_the_pages_ask_for_these_words_only():
    asked = set()
    for template in RECORD_TEMPLATES.glob("*.html"):
        asked |= set(re.findall(r'status == "(\w+)"', template.read_text()))
    assert asked and asked <= WORDS["Status of a registration"]


def test_the_form_has_the_same_choices():
    constants = dict(re.findall(r'export const (\w+) = "(\w+)"', CHOICE_JS))
    assert set(constants.values()) == WORDS["Choice for a draft"]


def test_former_words_are_gone():
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]:
        if "alembic" in path.parts:
            continue
        text = path.read_text()
        assert not [w for w in FORMER if re.search(rf"{w}\b", text)], path

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Recognition of DOIs in typed and pasted text, as in ``tests/js/doi.test.jsx``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idutils import is_doi as host_takes

from invenio_rdm_doi.choices.spelling import Spelling, is_doi, read_doi

CASES = json.loads(
    (Path(__file__).parents[1] / "doi_spellings.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["typed"][:60])
def test_what_was_typed_is_read(case):
    assert read_doi(case["typed"]) == Spelling(
        case["doi"], case["reason"], case["suggestion"]
    )


def test_there_are_enough():
    assert len(CASES) >= 60
    assert len({case["typed"] for case in CASES}) == len(CASES)


PARTS = ["10.1234", "/", "abc", " ", ".", "doi:", "https://doi.org/", "<", ">", "%2F"]


@given(st.lists(st.sampled_from([*PARTS, "(", ")", "#", "?", "10/"]) | st.text()))
def test_what_was_read_is_a_doi_and_is_read_again_as_itself(parts):
    found = read_doi("".join(parts))
    if found.reason is None:
        assert is_doi(found.doi) and host_takes(found.doi)
        again = read_doi(found.doi)
        assert (again.doi, again.reason) == (found.doi, None)
    assert found.suggestion is None or is_doi(found.suggestion)

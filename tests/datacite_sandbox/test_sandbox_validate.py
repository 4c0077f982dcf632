# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""POST /dois/validate: always 200, nothing stored (DC:542)."""

from __future__ import annotations

import pytest

from .helpers import DOI, METADATA, metadata, read


def test_validate_tells_that_a_doi_is_valid_and_stores_nothing(owner):
    """DC:542, post_spec.rb:1576."""
    answer = owner.post("/dois/validate", doi=DOI, event="publish", **METADATA)
    assert read(answer)["titles"] == METADATA["titles"]
    assert "xml" not in read(answer)
    assert owner.get(f"/dois/{DOI}").status_code == 404


def test_validate_answers_200_with_errors(owner):
    """post_spec.rb:1650."""
    answer = owner.post("/dois/validate", doi=DOI, **metadata(creators=[]))
    assert answer.status_code == 200
    assert [error["source"] for error in answer.json()["errors"]] == ["creators"]


def test_validate_checks_what_the_event_asks_for(owner):
    sent = metadata(doi=DOI, url=...)
    assert read(owner.post("/dois/validate", **sent))["state"] == "draft"
    answer = owner.post("/dois/validate", event="publish", **sent)
    assert [error["source"] for error in answer.json()["errors"]] == ["url"]


def test_validate_skips_uniqueness_and_prefix(owner, other):
    other.put("10.5072/taken", **metadata())
    answer = owner.post("/dois/validate", doi="10.5072/taken", **METADATA)
    assert read(answer)["doi"] == "10.5072/taken"


def test_validate_checks_the_characters_of_the_doi(owner):
    """post_spec.rb:1600."""
    answer = owner.post("/dois/validate", doi="10.14454/107+03", **METADATA)
    error = {"source": "doi", "title": "Is invalid", "uid": "10.14454/107+03"}
    assert answer.json() == {"errors": [error]}


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 404), ("mistyped", 404), ("member", 404), ("inactive", 403)],
)
def test_validate_needs_a_repository(request, who, status):
    client = request.getfixturevalue(who)
    assert client.post("/dois/validate", doi=DOI).status_code == status

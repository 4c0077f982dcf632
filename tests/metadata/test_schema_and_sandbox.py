# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Payloads that this package's schema accepts are accepted and kept by the sandbox.

The two share no code: the sandbox follows DataCite's service, the schema follows
DataCite's documentation of it.
"""

from __future__ import annotations

import json
import random

import requests

from invenio_rdm_doi.metadata.validation import validate

from .test_fixtures import RECORDS, payload
from .test_mutations import mutate
from .test_round_trip import AUTH

TRIES = 400
SEED = 4711


def send(sandbox, attributes):
    """Return the answer to a PUT that requests the state findable."""
    data = {"type": "dois", "attributes": {**attributes, "event": "publish"}}
    return requests.put(
        f"{sandbox.url}/dois/10.1234/abc", json={"data": data}, auth=AUTH
    )


def test_what_passes_is_taken_and_nothing_of_it_is_dropped(sandbox):
    rng = random.Random(SEED)
    names = sorted(set(RECORDS) - {"many-authors"})
    passed = refused = 0
    for _ in range(TRIES):
        attributes = json.loads(json.dumps(payload(rng.choice(names))))
        what = mutate(attributes, rng)
        if attributes.get("doi") != "10.1234/abc":
            continue
        violations = validate(attributes, "findable")
        answer = send(sandbox, attributes)
        assert answer.status_code < 500 or violations, what
        if violations:
            refused += answer.status_code == 422
        else:
            passed += 1
            assert answer.status_code in (200, 201), (what, answer.text)
            assert not sandbox.log()[-1]["dropped"], what
    # Both happened often enough to make the test meaningful.
    assert passed > 20
    assert refused > 60

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""This package's schema and the independent judge agree on broken payloads.

Where they differ, this package's schema is stricter, for a reason that is given here.
It never accepts a payload that the judge refuses.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from invenio_rdm_doi.metadata import validation
from invenio_rdm_doi.metadata.validation import Violation, validate

from .judge import judge, needs_oracle
from .test_fixtures import RECORDS, payload

MUTATIONS = 500
SEED = 20261123

STRICTER = {
    "null is the same as nothing in XML; here it would be kept": (
        "null",
        "type|enum|required|oneOf|minProperties|minItems",
        ".*",
    ),
    "text may be empty in XML, and says nothing then": (
        "empty",
        "minLength|enum|pattern|contains",
        ".*",
    ),
    "numbers become text in XML": ("junk|empty", "type", ".*"),
    "a list or an object that says nothing": (
        "empty|remove",
        "minProperties|minItems",
        ".*",
    ),
    "elements of XML may be empty, but not missing in JSON": (
        "empty|remove|rename",
        "required",
        r"(creators|contributors|titles|subjects|dates|identifiers|descriptions|"
        r"relatedIdentifiers|relatedItems|fundingReferences|geoLocations)\.\d+.*",
    ),
    "the judge does not look at address and DOI": (
        ".*",
        "required|type|pattern|maxLength|minLength",
        "url|doi",
    ),
    "the XML Schema takes any text for a date": (
        "junk|empty",
        "pattern",
        r"dates\.\d+\.date",
    ),
    "the XML Schema takes nearly any text for an address": (
        "junk|empty",
        "pattern",
        r".*(Uri|URI|classificationCode)",
    ),
    "an identifier without its scheme cannot be understood": (
        "remove|rename",
        "dependentRequired",
        ".*",
    ),
    "years before 1000 are not read back as they were sent": (
        "empty|junk",
        "minimum|maximum",
        r"(relatedItems\.\d+\.)?publicationYear",
    ),
    "DataCite's database refuses more": (
        "junk",
        "maxLength",
        r"version|rightsList\.\d+\.rights",
    ),
    "DataCite drops identifiers of type DOI": (
        "junk",
        "not",
        r"identifiers\.\d+\.identifierType",
    ),
}
"""Reasons for refusing what the judge accepts: (mutations, rules, paths)."""


def nodes(value: Any, path: tuple = ()) -> list[tuple]:
    """Return the paths of all values in a payload."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += nodes(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += nodes(item, (*path, index))
    return found


def mutate(value: Any, rng: random.Random) -> str:
    """Break one random value in a payload; return a description of the change."""
    path = rng.choice([p for p in nodes(value) if p[0] != "schemaVersion"])
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    key, old = path[-1], holder[path[-1]]
    kind = rng.choice(["remove", "null", "empty", "list", "object", "junk", "rename"])
    if kind == "remove":
        del holder[key]
    elif kind == "null":
        holder[key] = None
    elif kind == "empty":
        holder[key] = type(old)() if isinstance(old, str | list | dict) else 0
    elif kind == "list":
        holder[key] = {"0": old} if isinstance(old, list) else [old]
    elif kind == "object":
        holder[key] = {"value": old}
    elif kind == "junk":
        holder[key] = rng.choice(
            [
                "Nonsense",
                99999,
                -1,
                181.5,
                "20",
                True,
                "DOI",
                "a b",
                "http://[",
                "x" * 3000,
            ]
        )
    elif isinstance(holder, dict):
        holder[f"{key}X"] = holder.pop(key)
    else:
        holder[key] = "Nonsense"
    return f"{kind} {'.'.join(map(str, path))}"


def reason(kind: str, violation: Violation) -> str | None:
    """Return the documented reason for a violation that the judge does not report."""
    for text, (kinds, rules, paths) in STRICTER.items():
        if (
            re.fullmatch(kinds, kind)
            and re.fullmatch(rules, violation.rule)
            and re.fullmatch(paths, violation.path)
        ):
            return text
    return None


@needs_oracle
def test_both_judges_agree_on_broken_payloads():
    rng = random.Random(SEED)
    # Three thousand authors would make nearly all mutations the same.
    names = sorted(set(RECORDS) - {"many-authors"})
    agreed, explained, unexplained = Counter(), Counter(), []
    for _ in range(MUTATIONS):
        broken = deepcopy(json.loads(json.dumps(payload(rng.choice(names)))))
        what = mutate(broken, rng)
        own = validate(broken, "findable")
        try:
            others = judge(broken)
        except (ValueError, AttributeError, TypeError) as error:
            others = [f"not even XML: {error}"]
        if bool(own) == bool(others):
            agreed[bool(own)] += 1
        elif others:
            unexplained.append((what, "only the judge", others))
        else:
            kind = what.split()[0]
            why = {reason(kind, violation) for violation in own}
            if None in why:
                unexplained.append((what, "only this package", own))
            explained.update(why)
    assert unexplained == []
    # The test is only useful if many payloads were broken, and refused by both.
    assert agreed[True] > MUTATIONS * 0.4
    assert sum(agreed.values()) > MUTATIONS * 0.6


@pytest.mark.parametrize(
    "broken",
    [
        {"creators": []},
        {"titles": []},
        {"types": None},
        {"publicationYear": None},
        {"publisher": None},
        {"types": {"resourceTypeGeneral": "Book chapter"}},
        {"contributors": [{"name": "Somebody"}]},
        {"dates": [{"date": "2026", "dateType": "Yesterday"}]},
        {"language": "not a language"},
        {"geoLocations": [{"geoLocationPoint": {"pointLongitude": 5}}]},
        {"fundingReferences": [{"awardURI": "https://x.org"}]},
        {"subjects": [{"subject": "x", "valueURI": "https://x.org"}]},
        {"relatedIdentifiers": [{"relatedIdentifier": "x", "relationType": "Cites"}]},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_what_datacite_refuses_or_drops_is_seen(broken):
    assert validate(payload("dataset"), "findable") == []
    violation, *_ = validate(payload("dataset") | broken, "findable")
    assert violation.attribute == next(iter(broken))


def test_a_draft_needs_nothing():
    assert validate({"doi": "10.1234/abc"}, "draft") == []
    assert validate({"doi": "10.1234/abc"}, "registered") != []


ODD = (
    float("nan"),
    float("inf"),
    10**30,
    1e300,
    "\ud800",
    "\x00",
    "é" * 300,
    "🎉",
    "\u0661\u0662",  # digits of another script
    "2026\n",
    (1, 2),
    {1: "x"},
)


@pytest.mark.parametrize("state", ["draft", "registered", "findable"])
def test_the_compiled_schema_says_yes_exactly_where_the_other_does(state):
    """The compiled schema alone decides that a payload is valid."""
    rng = random.Random(SEED)
    names = sorted(set(RECORDS) - {"many-authors"})
    said = Counter()
    for number in range(3 * MUTATIONS):
        value = deepcopy(json.loads(json.dumps(payload(rng.choice(names)))))
        if number % 10:
            mutate(value, rng)
        if number % 3 == 0:
            path = rng.choice(nodes(value))
            holder = value
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = rng.choice(ODD)
        complaints = next(validation._validator(state).iter_errors(value), None)
        valid = validation.is_valid(value, state)
        # Values that are not JSON are left to the other validator, which is decisive.
        assert not (valid and complaints), (value, complaints)
        said[valid, complaints is None] += 1
        if valid:
            assert validate(value, state) == []
    assert said[True, True] > 100 and said[False, False] > MUTATIONS
    assert said[False, True] < MUTATIONS * 0.1

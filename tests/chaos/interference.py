# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Changes and losses of DOIs at DataCite itself, all of which an audit must find."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import requests

from invenio_rdm_doi.registration.models import Registration

from ..support.audits import audit_and_fix
from .sandbox import ChaosSandbox, credentials

EACH = 3
"""The number of DOIs for each kind of interference."""

CHANGES: dict[str, dict[str, Any]] = {
    "changed": {"titles": [{"title": "Changed in Fabrica"}]},
    "wrong_state": {"event": "hide"},
    "wrong_url": {"url": "https://elsewhere.example.org/x"},
}


def interfere(chance: random.Random, sandbox: ChaosSandbox) -> set[tuple[str, str]]:
    """Change and lose some findable DOIs; return the findings expected of an audit."""
    dois = [row.doi for row in Registration.query.filter_by(confirmed_state="findable")]
    chosen = chance.sample(sorted(dois), min(len(dois), 4 * EACH))
    found = set()
    for number, doi in enumerate(chosen):
        kinds = ["missing", *sorted(CHANGES)]
        kind = kinds[number % len(kinds)]
        if kind == "missing":
            answer = requests.delete(
                f"{sandbox.location}/_sandbox/dois/{doi}", timeout=10
            )
        else:
            answer = requests.put(
                f"{sandbox.location}/dois/{doi}",
                json={"data": {"type": "dois", "attributes": CHANGES[kind]}},
                auth=credentials(doi),
                timeout=10,
            )
        answer.raise_for_status()
        found.add((doi, kind))
    return found


def repaired(
    chance: random.Random, sandbox: ChaosSandbox, settle: Callable[[], bool]
) -> list[str]:
    """Interfere, audit, and wait for the repair; return the errors."""
    wrong = [
        f"{doi}: {kind}, and nobody interfered" for doi, kind in sorted(audit_and_fix())
    ]
    planted = interfere(chance, sandbox)
    found = audit_and_fix()
    wrong += [f"{doi}: {kind} was not found" for doi, kind in sorted(planted - found)]
    wrong += [f"{doi}: {kind} was invented" for doi, kind in sorted(found - planted)]
    settle()
    wrong += [
        f"{doi}: {kind} was not repaired" for doi, kind in sorted(audit_and_fix())
    ]
    return wrong

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What DataCite should hold for a DOI now.

A function of its arguments: no application, no database, no network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ..metadata.attributes import Attributes, complete, placeholder

FINDABLE = "findable"
REGISTERED = "registered"
"""DataCite's states, in DataCite's words (https://support.datacite.org/docs/doi-states)."""


class Visibility(Enum):
    """Who may see the record behind a DOI."""

    PUBLIC = "public"
    """Anybody may read its metadata."""

    RESTRICTED = "restricted"
    """Its metadata must not leave the instance."""

    DELETED = "deleted"
    """It was public and was deleted; its landing page is a tombstone."""

    UNPUBLISHED = "unpublished"
    """There is only a draft, or nothing any more."""


@dataclass(frozen=True)
class Subject:
    """What is behind a DOI, as committed.

    :param url: the landing page, ``…/doi/<doi>``.
    :param known: whether DataCite knows the DOI, or may know it.
    :param year: the year in which the record was made in this repository.
    :param describe: makes the metadata; called only if it may be sent.
    """

    doi: str
    url: str
    visibility: Visibility
    known: bool
    year: int
    describe: Callable[[], Attributes]


@dataclass(frozen=True)
class Target:
    """What DataCite should hold: nothing (``state`` None) or a complete DOI.

    :param state: DataCite's state, or None if DataCite is not to hold anything.
    :param attributes: all of the metadata, url and schemaVersion included.
    """

    state: str | None
    attributes: Attributes = field(default_factory=dict, repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over state and attributes; equal targets have equal digests."""
        canonical = json.dumps(
            [self.state, self.attributes],
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


NOTHING = Target(state=None)


def target(subject: Subject) -> Target:
    """Decide what DataCite should hold for a DOI.

    A restricted record's metadata never leaves the instance. If DataCite has the DOI
    already, a placeholder takes the place of what it holds, because hiding alone
    leaves the metadata readable for other members of DataCite.
    """
    match subject.visibility:
        case Visibility.PUBLIC:
            return _complete(FINDABLE, subject, subject.describe())
        case Visibility.DELETED if subject.known:
            return _complete(REGISTERED, subject, subject.describe())
        case Visibility.RESTRICTED | Visibility.UNPUBLISHED if subject.known:
            return _complete(REGISTERED, subject, placeholder(subject.year))
        case _:
            return NOTHING


def _complete(state: str, subject: Subject, metadata: Attributes) -> Target:
    return Target(state, complete(metadata) | {"url": subject.url})

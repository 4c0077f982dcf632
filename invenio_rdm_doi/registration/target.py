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

from ..metadata.attributes import Attributes, complete
from ..metadata.describe import Description
from ..metadata.placeholder import TO_COME, placeholder
from ..states import DRAFT, FINDABLE, REGISTERED

ABSENT = "absent"
"""DataCite is not to have the DOI; possible only as long as it is a draft there."""


class Visibility(Enum):
    """Who may see what is behind a DOI."""

    PUBLIC = "public"
    """A record whose metadata anybody may read."""

    RESTRICTED = "restricted"
    """A record whose metadata must not leave the instance."""

    DELETED = "deleted"
    """A record that was public and was deleted; its landing page is a tombstone."""

    ERASED = "erased"
    """A deleted record whose tombstone shows nothing: its metadata are not for DataCite
    either."""

    RESERVED = "reserved"
    """A draft."""

    GONE = "gone"
    """Nothing: the DOI was given back, or its record is no longer in the database."""

    @property
    def must_hide(self) -> bool:
        """Whether DataCite must not show what it may have."""
        return self not in (Visibility.PUBLIC, Visibility.RESERVED)


@dataclass(frozen=True)
class Policy:
    """What the operator decided.

    :param placeholders: restricted records have a placeholder at DataCite.
    :param reserve_remotely: reserved DOIs are drafts at DataCite.
    :param keeps_deleted: DataCite keeps the metadata of deleted records.
    """

    placeholders: bool = False
    reserve_remotely: bool = False
    keeps_deleted: bool = True


@dataclass(frozen=True)
class Subject:
    """What is behind a DOI, as committed, and what DataCite may hold of it.

    :param url: the landing page, ``…/doi/<doi>``.
    :param remote_state: DataCite's state when it last answered; None: never sent.
    :param in_doubt: something was sent since, and no answer is known.
    :param year: the year in which the DOI was made in this repository.
    :param describe: makes the metadata; called only if it may be sent.
    :param record_ids: identifiers in the addresses of the record's pages.
    """

    doi: str
    url: str
    visibility: Visibility
    remote_state: str | None
    in_doubt: bool
    year: int
    describe: Callable[[], Description]
    record_ids: Callable[[], tuple[str, ...]] = tuple

    @property
    def has_public_past(self) -> bool:
        """Whether DataCite has, or may have, more than a draft."""
        return self.in_doubt or self.remote_state in (FINDABLE, REGISTERED)


@dataclass(frozen=True)
class Target:
    """What DataCite should hold.

    :param state: a state of DataCite's, ``absent``, or None: nothing has to be sent.
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


def target(subject: Subject, policy: Policy) -> Target:
    """Decide what DataCite should hold for a DOI.

    A restricted record's metadata never leaves the instance. If DataCite has the DOI
    already, a placeholder takes the place of what it holds, because hiding alone
    leaves the metadata readable for other members of DataCite.
    """
    match subject.visibility:
        case Visibility.PUBLIC:
            return _complete(FINDABLE, subject, subject.describe().attributes)
        case Visibility.DELETED if subject.has_public_past and policy.keeps_deleted:
            return _complete(REGISTERED, subject, subject.describe().attributes)
        case Visibility.DELETED | Visibility.ERASED if subject.has_public_past:
            return _complete(REGISTERED, subject, placeholder(subject.year))
        case Visibility.RESTRICTED if policy.placeholders or subject.has_public_past:
            return _complete(REGISTERED, subject, placeholder(subject.year))
        case Visibility.RESERVED | Visibility.GONE if subject.remote_state in (
            FINDABLE,
            REGISTERED,
        ):
            return _complete(REGISTERED, subject, placeholder(subject.year))
        case Visibility.RESERVED if policy.reserve_remotely:
            return _complete(DRAFT, subject, placeholder(subject.year, TO_COME))
        case Visibility.GONE if subject.in_doubt or subject.remote_state == DRAFT:
            return Target(ABSENT)
        case _:
            return NOTHING


def _complete(state: str, subject: Subject, metadata: Attributes) -> Target:
    return Target(state, complete(metadata) | {"url": subject.url})

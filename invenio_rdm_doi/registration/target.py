# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The target: what DataCite should hold for a DOI now.

The target depends only on the function's arguments: no application, no database, no
network.
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
"""DataCite must not have the DOI; possible only while it is a draft there."""


class Visibility(Enum):
    """The visibility of the record that a DOI identifies."""

    PUBLIC = "public"
    """A record whose metadata everyone may read."""

    RESTRICTED = "restricted"
    """A record whose metadata must not leave the instance."""

    DELETED = "deleted"
    """A record that was public and was deleted; its landing page is a tombstone."""

    ERASED = "erased"
    """A deleted record without a visible tombstone: its metadata must not be sent to
    DataCite either."""

    RESERVED = "reserved"
    """A draft."""

    GONE = "gone"
    """No record: the DOI was released, or its record was deleted from the database."""

    @property
    def must_hide(self) -> bool:
        """Whether a DOI that DataCite may have must be hidden."""
        return self not in (Visibility.PUBLIC, Visibility.RESERVED)


@dataclass(frozen=True)
class Policy:
    """The operator's decisions about targets.

    :param placeholders: whether restricted records have a placeholder at DataCite.
    :param reserve_remotely: whether reserved DOIs are drafts at DataCite.
    :param keeps_deleted: whether DataCite keeps the metadata of deleted records.
    """

    placeholders: bool = False
    reserve_remotely: bool = False
    keeps_deleted: bool = True


@dataclass(frozen=True)
class Subject:
    """The record or parent of a DOI, as committed, and its known state at DataCite.

    :param url: the landing page, ``…/doi/<doi>``.
    :param remote_state: DataCite's state in its last answer; None: never sent.
    :param in_doubt: whether a request was sent since, and its answer is not known.
    :param year: the year in which the DOI was created in this repository.
    :param describe: returns the metadata; called only if they may be sent.
    :param record_ids: returns the identifiers in the addresses of the record's pages.
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
    """The state and metadata that DataCite should hold.

    :param state: a state of DataCite, ``absent``, or None: nothing has to be sent.
    :param attributes: all metadata, including url and schemaVersion.
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
    already, a placeholder replaces what it holds, because hiding alone leaves the
    metadata readable for other members of DataCite.
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

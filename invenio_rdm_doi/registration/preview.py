# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A preview of a delivery. Sends nothing and changes nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..metadata.attributes import Attributes
from ..metadata.source import Note
from ..metadata.validation import Violation, validate
from ..records.source import Reader
from .models import Kind
from .queue import Claim
from .report import find
from .subject import load
from .target import ABSENT, Policy, Visibility, target


@dataclass(frozen=True)
class Preview:
    """The data that DataCite would receive.

    :param state: DataCite's state, ``absent``, or None: nothing is sent.
    :param payload: the attributes; empty if nothing is sent.
    :param notes: data that DataCite receives in another form, or not at all.
    :param violations: data that DataCite would refuse or drop; then nothing is sent.
    """

    doi: str
    visibility: Visibility
    state: str | None
    payload: Attributes = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    violations: tuple[Violation, ...] = ()


def preview(
    doi: str, kind: Kind, owner_id: uuid.UUID, reader: Reader, policy: Policy
) -> Preview:
    """Return what a delivery of this DOI would send now.

    :raises DumperError: if one of the site's own dumpers failed.
    """
    row = find(doi)
    claim = Claim(
        id=row.id if row else uuid.uuid4(),
        token=uuid.uuid4(),
        doi=doi,
        kind=kind,
        owner_id=owner_id,
        revision=row.revision if row else 1,
        failures=0,
        confirmed_state=row.confirmed_state if row else None,
        confirmed_digest=None,
        in_doubt=row.in_doubt if row else False,
        created=row.created if row else datetime.now(UTC),
    )
    subject = load(claim, reader)
    wanted = target(subject, policy)
    if wanted.state in (None, ABSENT):
        return Preview(doi, subject.visibility, wanted.state)
    payload = {"doi": doi, **wanted.attributes}
    is_described = subject.visibility in (Visibility.PUBLIC, Visibility.DELETED)
    return Preview(
        doi,
        subject.visibility,
        wanted.state,
        payload,
        subject.describe().notes if is_described else (),
        tuple(validate(payload, wanted.state)),
    )

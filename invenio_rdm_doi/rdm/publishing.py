# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What is known while a draft is published: which DOIs were made for it.

The host's components make them, one component of this package runs before, and one
after. A DOI that is made and asked for in one transaction needs one statement, not two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NAME = "_invenio_rdm_doi_made"


def begin(draft: Any, record: Any) -> None:
    """A draft is about to be published."""
    made: set[str] = set()
    for owner in _owners(draft, record):
        setattr(owner, NAME, made)


def note_made(owner: Any, doi: str | None) -> bool:
    """Note that a DOI was made for a record or parent; False: it is not published now.

    :param doi: None: it was brought, and not made.
    """
    made = getattr(owner, NAME, None)
    if made is None:
        return False
    if doi is not None:
        made.add(doi)
    return True


def end(draft: Any, record: Any) -> frozenset[str]:
    """Return the DOIs that were made; nothing is noted any more."""
    made: frozenset[str] = frozenset(getattr(record, NAME, None) or ())
    for owner in _owners(draft, record):
        if hasattr(owner, NAME):
            delattr(owner, NAME)
    return made


def _owners(draft: Any, record: Any) -> Iterator[Any]:
    for owner in (draft, record):
        if owner is not None:
            yield owner
            yield owner.parent

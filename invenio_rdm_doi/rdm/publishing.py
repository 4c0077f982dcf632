# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The DOIs that are created while a draft is published.

InvenioRDM's components create them; one component of this package runs before them, and
one after. If a DOI is created and its registration requested in one transaction, this
needs one statement instead of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NAME = "_invenio_rdm_doi_made"


def begin(draft: Any, record: Any) -> None:
    """Start to collect the DOIs of a draft that is about to be published."""
    made: set[str] = set()
    for owner in _owners(draft, record):
        setattr(owner, NAME, made)


def note_made(owner: Any, doi: str | None) -> bool:
    """Note that a DOI was created for a record or parent.

    :param doi: None if an existing DOI was brought in, and not created here.
    :returns: False if the record or parent is not being published now.
    """
    made = getattr(owner, NAME, None)
    if made is None:
        return False
    if doi is not None:
        made.add(doi)
    return True


def end(draft: Any, record: Any) -> frozenset[str]:
    """Return the DOIs that were created, and stop collecting them."""
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

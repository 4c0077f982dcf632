# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: links of records and drafts, without those of DOIs that are not made yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..doi import any_doi

LINKS = ("doi", "self_doi", "self_doi_html")
"""Of a record or draft; the host shows them also if the DOI is empty."""


def use(service: Any) -> None:
    """Show the links only of what has a DOI.

    The choice of a new DOI is saved as an empty identifier, and ``https://doi.org/``
    leads to nothing of the draft's.
    """
    links = service.config.links_item
    for name in LINKS:
        for link in _leaves(links.get(name)):
            before = link._when_func
            if not getattr(before, "of_made_dois", False):
                link._when_func = _of_made_dois(before)


def _leaves(link: Any) -> Iterator[Any]:
    """The links that a conditional one chooses from."""
    parts = [getattr(link, name, None) for name in ("_if_link", "_else_link")]
    if any(parts):
        for part in parts:
            yield from _leaves(part)
    elif hasattr(link, "_when_func"):
        yield link


def _of_made_dois(before: Any) -> Any:
    def when(record: Any, context: Any) -> bool:
        return bool(any_doi(record)) and (before is None or before(record, context))

    when.of_made_dois = True  # type: ignore[attr-defined]
    return when

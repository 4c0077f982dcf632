# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: links of records and drafts, without links for DOIs that do not exist yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask

from .. import hooks
from ..doi import any_doi

LINKS = ("doi", "self_doi", "self_doi_html")
"""Links of a record or draft that InvenioRDM shows even if the DOI is empty."""


def use(app: Flask, service: Any) -> None:
    """Show these links only for records and drafts with a DOI.

    The choice of a new DOI is saved as an empty identifier, and the resulting link
    ``https://doi.org/`` does not lead to the draft.
    """
    links = service.config.links_item
    for name in LINKS:
        found = list(_leaves(links.get(name)))
        hooks.note(app, "links", bool(found))
        for link in found:
            before = link._when_func
            if not getattr(before, "of_made_dois", False):
                link._when_func = _of_made_dois(before)


def _leaves(link: Any) -> Iterator[Any]:
    """Yield the links that a conditional link selects from."""
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Metadata that reveal nothing about a record and that DataCite accepts."""

from __future__ import annotations

from .attributes import Attributes

UNAVAILABLE = "(:unav)"
"""DataCite's standard value for "unavailable, possibly unknown" (appendix 3)."""

SUPPRESSED = "(:unal)"
"""DataCite's standard value for "unallowed, suppressed intentionally" (appendix 3)."""

TO_COME = "(:tba)"
"""DataCite's standard value for "to be assigned or announced later" (appendix 3)."""


def placeholder(year: int, value: str = SUPPRESSED) -> Attributes:
    """Return metadata that reveal nothing about a record and that DataCite accepts.

    :param year: any year that does not come from the record's metadata.
    :param value: the DataCite standard value that gives the reason for the placeholder.
    """
    return {
        "titles": [{"title": value}],
        "creators": [{"name": value, "nameIdentifiers": [], "affiliation": []}],
        "publisher": {"name": value},
        "publicationYear": year,
        "types": {"resourceTypeGeneral": "Other", "resourceType": value},
        # Other clients may have set it at DataCite; all other values of the record are
        # cleared by the complete set of attributes.
        "reason": None,
    }

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Metadata of a deleted record."""

from __future__ import annotations

from typing import Any

from ..metadata.describe import Description, withdrawn
from ..metadata.source import Source
from ..metadata.text import line


def describe_withdrawal(
    record: Any, source: Source, description: Description
) -> Description:
    """Add the date and the reason of a record's deletion to its metadata.

    DataCite requests this:
    https://support.datacite.org/docs/what-should-i-do-if-the-resource-that-a-doi-points-to-is-retracted
    """
    tombstone = record.tombstone
    reason = None
    # Data that the tombstone page does not show is not sent to DataCite either.
    if tombstone.is_visible:
        entry = source.look_up("removalreasons", tombstone.removal_reason)
        title = (entry.get("title") or {}).get("en") or entry.get("id")
        parts = [title, tombstone.note]
        reason = line(". ".join(part.rstrip(". ") for part in parts if part))
    return withdrawn(description, str(tombstone.removal_date)[:10], reason)

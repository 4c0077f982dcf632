# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reasons for failed DOIs, for users who can correct the record."""

from __future__ import annotations

import re
from typing import Any

from invenio_i18n import lazy_gettext as _

from ..datacite.errors import Invalid, Refused, TooLarge
from ..proxies import current_doi
from ..registration.models import Registration, Status

LABELS = {
    "metadata.creators": _("Creators"),
    "metadata.title": _("Title"),
    "metadata.publisher": _("Publisher"),
    "metadata.publication_date": _("Publication date"),
    "metadata.resource_type": _("Resource type"),
    "metadata.subjects": _("Keywords and subjects"),
    "metadata.contributors": _("Contributors"),
    "metadata.dates": _("Dates"),
    "metadata.languages": _("Languages"),
    "metadata.identifiers": _("Alternate identifiers"),
    "metadata.related_identifiers": _("Related works"),
    "custom_fields": _("Publishing information"),
    "metadata.sizes": _("Sizes"),
    "metadata.formats": _("Formats"),
    "metadata.version": _("Version"),
    "metadata.rights": _("Licenses"),
    "metadata.description": _("Description"),
    "metadata.locations": _("Locations"),
    "metadata.funding": _("Funding"),
    "pids.doi": _("Digital Object Identifier"),
}
"""Labels that the deposit form shows for its fields."""

OF_THE_METADATA = frozenset(kind.code for kind in (Refused, Invalid, TooLarge))
"""Errors that depositors can correct; others, and their texts, are for operators."""

TOO_LARGE = _("The record's metadata are too large. Shorten very long entries.")


def problem(registration: Registration | None) -> dict[str, Any] | None:
    """Return why a registration failed; None if it did not.

    :returns: ``code`` and ``complaints``, each with the ``field`` of the deposit form,
        its ``label`` (both may be None) and a description of the error as ``title``.
        There are no complaints if the error cannot be corrected in the form.
    """
    if registration is None or registration.status is not Status.FAILED:
        return None
    error = registration.error or {}
    code = error.get("code")
    complaints = error.get("complaints", []) if code in OF_THE_METADATA else []
    if code == TooLarge.code:
        # A server in front of DataCite reports this, without details of the record.
        complaints = [{"title": str(TOO_LARGE)}]
    return {"code": code, "complaints": [_complaint(item) for item in complaints]}


def _complaint(item: dict[str, Any]) -> dict[str, Any]:
    field = item.get("field")
    label = LABELS.get(field or "")
    # Users must not see account names, but DataCite's messages may contain them.
    title = item.get("title") or ""
    for account in current_doi.settings.accounts:
        title = re.sub(re.escape(account.symbol), "…", title, flags=re.IGNORECASE)
    return {
        "field": field,
        "label": None if label is None else str(label),
        "title": title,
    }

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands: ``invenio doi …``."""

from . import (
    audits,
    checks,
    comparison,
    drafts,
    many,
    metadata,
    ownership,
    reconciliation,
    registrations,
)
from .group import doi

__all__ = (
    "audits",
    "checks",
    "comparison",
    "doi",
    "drafts",
    "many",
    "metadata",
    "ownership",
    "reconciliation",
    "registrations",
)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands: ``invenio doi …``."""

from . import checks, drafts, metadata, ownership, registrations
from .group import doi

__all__ = ("checks", "doi", "drafts", "metadata", "ownership", "registrations")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands: ``invenio doi …``."""

from . import drafts, metadata, registrations
from .group import doi

__all__ = ("doi", "drafts", "metadata", "registrations")

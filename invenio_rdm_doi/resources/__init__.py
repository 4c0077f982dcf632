# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""REST API for the DOIs of records and drafts."""

from .config import DOIResourceConfig
from .resource import DOIResource

__all__ = ("DOIResource", "DOIResourceConfig")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Services for the DOIs of records: for depositors, curators and readers."""

from .config import DOIServiceConfig
from .service import DOIService

__all__ = ("DOIService", "DOIServiceConfig")

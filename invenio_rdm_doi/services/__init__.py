# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What depositors, curators and readers may know of a record's DOI."""

from .config import DOIServiceConfig
from .service import DOIService

__all__ = ("DOIService", "DOIServiceConfig")

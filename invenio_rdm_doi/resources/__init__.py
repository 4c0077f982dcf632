# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""REST API: ``/api/records/<id>/doi`` and ``/api/records/<id>/draft/doi``."""

from .config import DOIResourceConfig
from .resource import DOIResource

__all__ = ("DOIResource", "DOIResourceConfig")

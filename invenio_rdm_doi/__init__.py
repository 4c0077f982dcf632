# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite DOI registration for InvenioRDM.

The names in ``__all__`` are the public interface for sites (``docs/api.rst``).
Everything else may change with any release.
"""

from .ext import InvenioRDMDOI
from .metadata.source import Dumper
from .proxies import current_doi
from .rdm.provider import DataCitePIDProvider
from .settings.model import DOIFormatter
from .settings.problem import ConfigurationError
from .signals import delivered

__version__ = "0.1.0"

__all__ = (
    "ConfigurationError",
    "DOIFormatter",
    "DataCitePIDProvider",
    "Dumper",
    "InvenioRDMDOI",
    "__version__",
    "current_doi",
    "delivered",
)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite DOI registration for InvenioRDM that loses no DOIs and leaks no metadata."""

from .ext import InvenioRDMDOI

__version__ = "0.1.0"

__all__ = ("InvenioRDMDOI", "__version__")

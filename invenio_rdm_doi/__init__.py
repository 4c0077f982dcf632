# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite DOI registration for InvenioRDM that never loses and never leaks."""

from .ext import InvenioRDMDOI

__version__ = "0.1.0"

__all__ = ("InvenioRDMDOI", "__version__")

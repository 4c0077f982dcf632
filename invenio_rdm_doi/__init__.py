# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite DOI registration for InvenioRDM that never loses and never leaks."""

__version__ = "0.1.0"

__all__ = ("__version__",)

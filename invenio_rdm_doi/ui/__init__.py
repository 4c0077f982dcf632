# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Additions to InvenioRDM's pages: templates, scripts, the DOI panel."""

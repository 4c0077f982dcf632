# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Database access to InvenioRDM's records and the data for their descriptions.

Only :mod:`.searches` queries a search index; everything else comes from the database,
which includes the latest commits.
"""

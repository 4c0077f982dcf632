# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads records of the host, and all that their descriptions need, from the database.

No search index is asked: what was committed a moment ago is what counts.
"""

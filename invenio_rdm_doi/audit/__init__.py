# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Compares the registrations with DataCite's own list, and takes over what was there.

Stands above the registrations: a delivery knows nothing of it.
"""

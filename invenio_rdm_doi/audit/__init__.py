# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Audits against DataCite's own list, and adoption of DOIs that it already has.

This package builds on the registrations; deliveries do not depend on it.
"""

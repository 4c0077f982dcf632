# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Errors of taking a DOI off its record."""

from __future__ import annotations


class NotRemovable(Exception):
    """A DOI cannot be taken off its record; says why."""

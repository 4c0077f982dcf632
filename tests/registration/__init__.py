# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tests of registrations: what is wanted, claimed, delivered and settled."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks metadata before they are sent: those of one draft, or of all records."""

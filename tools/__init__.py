# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""For those who develop the package; it is not installed."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The deposit form, the record page and the list of uploads, in a real browser."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Browser tests of the deposit form, the record page and the list of uploads."""

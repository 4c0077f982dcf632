# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Every hook into InvenioRDM, and nothing else.

When InvenioRDM changes, look here only.
"""

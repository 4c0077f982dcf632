# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The demo: a whole InvenioRDM on embedded services.

Run from the checkout; not part of the installed package.
"""

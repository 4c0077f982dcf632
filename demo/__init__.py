# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A whole InvenioRDM on embedded services, to try the package and to test it.

Run from the checkout; not part of the installed package.
"""

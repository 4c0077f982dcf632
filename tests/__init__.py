# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tests: one folder for each folder of the package.

``support/`` has helpers, ``e2e/`` the tests in a browser, ``js/`` those of the pages'
JavaScript, ``chaos/`` the tests in which everything fails that can fail.
"""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tests, with one folder for each folder of the package.

``support/`` contains helpers, ``e2e/`` the browser tests, ``js/`` the tests of the
pages' JavaScript, and ``chaos/`` the tests in which every component fails.
"""

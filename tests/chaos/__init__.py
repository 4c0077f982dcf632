# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A test in which every component fails: ``python -m tests.chaos --dois 1000``.

Prints one JSON object at the end with the lost, leaked and stuck DOIs. The option
``--seed 1`` sets the random seed.
"""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Everything fails that can fail: ``python -m tests.chaos --dois 1000 --seed 1``.

Prints one JSON object at the end, with what was lost, leaked or stuck.
"""

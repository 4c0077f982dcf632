# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Benchmarks: ``python -m benchmarks.NAME``. Each prints one JSON object at the end."""

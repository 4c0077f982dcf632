# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Prometheus metrics of DOI registration.

* :mod:`.totals`: cumulative numbers of deliveries, read from the database
* :mod:`.collector`: all metrics
* :mod:`.view`: the endpoint

All numbers come from the database, so that all web processes return the same values.
"""

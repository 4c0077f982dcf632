# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Metrics for Prometheus: how the registration of DOIs is doing.

* :mod:`.totals`: deliveries since the beginning, read from the database
* :mod:`.collector`: all metrics
* :mod:`.view`: the endpoint

All numbers come from the database: several web processes answer alike.
"""

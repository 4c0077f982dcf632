# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Proxy to the current application's extension."""

from flask import current_app
from werkzeug.local import LocalProxy

current_doi = LocalProxy(lambda: current_app.extensions["invenio-rdm-doi"])
"""The :class:`invenio_rdm_doi.ext.InvenioRDMDOI` of the current application."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Proxy to the current application's extension."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from werkzeug.local import LocalProxy

if TYPE_CHECKING:
    from .ext import InvenioRDMDOI

current_doi = cast(
    "InvenioRDMDOI", LocalProxy(lambda: current_app.extensions["invenio-rdm-doi"])
)
"""The :class:`invenio_rdm_doi.ext.InvenioRDMDOI` of the current application."""

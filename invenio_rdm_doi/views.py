# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Blueprints."""

from __future__ import annotations

from flask import Blueprint, Flask

from .monitoring import view as monitoring
from .ui import panel
from .ui.templates import context


def create_api_blueprint(app: Flask) -> Blueprint:
    """Return the REST API; empty while DOI registration is off."""
    extension = app.extensions["invenio-rdm-doi"]
    if extension.resource is None:
        return Blueprint("invenio_rdm_doi_api", __name__)
    blueprint = extension.resource.as_blueprint()
    blueprint.add_url_rule(monitoring.PATH, "metrics", monitoring.metrics())
    return blueprint


def create_management_blueprint(app: Flask) -> Blueprint:
    """Return the REST API for DOI managers; empty while DOI registration is off."""
    extension = app.extensions["invenio-rdm-doi"]
    if extension.management is None:
        return Blueprint("invenio_rdm_doi_management", __name__)
    return extension.management.as_blueprint()


def create_ui_blueprint(app: Flask) -> Blueprint:
    """Return the templates, their functions, and the view of a record's DOI status."""
    blueprint = Blueprint("invenio_rdm_doi", __name__, template_folder="templates")
    blueprint.app_context_processor(context)
    if app.extensions["invenio-rdm-doi"].enabled:
        blueprint.add_url_rule("/records/<pid_value>/doi", "status", panel.status)
    return blueprint

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Configuration of the resource."""

from __future__ import annotations

import marshmallow as ma
from flask_resources import ResourceConfig
from invenio_rdm_records.resources.config import error_handlers
from invenio_records_resources.services.base.config import ConfiguratorMixin


class DOIResourceConfig(ResourceConfig, ConfiguratorMixin):
    """Addresses and arguments."""

    blueprint_name = "invenio_rdm_doi_api"
    url_prefix = "/records"
    routes = {
        "item": "/<pid_value>/doi",
        "draft": "/<pid_value>/draft/doi",
        "new": "/draft/doi",
    }

    request_view_args = {"pid_value": ma.fields.Str()}
    request_search_args = {
        "typed": ma.fields.Str(validate=ma.validate.Length(max=1024)),
    }
    # As the host answers about the same records and drafts.
    error_handlers = error_handlers

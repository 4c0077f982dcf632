# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Configuration of the resource."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_resources import HTTPJSONException, ResourceConfig, create_error_handler
from invenio_i18n import lazy_gettext as _
from invenio_records_resources.services.base.config import ConfiguratorMixin

from ..services.ownership import NotRemovable

MOST_IDS = 100
"""Maximum page size of InvenioRDM's list of uploads."""

ID_LENGTH = 255
"""Maximum length of an identifier in PIDStore."""


def is_identifier(value: str) -> bool:
    """Return whether PIDStore could contain this identifier."""
    return len(value) <= ID_LENGTH and value.isprintable()


class Identifiers(ma.fields.Field):
    """Comma-separated identifiers; duplicates are removed."""

    default_error_messages = {"invalid": _("These are not record identifiers.")}

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> list[str]:
        found = list(dict.fromkeys(filter(None, str(value).split(","))))
        if not all(is_identifier(id_) for id_ in found):
            raise self.make_error("invalid")
        return found


class DOIResourceConfig(ResourceConfig, ConfiguratorMixin):
    """URL routes and request arguments."""

    blueprint_name = "invenio_rdm_doi_api"
    # InvenioRDM serves records and the user's own records under two URL prefixes.
    url_prefix = ""
    routes = {
        "item": "/records/<pid_value>/doi",
        "draft": "/records/<pid_value>/draft/doi",
        "new": "/records/draft/doi",
        "attention": "/user/records/doi",
    }

    request_view_args = {"pid_value": ma.fields.Str(validate=is_identifier)}
    request_search_args = {
        "typed": ma.fields.Str(validate=ma.validate.Length(max=1024)),
    }
    request_list_args = {
        "ids": Identifiers(
            required=True, validate=ma.validate.Length(min=1, max=MOST_IDS)
        ),
    }

    # The same as InvenioRDM's for these records and drafts; a site may change them.
    @property
    def error_handlers(self) -> dict[type[Exception], Any]:
        """Error handlers of the records resource and of this package's errors."""
        return {
            **(self._app.config.get("RDM_RECORDS_ERROR_HANDLERS") or {}),
            NotRemovable: create_error_handler(
                lambda error: HTTPJSONException(code=400, description=str(error))
            ),
        }

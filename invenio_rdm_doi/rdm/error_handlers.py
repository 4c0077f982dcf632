# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Errors of the records service that InvenioRDM answers with status 500."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_resources import HTTPJSONException, create_error_handler
from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.resources.config import (
    error_handlers as records_error_handlers,
)
from invenio_rdm_records.resources.errors import (
    HTTPJSONValidationWithMessageAsListException,
)
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_rdm_records.services.pids.errors import ProviderNotSupportedError
from invenio_requests.resources.requests.config import request_error_handlers


def _unknown_provider(error: ProviderNotSupportedError) -> Any:
    """Return the answer for a draft with an unknown DOI provider."""
    return HTTPJSONValidationWithMessageAsListException(
        ValidationErrorWithMessageAsList(
            message=[
                {
                    "field": "pids.doi",
                    "messages": [
                        _(
                            "This repository does not support this kind of DOI. Choose "
                            "another kind and save again; if none fits, contact the "
                            "administrators of this repository. (%(error)s)",
                            error=str(error),
                        )
                    ],
                }
            ]
        )
    )


def _refused(error: ValidationErrorWithMessageAsList) -> Any:
    """Return the answer if a curator accepts a record that cannot be published."""
    messages = [str(message) for item in error.messages for message in item["messages"]]
    return HTTPJSONException(
        code=400,
        errors=error.messages,
        description=_(
            "The record cannot be published yet. %(reasons)s",
            reasons=" ".join(messages),
        ),
    )


def use(app: Flask) -> None:
    """Add this package's error handlers to those of records and of requests.

    Must be called before InvenioRDM creates its blueprints, which read the settings.
    """
    for setting, others, ours in (
        (
            "RDM_RECORDS_ERROR_HANDLERS",
            records_error_handlers,
            {ProviderNotSupportedError: create_error_handler(_unknown_provider)},
        ),
        (
            "REQUESTS_ERROR_HANDLERS",
            request_error_handlers,
            {ValidationErrorWithMessageAsList: create_error_handler(_refused)},
        ),
    ):
        # A site's own handlers take precedence.
        app.config[setting] = ours | (app.config.get(setting) or others)

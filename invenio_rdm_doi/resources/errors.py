# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Errors of the records service that the host answers with "500"."""

from __future__ import annotations

from flask_resources import create_error_handler
from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.resources.errors import (
    HTTPJSONValidationWithMessageAsListException,
)
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_rdm_records.services.pids.errors import ProviderNotSupportedError


def _unknown_provider(error: ProviderNotSupportedError):
    """A draft says that its DOI is of somebody whom this repository does not know."""
    return HTTPJSONValidationWithMessageAsListException(
        ValidationErrorWithMessageAsList(
            message=[
                {
                    "field": "pids.doi",
                    "messages": [
                        _(
                            "This repository does not know this kind of DOI. Choose "
                            "another kind and save again; if none fits, tell the "
                            "people who run this repository. (%(error)s)",
                            error=str(error),
                        )
                    ],
                }
            ]
        )
    )


error_handlers = {ProviderNotSupportedError: create_error_handler(_unknown_provider)}
"""By error, what the records resource answers beside the host's own answers."""

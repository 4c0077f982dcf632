# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: ``RDM_OPTIONAL_DOI_VALIDATOR``, which restricts the DOI of the next version."""

from __future__ import annotations

from flask import Flask
from invenio_rdm_records.services.components.pids import (
    validate_optional_doi as host_validator,
)

from .. import hooks
from ..choices.next_version import VALIDATOR_SETTING, validate_optional_doi


def use(app: Flask) -> None:
    """Replace InvenioRDM's validator; keep a site's own validator."""
    hooks.note(app, "optional_doi", VALIDATOR_SETTING in app.config)
    if app.config.get(VALIDATOR_SETTING) is host_validator:
        app.config[VALIDATOR_SETTING] = validate_optional_doi

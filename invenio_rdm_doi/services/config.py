# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Configuration of the service."""

from __future__ import annotations

from invenio_records_resources.services import ServiceConfig


class DOIServiceConfig(ServiceConfig):
    """No policy of its own: the records service decides who may do what."""

    service_id = "doi"

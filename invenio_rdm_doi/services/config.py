# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Configuration of the service."""

from __future__ import annotations

from invenio_records_resources.services import ServiceConfig
from invenio_records_resources.services.base.config import ConfiguratorMixin

from .results import DOIResult


class DOIServiceConfig(ServiceConfig, ConfiguratorMixin):
    """Configuration without a permission policy: the records service has it."""

    service_id = "dois"
    result_item_cls = DOIResult

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Permission to manage the DOIs of a site."""

from __future__ import annotations

from typing import Any

from invenio_access import action_factory
from invenio_access.permissions import Permission, system_process
from invenio_records_resources.services.errors import PermissionDeniedError

manage_action = action_factory("doi-manage")
"""Permission to see all DOIs and account errors, and to have DOIs sent again.

``invenio access allow doi-manage role doi-managers``
"""

administration_action = action_factory("administration-access")


manager_permission = Permission(manage_action, administration_action, system_process)
"""Permission of DOI managers and administrators."""


def require_manager(identity: Any) -> None:
    """Require the permission of a DOI manager or an administrator.

    :raises PermissionDeniedError: if the user does not have it.
    """
    if not manager_permission.allows(identity):
        raise PermissionDeniedError("doi-manage")

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Results of the service."""

from __future__ import annotations

from typing import Any

from invenio_records_resources.services.base.results import ServiceItemResult


class DOIResult(ServiceItemResult):
    """Data about DOIs that the user may see; the services fill in the fields.

    :param identity: the user who sent the request.
    :param data: plain values, as they are sent over REST.
    """

    def __init__(self, service: Any, identity: Any, data: dict[str, Any]):
        """Constructor."""
        self._service = service
        self._identity = identity
        self._data = data

    @property
    def data(self) -> dict[str, Any]:
        """The plain values."""
        return self._data

    def to_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        return self._data

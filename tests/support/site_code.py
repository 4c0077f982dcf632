# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Code of a site that uses the public interface; a test checks its types."""

from __future__ import annotations

from typing import Any

from invenio_rdm_doi import (
    ConfigurationError,
    DataCitePIDProvider,
    DOIFormatter,
    Dumper,
    InvenioRDMDOI,
    __version__,
    current_doi,
    delivered,
)


def add_curator(record: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """Add a contributor."""
    return {**attributes, "contributors": [{"name": "A curator"}]}


def yearly(prefix: str, record: Any) -> str:
    """Return a DOI with the year."""
    return f"{prefix}/2026.{record.pid.pid_value}"


dumper: Dumper = add_curator
formatter: DOIFormatter = yearly
version: str = __version__


@delivered.connect
def count(app: Any, doi: str, outcome: str, **event: Any) -> None:
    """Receive the signal."""


def account_name(doi: str) -> str:
    """Return the name of the account of a DOI."""
    extension: InvenioRDMDOI = current_doi
    if not extension.enabled:
        return ""
    name: str = extension.account_of(doi).name
    return name


def problems(error: ConfigurationError) -> list[str]:
    """Return the settings that are wrong."""
    return [problem.setting for problem in error.problems]


def is_ours(provider: Any) -> bool:
    """Return whether a provider is this package's."""
    return isinstance(provider, DataCitePIDProvider)

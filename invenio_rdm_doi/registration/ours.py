# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Check that the DOI that DataCite holds is this repository's."""

from __future__ import annotations

from ..datacite.errors import NotOurs, OtherSystem
from ..datacite.held import Held
from ..links import site_host
from ..settings.model import Account
from .target import Subject
from .turns import leads_here


def require_ours(
    held: Held, subject: Subject, account: Account, taken_over: bool
) -> None:
    """Refuse a DOI that another account holds, or that leads to another site.

    :param taken_over: an operator decided that the DOI is this repository's.
    :raises NotOurs: if another account has it.
    :raises OtherSystem: if it leads to another site.
    """
    doi = subject.doi
    if held.client != account.symbol.lower():
        raise NotOurs(
            f"DataCite says that {doi} belongs to {held.client.upper()}, not to "
            f"{account.symbol}.",
            http_status=200,
        )
    if taken_over or held.url == subject.url:
        return
    hosts = {site_host(), *account.former_hosts}
    if not leads_here(held.url, doi, subject.record_ids(), hosts):
        raise OtherSystem(
            f"{doi} exists already in the account, and leads to "
            f"{held.url or 'nothing'}.",
            http_status=200,
        )

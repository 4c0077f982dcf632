# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Makes new DOIs, from the configured FORMAT."""

from __future__ import annotations

from typing import Any

from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from ..doi import DOI_MAX_LENGTH, is_valid_doi, managed_doi
from ..settings.model import Settings


def make_doi(settings: Settings, owner: Any, prefix: str | None = None) -> str:
    """Make the DOI of a record, draft or parent from the configured FORMAT.

    :param prefix: one of the account's prefixes; the default one if None.
    :raises ValidationErrorWithMessageAsList: the prefix is not the account's, or the
        FORMAT made something that DataCite would refuse.
    """
    prefix = prefix or settings.prefix
    make = settings.format
    doi = (
        make(prefix, owner)
        if callable(make)
        else make.format(prefix=prefix, id=owner.pid.pid_value)
    )
    if not settings.account.owns(doi):
        raise _error(
            _(
                "The DOI %(doi)s that would be made has no prefix of this "
                "repository. Please tell the people who run it.",
                doi=doi,
            )
        )
    if not is_valid_doi(doi):
        raise _error(
            _(
                "The DOI %(doi)s that would be made has characters that are not "
                "allowed, or more than %(most)s. Please tell the people who run "
                "this repository.",
                doi=doi,
                most=DOI_MAX_LENGTH,
            )
        )
    return doi


def foresee_doi(settings: Settings, owner: Any) -> str | None:
    """Return the DOI that a draft has or would get; makes nothing.

    :returns: None if it cannot be known: a FORMAT function of the site may count, and
        is called only when the DOI is made.
    """
    if managed_doi(owner) or callable(settings.format):
        return managed_doi(owner)
    try:
        return make_doi(settings, owner)
    except ValidationErrorWithMessageAsList:
        # Publishing reports what is wrong with it.
        return None


def _error(message: Any) -> ValidationErrorWithMessageAsList:
    return ValidationErrorWithMessageAsList(
        message=[{"field": "pids.doi", "messages": [message]}]
    )

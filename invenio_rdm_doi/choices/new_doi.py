# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Generation of new DOIs from the configured FORMAT."""

from __future__ import annotations

import logging
import time
from typing import Any

from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList

from ..doi import DOI_MAX_LENGTH, doi_key, is_valid_doi, managed_doi, same_doi
from ..settings.model import DOIFormat, Settings
from ..timing import bounded
from .prefix import prefix_for

logger = logging.getLogger(__name__)

FORMAT_SECONDS = 10
"""Time limit of a FORMAT function, where it can be stopped (see :mod:`.timing`)."""

SLOW_SECONDS = 1
"""A FORMAT function that takes longer is logged, because a user waits for it."""

FAILED = _(
    "No DOI could be generated because of an error in the configuration of this "
    "repository. Please contact its administrators."
)


def make_doi(settings: Settings, owner: Any, prefix: str | None = None) -> str:
    """Generate the DOI of a record, draft or parent from the configured FORMAT.

    :param prefix: one of this site's prefixes. If it is None or no longer configured,
        the prefix of the record's other versions, or of its community, is used.
    :raises ValidationErrorWithMessageAsList: if the FORMAT failed, or if DataCite would
        refuse the result, or if the result has no prefix of the account.
    """
    if prefix is None or prefix not in settings.prefixes:
        prefix = prefix_for(settings, owner)
    account = settings.account_of(f"{prefix}/") or settings.account
    doi = _formatted(account.format, prefix, owner)
    if not account.owns(doi):
        raise _error(
            _(
                "The generated DOI %(doi)s does not have a prefix of this "
                "repository. Please contact its administrators.",
                doi=doi,
            )
        )
    if not is_valid_doi(doi):
        raise _error(
            _(
                "The generated DOI %(doi)s has characters that are not allowed, or "
                "more than %(most)s characters. Please contact the administrators "
                "of this repository.",
                doi=doi,
                most=DOI_MAX_LENGTH,
            )
        )
    return doi


def foresee_doi(settings: Settings, owner: Any, as_saved: bool = True) -> str | None:
    """Return the DOI that a draft has or would get, without creating it.

    :param as_saved: return the DOI that is saved in the draft, if there is one.
    :returns: None if the DOI cannot be predicted: a FORMAT function of the site may use
        a counter, and is called only when the DOI is created.
    """
    saved = managed_doi(owner) if as_saved else None
    if saved:
        return saved
    return _foreseen(settings, owner, prefix_for(settings, owner))


def is_new_doi(settings: Settings, owner: Any, doi: str) -> bool:
    """Return whether a DOI is the one that a draft would get, in any community."""
    prefixes = [account.prefix for account in settings.accounts]
    if doi_key(doi).partition("/")[0] not in prefixes:
        prefixes = [prefix_for(settings, owner)]
    return any(same_doi(doi, _foreseen(settings, owner, prefix)) for prefix in prefixes)


def _foreseen(settings: Settings, owner: Any, prefix: str) -> str | None:
    account = settings.account_of(f"{prefix}/")
    if account is None or callable(account.format):
        return None
    try:
        return make_doi(settings, owner, prefix)
    except ValidationErrorWithMessageAsList:
        # Publishing reports this error.
        return None


def collision(doi: str, owner: Any) -> ValidationErrorWithMessageAsList:
    """Log that a new DOI exists already, and return the error for it."""
    logger.error(
        "doi.format.collision",
        extra={
            "doi": doi,
            "owner_id": str(owner.id),
            "advice": "RDM_RECORDS_DOI_DATACITE_FORMAT made a DOI that exists already; "
            "it must make a different one for each record.",
        },
    )
    return _error(
        _(
            "The generated DOI %(doi)s already exists. Please contact the "
            "administrators of this repository.",
            doi=doi,
        )
    )


def _formatted(make: DOIFormat, prefix: str, owner: Any) -> str:
    if not callable(make):
        return make.format(prefix=prefix, id=owner.pid.pid_value)
    started = time.monotonic()
    try:
        with bounded(FORMAT_SECONDS):
            doi = make(prefix, owner)
    except Exception as error:
        logger.exception("doi.format.failed", extra={"owner_id": str(owner.id)})
        raise _error(FAILED) from error
    seconds = time.monotonic() - started
    if seconds > SLOW_SECONDS:
        logger.warning(
            "doi.format.slow",
            extra={"seconds": round(seconds, 1), "owner_id": str(owner.id)},
        )
    if not isinstance(doi, str):
        logger.error(
            "doi.format.failed",
            extra={
                "owner_id": str(owner.id),
                "reason": f"it returned {type(doi).__name__}, not text",
            },
        )
        raise _error(FAILED)
    return doi


def _error(message: Any) -> ValidationErrorWithMessageAsList:
    return ValidationErrorWithMessageAsList(
        message=[{"field": "pids.doi", "messages": [message]}]
    )

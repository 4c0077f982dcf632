# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The target of a DOI, checked as DataCite checks it."""

from __future__ import annotations

import logging
from dataclasses import replace

from ..datacite.errors import Complaint, Invalid
from ..metadata.describe import Description, DumperError
from ..metadata.placeholder import placeholder
from ..metadata.validation import validate
from .target import ABSENT, Policy, Subject, Target, Visibility, target

logger = logging.getLogger(__name__)


def checked_target(subject: Subject, policy: Policy) -> Target:
    """Return the target, valid according to DataCite's schema.

    The DOI of a deleted record is hidden regardless of its metadata: a placeholder
    replaces metadata that are not valid.

    :raises Invalid: if DataCite would refuse it, or drop a part of it.
    :raises DumperError: if one of the site's own dumpers failed.
    """
    try:
        wanted = target(subject, policy)
        _check(subject.doi, wanted)
    except (Invalid, DumperError):
        if subject.visibility is not Visibility.DELETED:
            raise
        logger.exception("doi.delivery.withdrawn", extra={"doi": subject.doi})
        bare = Description(placeholder(subject.year))
        return target(replace(subject, describe=lambda: bare), policy)
    return wanted


def _check(doi: str, wanted: Target) -> None:
    if wanted.state in (None, ABSENT):
        return
    violations = validate({"doi": doi, **wanted.attributes}, wanted.state)
    if violations:
        raise Invalid(
            "Not sent, because DataCite would refuse or drop it: "
            + "; ".join(f"{item.path} {item.reason}" for item in violations[:5]),
            complaints=tuple(
                Complaint(item.attribute, f"{item.path} {item.reason}"[:500])
                for item in violations[:20]
            ),
        )

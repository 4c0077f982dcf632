# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Description of a record and its validation, for users and before it is sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ..doi import managed_doi
from ..links import landing_page
from ..metadata.attributes import Attributes, complete
from ..metadata.complaints import violations_by_field, wanting
from ..metadata.describe import Description, describe_record
from ..metadata.source import Note, Source
from ..metadata.validation import Violation, validate
from ..proxies import current_doi
from ..records.source import Reader

logger = logging.getLogger(__name__)

CHECKED_DOI = "10.5072/check"
"""Replaces a DOI that will be made when the record is published."""


@dataclass(frozen=True)
class Checked:
    """A checked payload, with notes and violations.

    :param payload: all attributes, as they are sent.
    :param notes: notes about values that DataCite gets in another form, or not at all.
    :param violations: values that DataCite would refuse or drop.
    """

    payload: Attributes
    notes: tuple[Note, ...]
    violations: tuple[Violation, ...]


def payload(doi: str, description: Description) -> Attributes:
    """Return the payload for a findable DOI, without the event."""
    return {
        "doi": doi,
        **complete(description.attributes),
        "url": landing_page(doi),
    }


def draft_errors(draft: Any, will_have_doi: bool) -> list[dict[str, Any]]:
    """Return errors that prevent the registration of a draft's DOI, by form field.

    :param will_have_doi: whether the draft is to be registered at DataCite at all.
    :returns: errors in the format of the host's services: ``field`` and ``messages``.
    """
    if not will_have_doi:
        return []
    try:
        source = Reader.create(current_doi.metadata_settings).draft_source(draft)
        found = check_source(source, managed_doi(draft))
    except SQLAlchemyError:
        raise
    except Exception:
        # A defect (for example in a site's own function) must not prevent users from
        # saving or publishing. The delivery has the same error and reports it to the
        # operator.
        logger.exception("doi.check.error", extra={"owner_id": str(draft.id)})
        return []
    errors = violations_by_field(found.violations) + wanting(found.payload)
    return [error.to_dict() for error in errors]


def draft_notes(draft: Any, will_have_doi: bool) -> list[dict[str, str]]:
    """Return notes about values that DataCite gets in another form, or not at all.

    :param will_have_doi: whether the draft is to be registered at DataCite at all.
    :returns: ``field`` (of the deposit form) and ``message``, without duplicates.
    """
    if not will_have_doi:
        return []
    try:
        source = Reader.create(current_doi.metadata_settings).draft_source(draft)
        notes = [note.to_dict() for note in describe_record(source).notes]
    except SQLAlchemyError:
        raise
    except Exception:
        # As above: a defect must not prevent users from working.
        logger.exception("doi.check.error", extra={"owner_id": str(draft.id)})
        return []
    return [note for index, note in enumerate(notes) if note not in notes[:index]]


def check_source(source: Source, doi: str | None = None) -> Checked:
    """Describe a record and check the description.

    :param doi: the DOI of the record; None if it has none yet.
    """
    description = describe_record(source)
    attributes = payload(doi or CHECKED_DOI, description)
    violations = validate(attributes, "findable")
    return Checked(attributes, description.notes, tuple(violations))

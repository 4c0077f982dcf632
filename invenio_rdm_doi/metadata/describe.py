# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite metadata of a record, or of all its versions together."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace

from invenio_i18n import lazy_gettext as _

from ..doi import doi_key
from ..timing import bounded
from .attributes import Attributes
from .references import fields, references
from .related import each_relation_once, has_version
from .schema import DataCite47Schema
from .source import Chain, Note, Source

SCHEMA = DataCite47Schema()

DUMPER_SECONDS = 10
"""Time limit of one of the site's dumpers, where it can be stopped."""


@dataclass(frozen=True)
class Description:
    """Metadata in the form that DataCite expects.

    :param attributes: the properties that have a value.
    :param notes: notes about values that DataCite gets in another form, or not at all.
    """

    attributes: Attributes
    notes: tuple[Note, ...] = ()


def describe_record(source: Source) -> Description:
    """Return the metadata of one version of a record.

    The same source always gives the same result.

    :raises DumperError: if one of the site's own dumpers failed.
    """
    source = replace(source, notes=[])
    source.vocabularies.load(references(source.record))
    _note_gone(source)
    attributes = SCHEMA.dump(source)
    return Description(_dumped(source, attributes), tuple(source.notes))


def _note_gone(source: Source) -> None:
    for field, vocabulary, reference in fields(source.record):
        if source.is_gone(vocabulary, reference):
            message = _(
                "The vocabulary of this repository no longer has an entry %(id)s; "
                "details from that entry are left out.",
                id=reference["id"],
            )
            source.note(field, message)


def describe_parent(
    newest: Source, version_dois: Iterable[str], own: str | None = None
) -> Description:
    """Return the metadata of a concept DOI: the newest version's, and all versions.

    :param newest: the version whose metadata represent all versions.
    :param version_dois: DOIs of the versions that are public.
    :param own: the concept DOI; the version may be related to it, but the concept DOI
        must not be related to itself.
    """
    # Leave out what belongs to one version only: its position among the versions, and
    # its other persistent identifiers in this repository.
    record = {**newest.record, "pids": {}}
    source = replace(
        newest,
        record=record,
        chain=Chain(),
    )
    description = describe_record(source)
    related = each_relation_once(
        item
        for item in (
            *(description.attributes.get("relatedIdentifiers") or []),
            *map(has_version, version_dois),
        )
        if not own or doi_key(item["relatedIdentifier"]) != doi_key(own)
    )
    if not related:
        return description
    return replace(
        description,
        attributes=description.attributes | {"relatedIdentifiers": related},
    )


def withdrawn(
    description: Description, date: str, reason: str | None = None
) -> Description:
    """Return the same metadata with the date of a withdrawal.

    :param date: ISO 8601, such as ``2026-05-04``.
    :param reason: becomes the date's ``dateInformation``.
    """
    entry = {"date": date, "dateType": "Withdrawn"}
    if reason:
        entry["dateInformation"] = reason
    dates = [*(description.attributes.get("dates") or []), entry]
    return replace(description, attributes=description.attributes | {"dates": dates})


class DumperError(Exception):
    """One of the site's own dumpers failed (RDM_RECORDS_DOI_DATACITE_DUMPERS)."""

    def __init__(self, dumper: object, reason: object):
        """Create the error."""
        name = getattr(dumper, "__qualname__", None) or repr(dumper)
        super().__init__(
            f"{name} of RDM_RECORDS_DOI_DATACITE_DUMPERS failed: {reason}. It takes "
            "(record, attributes) and returns the attributes."
        )


def _dumped(source: Source, attributes: Attributes) -> Attributes:
    for dumper in source.options.dumpers:
        try:
            # Dumpers get a copy, because they must not change the record.
            with bounded(DUMPER_SECONDS):
                attributes = dumper(deepcopy(dict(source.record)), attributes)
        except Exception as error:
            raise DumperError(dumper, f"{type(error).__name__}: {error}") from error
        if not isinstance(attributes, dict):
            raise DumperError(dumper, f"it returned {type(attributes).__name__}")
    return attributes

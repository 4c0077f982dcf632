# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The input of the mapping: a record as plain data, with its context.

Nothing here reads a database, a search index or an application:
:mod:`invenio_rdm_doi.records` does, and provides a :class:`Source`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from .kernel import allowed, json_schema, spelling

Entry = Mapping[str, Any]
"""A vocabulary entry as it is stored: ``id``, ``title``, ``props``, …"""

Reference = tuple[str, str]
"""(vocabulary, identifier), such as ``("resourcetypes", "dataset")``."""

Dumper = Callable[[Any, dict[str, Any]], dict[str, Any]]
"""``(record, attributes) -> attributes``, see RDM_RECORDS_DOI_DATACITE_DUMPERS."""


LISTS = {
    "contributorsroles": "contributorType",
    "creatorsroles": "contributorType",
    "datetypes": "dateType",
    "descriptiontypes": "descriptionType",
    "relationtypes": "relationType",
    "titletypes": "titleType",
}
"""Vocabulary -> DataCite's controlled list."""

LANGUAGE = re.compile(json_schema()["$defs"]["language"]["pattern"])


def language_tag(code: str | None) -> str | None:
    """Return a language code in the form of xs:language; None if it is not valid."""
    tag = str(code or "").replace("_", "-")
    return tag if LANGUAGE.match(tag) else None


class Vocabularies(Protocol):
    """A look-up of vocabulary entries."""

    def load(self, references: Iterable[Reference]) -> None:
        """Fetch the entries that will be needed, all at once."""

    def get(self, vocabulary: str, identifier: str) -> Entry | None:
        """Return an entry that was fetched; None if there is none."""

    def subject_scheme(self, scheme: str) -> Entry | None:
        """Return ``name`` and ``uri`` of a scheme of subjects."""


@dataclass(frozen=True)
class Note:
    """A note about a value that DataCite gets in another form, or not at all.

    :param field: the record's field, such as ``metadata.locations.features.0``.
    :param message: text for users, translatable.
    """

    field: str
    message: Any

    def to_dict(self) -> dict[str, str]:
        """Return plain values, for JSON."""
        return {"field": self.field, "message": str(self.message)}


@dataclass(frozen=True)
class Options:
    """The site's options for the mapping.

    :param locale: preferred locale of vocabulary titles.
    :param schemes: per setting (``identifiers``, ``related_identifiers``,
        ``personorg``, ``affiliations``): scheme -> DataCite's name for it.
    :param funder_priority: schemes of funder identifiers, the preferred one first.
    :param access_rights: whether OpenAIRE's access rights are added to the rights.
    :param embargo_year: whether the end of an embargo determines the publication year.
    :param publishers: publisher in lower case -> its identifier, in DataCite's form.
    :param dumpers: functions that are called last, in this order.
    """

    locale: str = "en"
    schemes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    funder_priority: tuple[str, ...] = ("ror", "doi", "grid", "isni", "gnd")
    access_rights: bool = False
    embargo_year: bool = True
    publishers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dumpers: tuple[Dumper, ...] = ()


@dataclass(frozen=True)
class Chain:
    """The DOIs related to a version; only those that are public.

    :param concept: the concept DOI, of all versions together.
    :param previous: DOI of the version before this one.
    :param following: DOI of the version after this one.
    """

    concept: str | None = None
    previous: str | None = None
    following: str | None = None


@dataclass(frozen=True)
class Source:
    """A record (or a draft) with the additional data that its description needs.

    :param record: mapping with ``metadata``, ``custom_fields``, ``pids``, ``access``;
        never changed.
    :param updated: day of the last change of the record.
    :param created: day on which the record was created.
    :param has_files: False if the record has metadata only.
    :param communities: addresses of the public communities that contain the record.
    """

    record: Mapping[str, Any]
    vocabularies: Vocabularies
    options: Options = field(default_factory=Options)
    chain: Chain = field(default_factory=Chain)
    communities: tuple[str, ...] = ()
    created: date | None = None
    updated: date | None = None
    has_files: bool = True
    notes: list[Note] = field(default_factory=list, compare=False)

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The record's metadata."""
        return self.record.get("metadata") or {}

    @cached_property
    def custom_fields(self) -> Mapping[str, Any]:
        """The record's custom fields."""
        return self.record.get("custom_fields") or {}

    def entries(self, name: str) -> list[Any]:
        """Return a list of the metadata; empty if it is missing."""
        return self.metadata.get(name) or []

    def look_up(self, vocabulary: str, reference: Mapping[str, Any] | None) -> Entry:
        """Return the entry of ``{"id": …}``, merged with the record's own values."""
        identifier = (reference or {}).get("id")
        if not identifier:
            return reference or {}
        entry = self._entry(vocabulary, identifier) or {}
        return {**(reference or {}), **entry}

    def _entry(self, vocabulary: str, identifier: Any) -> Entry | None:
        # Another program may have written a value that is not an identifier.
        is_one = isinstance(identifier, str)
        return self.vocabularies.get(vocabulary, identifier) if is_one else None

    def is_gone(self, vocabulary: str, reference: Mapping[str, Any] | None) -> bool:
        """Return whether a record refers to an entry that the vocabulary lacks."""
        identifier = (reference or {}).get("id")
        return bool(identifier) and not self._entry(vocabulary, identifier)

    def datacite(
        self, vocabulary: str, reference: Mapping[str, Any] | None
    ) -> str | None:
        """Return DataCite's term for an entry, if DataCite has one.

        The identifier of a deleted entry often is such a term.
        """
        return self._named(vocabulary, reference, "datacite", LISTS[vocabulary])

    def _named(
        self,
        vocabulary: str,
        reference: Mapping[str, Any] | None,
        prop: str,
        values: str,
    ) -> str | None:
        if self.is_gone(vocabulary, reference):
            known = spelling(values)
            # From the specific part to the general one: ``image-photograph``.
            parts = str((reference or {})["id"]).lower().split("-")
            return next((known[part] for part in parts[::-1] if part in known), None)
        props = self.look_up(vocabulary, reference).get("props") or {}
        name = props.get(prop)
        return name if name in allowed(values) else None

    def language(self, reference: Mapping[str, Any] | None) -> str | None:
        """Return a language code; with two letters, as at DataCite, if there is one."""
        entry = self.look_up("languages", reference)
        return language_tag(
            (entry.get("props") or {}).get("alpha_2") or entry.get("id")
        )

    def general_type(self, reference: Mapping[str, Any] | None) -> str:
        """Return DataCite's resourceTypeGeneral for a resource type."""
        return self.known_type(reference) or "Other"

    def known_type(self, reference: Mapping[str, Any] | None) -> str | None:
        """Return DataCite's resourceTypeGeneral for a resource type, if it is known.

        :returns: None if the entry was deleted and its identifier is not a term of
            DataCite's.
        """
        named = "resourceTypeGeneral"
        found = self._named("resourcetypes", reference, "datacite_general", named)
        is_gone = self.is_gone("resourcetypes", reference)
        return found or (None if is_gone else "Other")

    def translated(self, texts: Mapping[str, str] | str | None) -> tuple[str, str]:
        """Return (text, locale) in the site's locale, in English, or in any other."""
        if not isinstance(texts, Mapping):
            return texts or "", ""
        for locale in (self.options.locale, "en", *sorted(texts)):
            if str(texts.get(locale) or "").strip():
                return texts[locale], locale
        return "", ""

    def note(self, where: str, message: Any) -> None:
        """Add a warning, which is shown in the preview."""
        self.notes.append(Note(where, message))

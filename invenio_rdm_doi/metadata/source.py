# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What a mapping starts from: a record as plain data, and what belongs to it.

Nothing here reads a database, a search index or an application:
:mod:`invenio_rdm_doi.records` does, and hands over a :class:`Source`.
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
    """A language's code as xs:language wants it; None if it is none."""
    tag = str(code or "").replace("_", "-")
    return tag if LANGUAGE.match(tag) else None


class Vocabularies(Protocol):
    """Looks up vocabulary entries."""

    def load(self, references: Iterable[Reference]) -> None:
        """Fetch entries that will be asked for, all at once."""

    def get(self, vocabulary: str, identifier: str) -> Entry | None:
        """An entry that was fetched; None if there is none."""

    def subject_scheme(self, scheme: str) -> Entry | None:
        """``name`` and ``uri`` of a scheme of subjects."""


@dataclass(frozen=True)
class Note:
    """Something that DataCite gets in another form, or not at all.

    :param field: the record's field, such as ``metadata.locations.features.0``.
    :param message: for people, translatable.
    """

    field: str
    message: Any

    def to_dict(self) -> dict[str, str]:
        """Plain values, for JSON."""
        return {"field": self.field, "message": str(self.message)}


@dataclass(frozen=True)
class Options:
    """What the site decided.

    :param locale: of vocabulary titles, where there are several.
    :param schemes: per setting (``identifiers``, ``related_identifiers``,
        ``personorg``, ``affiliations``): scheme -> DataCite's name of it.
    :param funder_priority: schemes of funder identifiers, the preferred one first.
    :param access_rights: whether OpenAIRE's access rights are added to the rights.
    :param embargo_year: whether the year is that in which an embargo ends.
    :param publishers: lower-case publisher -> its identifier, as DataCite wants it.
    :param dumpers: called last, in this order.
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
    """The DOIs around a version; only those that the public may know.

    :param concept: of all versions together.
    :param previous: of the version before this one.
    :param following: of the version after this one.
    """

    concept: str | None = None
    previous: str | None = None
    following: str | None = None


@dataclass(frozen=True)
class Source:
    """A record (or a draft), and what its description needs beside it.

    :param record: mapping with ``metadata``, ``custom_fields``, ``pids``, ``access``;
        never changed.
    :param updated: day of the last change of the record.
    :param created: day on which the record was made.
    :param has_files: False if there are only metadata.
    :param communities: addresses of the public communities that it is in.
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
        """A list of the metadata, empty if it is not there."""
        return self.metadata.get(name) or []

    def look_up(self, vocabulary: str, reference: Mapping[str, Any] | None) -> Entry:
        """The entry of ``{"id": …}`` with what the record itself says of it."""
        identifier = (reference or {}).get("id")
        if not identifier:
            return reference or {}
        entry = self._entry(vocabulary, identifier) or {}
        return {**(reference or {}), **entry}

    def _entry(self, vocabulary: str, identifier: Any) -> Entry | None:
        # Another program may have written what is no identifier.
        is_one = isinstance(identifier, str)
        return self.vocabularies.get(vocabulary, identifier) if is_one else None

    def is_gone(self, vocabulary: str, reference: Mapping[str, Any] | None) -> bool:
        """Whether a record refers to an entry that the vocabulary does not have."""
        identifier = (reference or {}).get("id")
        return bool(identifier) and not self._entry(vocabulary, identifier)

    def datacite(
        self, vocabulary: str, reference: Mapping[str, Any] | None
    ) -> str | None:
        """What an entry is called in DataCite's words, if DataCite knows them.

        Of an entry that is gone, its identifier often is such a word.
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
            # From the special to the general: ``image-photograph``.
            parts = str((reference or {})["id"]).lower().split("-")
            return next((known[part] for part in parts[::-1] if part in known), None)
        props = self.look_up(vocabulary, reference).get("props") or {}
        name = props.get(prop)
        return name if name in allowed(values) else None

    def language(self, reference: Mapping[str, Any] | None) -> str | None:
        """A language's code: of two letters where there is one, as DataCite has it."""
        entry = self.look_up("languages", reference)
        return language_tag(
            (entry.get("props") or {}).get("alpha_2") or entry.get("id")
        )

    def general_type(self, reference: Mapping[str, Any] | None) -> str:
        """DataCite's resourceTypeGeneral of a resource type."""
        return self.known_type(reference) or "Other"

    def known_type(self, reference: Mapping[str, Any] | None) -> str | None:
        """The same; None: its entry is gone, and its identifier says nothing."""
        named = "resourceTypeGeneral"
        found = self._named("resourcetypes", reference, "datacite_general", named)
        is_gone = self.is_gone("resourcetypes", reference)
        return found or (None if is_gone else "Other")

    def translated(self, texts: Mapping[str, str] | str | None) -> tuple[str, str]:
        """(text, locale) of the site's locale, of English, or of what there is."""
        if not isinstance(texts, Mapping):
            return texts or "", ""
        for locale in (self.options.locale, "en", *sorted(texts)):
            if str(texts.get(locale) or "").strip():
                return texts[locale], locale
        return "", ""

    def note(self, where: str, message: Any) -> None:
        """Keep a warning for those who look at the preview."""
        self.notes.append(Note(where, message))

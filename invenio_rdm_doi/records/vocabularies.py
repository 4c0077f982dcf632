# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Look-up of vocabulary entries, in batches and each of them only once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_vocabularies.contrib.affiliations.api import Affiliation
from invenio_vocabularies.contrib.awards.api import Award
from invenio_vocabularies.contrib.funders.api import Funder
from invenio_vocabularies.contrib.subjects.api import Subject
from invenio_vocabularies.records.models import (
    VocabularyMetadata,
    VocabularyScheme,
    VocabularyType,
)

from ..metadata.source import Entry, Reference

SPECIAL = {
    "affiliations": (Affiliation, "aff"),
    "awards": (Award, "awa"),
    "funders": (Funder, "fun"),
    "subjects": (Subject, "sub"),
}
"""Vocabularies with their own tables, and their PID types.

Some keep the identifier in a column of the table, others (depending on the version of
Invenio-Vocabularies) in PIDStore.
"""

SIZE = 1000
"""Maximum number of identifiers in one statement."""


class DatabaseVocabularies:
    """Vocabulary entries as committed, cached for the lifetime of this object.

    One object serves one batch of records, so that it never misses a change of a
    vocabulary that is committed before the batch is read.
    """

    def __init__(self) -> None:
        """Constructor."""
        self._entries: dict[Reference, Entry | None] = {}
        self._schemes: dict[str, Entry] | None = None

    def load(self, references: Iterable[Reference]) -> None:
        """Fetch the entries that are not cached yet, with one statement per table."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for vocabulary, identifier in references:
            if (vocabulary, identifier) not in self._entries:
                self._entries[vocabulary, identifier] = None
                wanted[vocabulary].append(identifier)
        for vocabulary in wanted.keys() & SPECIAL.keys():
            for identifier, entry in _special(vocabulary, wanted.pop(vocabulary)):
                self._entries[vocabulary, identifier] = entry
        pairs = [(name, identifier) for name in wanted for identifier in wanted[name]]
        for name, identifier, entry in _generic(pairs):
            self._entries[name, identifier] = entry

    def get(self, vocabulary: str, identifier: str) -> Entry | None:
        """Return an entry, or None if there is none."""
        if (vocabulary, identifier) not in self._entries:
            self.load([(vocabulary, identifier)])
        return self._entries[vocabulary, identifier]

    def subject_scheme(self, scheme: str) -> Entry | None:
        """Return ``name`` and ``uri`` of a subject scheme, or None if there is none."""
        if self._schemes is None:
            rows = db.session.execute(
                sa.select(
                    VocabularyScheme.id, VocabularyScheme.name, VocabularyScheme.uri
                ).where(VocabularyScheme.parent_id == "subjects")
            )
            self._schemes = {row.id: dict(row._mapping) for row in rows}
        return self._schemes.get(scheme)


def _generic(pairs: list[Reference]) -> Iterator[tuple[str, str, Entry]]:
    for start in range(0, len(pairs), SIZE):
        rows = db.session.execute(
            sa.select(
                VocabularyType.id,
                PersistentIdentifier.pid_value,
                VocabularyMetadata.json,
            )
            .join(
                PersistentIdentifier,
                PersistentIdentifier.pid_type == VocabularyType.pid_type,
            )
            .join(
                VocabularyMetadata,
                VocabularyMetadata.id == PersistentIdentifier.object_uuid,
            )
            .where(
                sa.tuple_(VocabularyType.id, PersistentIdentifier.pid_value).in_(
                    pairs[start : start + SIZE]
                )
            )
        )
        for name, identifier, entry in rows:
            if entry:
                yield name, identifier, {**entry, "id": identifier}


def _special(vocabulary: str, identifiers: list[str]) -> Iterator[tuple[str, Entry]]:
    record_cls, pid_type = SPECIAL[vocabulary]
    model = record_cls.model_cls
    for start in range(0, len(identifiers), SIZE):
        some = identifiers[start : start + SIZE]
        if hasattr(model, "pid"):
            statement = sa.select(model.pid, model.json).where(model.pid.in_(some))
        else:
            statement = (
                sa.select(PersistentIdentifier.pid_value, model.json)
                .join(model, model.id == PersistentIdentifier.object_uuid)
                .where(
                    PersistentIdentifier.pid_type == pid_type,
                    PersistentIdentifier.pid_value.in_(some),
                )
            )
        for identifier, entry in db.session.execute(statement):
            if entry:
                yield identifier, {**entry, "id": identifier}

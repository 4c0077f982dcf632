# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Creation of a record's :class:`~invenio_rdm_doi.metadata.source.Source`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app

from ..metadata.source import Chain, Options, Source, Vocabularies
from ..settings.model import MetadataSettings
from .batch import Batch
from .communities import addresses
from .versions import chain, chain_of_draft
from .vocabularies import DatabaseVocabularies


def options(settings: MetadataSettings) -> Options:
    """Return the site's settings for its metadata."""
    config = current_app.config
    return Options(
        locale=str(config.get("BABEL_DEFAULT_LOCALE") or "en"),
        schemes={
            name: _names(config.get(setting) or {})
            for name, setting in (
                ("identifiers", "RDM_RECORDS_IDENTIFIERS_SCHEMES"),
                ("related_identifiers", "RDM_RECORDS_RELATED_IDENTIFIERS_SCHEMES"),
                ("personorg", "RDM_RECORDS_PERSONORG_SCHEMES"),
                ("affiliations", "VOCABULARIES_AFFILIATION_SCHEMES"),
            )
        },
        funder_priority=tuple(
            config.get("RDM_DATACITE_FUNDER_IDENTIFIERS_PRIORITY")
            or Options.funder_priority
        ),
        access_rights=bool(config.get("RDM_DATACITE_DUMP_OPENAIRE_ACCESS_RIGHTS")),
        embargo_year=settings.embargo_year,
        publishers=settings.publishers,
        dumpers=settings.dumpers,
    )


def _names(schemes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {
        scheme: attributes["datacite"]
        for scheme, attributes in schemes.items()
        if attributes.get("datacite")
    }


@dataclass(frozen=True)
class Reader:
    """A reader of records for their descriptions; one object serves one batch."""

    options: Options
    vocabularies: Vocabularies
    batch: Batch

    @classmethod
    def create(cls, settings: MetadataSettings) -> Reader:
        """Return a reader that has no cached data."""
        return cls(options(settings), DatabaseVocabularies(), Batch())

    def afresh(self) -> Reader:
        """Return a reader with the same options and no cached data, for a new batch."""
        return Reader(self.options, DatabaseVocabularies(), Batch())

    def source(self, record: Any, around: Chain | None = None) -> Source:
        """Return a published record in the form that the mapping reads.

        :param record: a record of InvenioRDM's API; it is not changed.
        :param around: the DOIs around the record, if they are known already.
        """
        return replace(
            self.draft_source(record),
            chain=around or chain(record, self.batch.around(record)),
            communities=self.batch.addresses(record.parent.id),
        )

    def preview_source(self, draft: Any) -> Source:
        """Return a draft as if it were published and public."""
        return replace(
            self.draft_source(draft),
            chain=chain_of_draft(draft),
            communities=addresses(draft.parent.id),
        )

    def draft_source(self, record: Any) -> Source:
        """Return the data that users entered, without versions and communities."""
        return Source(
            record=record,
            vocabularies=self.vocabularies,
            options=self.options,
            created=record.created.date() if record.created else None,
            updated=record.updated.date() if record.updated else None,
            has_files=bool((record.get("files") or {}).get("enabled")),
        )

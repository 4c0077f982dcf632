# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What people type, as accounts, DOIs and records."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from invenio_search.engine import search

from ..choices.spelling import read_doi
from ..doi import doi_key
from ..proxies import current_doi
from ..records import find, searches
from ..settings.model import Account

MOST_TYPED = 255
"""Characters of an identifier in PIDStore."""

MOST_PAGES = 4
"""Pages of hits that are read for a title: about a thousand records."""


def account_named(name: str) -> Account:
    """The account with a name.

    :raises ValidationErrorWithMessageAsList: there is none.
    """
    account = current_doi.settings.account_named(name)
    if account is None:
        raise refused(
            "account", _("There is no account '%(name)s' in the settings.", name=name)
        )
    return account


def key_of(text: str) -> str:
    """A DOI that was typed in any spelling, as it is compared."""
    return doi_key(read_doi(text).doi)


def beginning_of(text: str) -> str | None:
    """The beginning of a DOI, as it is compared; None if it is not one of a DOI."""
    found = key_of(text)
    return found if found.startswith("10.") else None


def owners_of(recid: str) -> set[UUID]:
    """Ids of the record with an identifier and of its parent; of a parent, of all."""
    return find.family(recid.strip()[:MOST_TYPED])


def titled(identity: Any, words: str) -> set[UUID]:
    """Ids of the records whose title a search finds, and of their parents.

    :param identity: of who asks: only records that it may see.

    :raises ValidationErrorWithMessageAsList: the search does not answer.
    """
    query = " AND ".join(f"metadata.title:{quoted(word)}" for word in words.split())
    try:
        pages = islice(searches.found_by(query, identity=identity), MOST_PAGES)
        return {id_ for page in pages for id_ in page}
    except search.TransportError as error:
        raise refused(
            "title",
            _(
                "The search does not answer, so that titles cannot be looked for. Look "
                "for the DOI or the record's identifier instead."
            ),
        ) from error


def quoted(word: str) -> str:
    """A word in a query, whatever characters it has."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def refused(field: str, message: Any) -> ValidationErrorWithMessageAsList:
    """What a client asked for in vain; the answer has status 400."""
    return ValidationErrorWithMessageAsList(
        message=[{"field": field, "messages": [str(message)]}]
    )

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Look-up of accounts, DOIs and records from user input."""

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
"""Maximum length of an identifier in PIDStore, in characters."""

MOST_PAGES = 4
"""Maximum pages of hits that a title search reads: about a thousand records."""


def account_named(name: str) -> Account:
    """Return the account with this name.

    :raises ValidationErrorWithMessageAsList: if there is none.
    """
    account = current_doi.settings.account_named(name)
    if account is None:
        raise refused(
            "account", _("There is no account '%(name)s' in the settings.", name=name)
        )
    return account


def key_of(text: str) -> str:
    """Return the comparison key of a DOI that was entered in any spelling."""
    return doi_key(read_doi(text).doi)


def beginning_of(text: str) -> str | None:
    """Return the comparison key of the beginning of a DOI; None if it is not one."""
    found = key_of(text)
    return found if found.startswith("10.") else None


def owners_of(recid: str) -> set[UUID]:
    """Return the ids of the record with this identifier and of its parent.

    For a parent's identifier, return the ids of the parent and of all its versions.
    """
    return find.family(recid.strip()[:MOST_TYPED])


def titled(identity: Any, words: str) -> set[UUID]:
    """Return the ids of records found by words of their title, and of their parents.

    :param identity: the user; only records that this user may see are found.

    :raises ValidationErrorWithMessageAsList: if the search index does not answer.
    """
    query = " AND ".join(f"metadata.title:{quoted(word)}" for word in words.split())
    try:
        pages = islice(searches.found_by(query, identity=identity), MOST_PAGES)
        return {id_ for page in pages for id_ in page}
    except search.TransportError as error:
        raise refused(
            "title",
            _(
                "Titles cannot be searched because the search does not answer. "
                "Search for the DOI or the record's identifier instead."
            ),
        ) from error


def quoted(word: str) -> str:
    """Quote a word for a search query, escaping backslashes and quotation marks."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def refused(field: str, message: Any) -> ValidationErrorWithMessageAsList:
    """Return the error of a request that is refused with HTTP status 400."""
    return ValidationErrorWithMessageAsList(
        message=[{"field": field, "messages": [str(message)]}]
    )

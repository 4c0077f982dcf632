# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Looks at a DOI that somebody typed as one that exists already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from idutils import is_doi, normalize_doi
from invenio_i18n import lazy_gettext as _

from ..doi import doi_key, is_storable_doi

USED = _(
    "Another record of this repository has this DOI already. Check it; every record "
    "needs a DOI of its own."
)


OWN_USED = _(
    "Another record of this repository has this DOI. Choose to get a new DOI instead."
)


@dataclass(frozen=True)
class Typed:
    """What is to be said about a typed DOI.

    :param doi: cleaned up, or as it was typed if that is not possible.
    :param code: ``malformed``, ``own_prefix``, ``used``, or None: it is in order.
    :param message: what to do, translatable.
    :param record: identifier of the record that has it, if the reader may see that.
    """

    doi: str
    code: str | None = None
    message: Any = None
    record: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it."""
        return self.code is None

    def used_by(self, record: str | None) -> Typed:
        """The same, of which another record here has it already."""
        return replace(self, code="used", message=USED, record=record)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "doi": self.doi,
            "code": self.code,
            "message": None if self.message is None else str(self.message),
            "record": self.record,
        }


def clean(typed: str) -> str:
    """The DOI alone: without ``doi:``, ``https://doi.org/`` and blanks."""
    text = "".join(typed.split())
    return normalize_doi(text) if is_doi(text) else text


def own_prefix(doi: str, prefixes: Iterable[str]) -> str | None:
    """The prefix of this repository that a DOI has.

    The whole prefix: ``10.12345/x`` has nothing to do with ``10.1234``.
    """
    prefix = doi_key(doi).partition("/")[0]
    return prefix if prefix in prefixes else None


def own_prefix_message(prefix: str) -> Any:
    """What a depositor reads who typed a DOI of this repository."""
    return _(
        "This repository registers DOIs that begin with %(prefix)s/ itself. Choose to "
        "get a new DOI, or enter the DOI that another publisher gave.",
        prefix=prefix,
    )


def verdict(typed: str, prefixes: Iterable[str]) -> Typed:
    """What can be said without looking at other records.

    :param prefixes: of this repository.
    """
    doi = clean(typed)
    if not (is_storable_doi(doi) and is_doi(doi)):
        return Typed(
            doi,
            "malformed",
            _(
                "This is no DOI. A DOI begins with 10., then digits, a slash and more, "
                "such as 10.1234/abc."
            ),
        )
    prefix = own_prefix(doi, prefixes)
    if prefix:
        return Typed(doi, "own_prefix", own_prefix_message(prefix))
    return Typed(doi)

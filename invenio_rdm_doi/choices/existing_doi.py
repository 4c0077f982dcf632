# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks of a DOI that a user entered as an existing one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from invenio_i18n import lazy_gettext as _

from ..doi import DOI_MAX_LENGTH, doi_key
from .spelling import ADDRESS, MALFORMED, SHORT, SPACES, TOO_LONG, Spelling, read_doi

USED = _(
    "Another record of this repository has this DOI already. Check the DOI; every "
    "record needs its own DOI."
)


OWN_USED = _(
    "Another record of this repository has this DOI. Choose “Get a new DOI” instead."
)


REASONS = {
    MALFORMED: _(
        "This is not a valid DOI. A DOI begins with 10., followed by digits, a slash "
        "and more characters, such as 10.1234/abc."
    ),
    TOO_LONG: _(
        "This DOI is too long: a DOI has at most %(most)s characters.",
        most=DOI_MAX_LENGTH,
    ),
    ADDRESS: _(
        "This is the address of a web page, not a DOI. Enter the DOI itself; it begins "
        "with 10."
    ),
    SHORT: _("This is a short DOI. Enter the full DOI instead."),
    SPACES: _("A DOI has no spaces. Enter one DOI, without spaces."),
}
"""Messages for the depositor, by the reason why the text is not a DOI."""

MISSING = _(
    "Enter your DOI, or choose “Get a new DOI” if the upload does not have one yet."
)


@dataclass(frozen=True)
class Typed:
    """The result of checking a typed DOI.

    :param doi: the DOI, cleaned up if possible; otherwise the text as typed.
    :param code: a reason of :mod:`.spelling`, ``own_prefix``, ``used``, or None if the
        DOI is acceptable.
    :param message: advice for the user, translatable.
    :param record: identifier of the record that has the DOI, if the user may see that
        record.
    :param suggestion: another DOI that may be meant.
    """

    doi: str
    code: str | None = None
    message: Any = None
    record: str | None = None
    suggestion: str | None = None

    @property
    def ok(self) -> bool:
        """Whether no problem was found."""
        return self.code is None

    def used_by(self, record: str | None) -> Typed:
        """Return this result, with the error that another record here has the DOI."""
        return replace(self, code="used", message=USED, record=record)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "doi": self.doi,
            "code": self.code,
            "message": None if self.message is None else str(self.message),
            "record": self.record,
            "suggestion": self.suggestion,
        }


def own_prefix(doi: str, prefixes: Iterable[str]) -> str | None:
    """Return the DOI's prefix if it is one of this repository, otherwise None.

    The whole prefix is compared: ``10.12345/x`` is unrelated to ``10.1234``.
    """
    prefix = doi_key(doi).partition("/")[0]
    return prefix if prefix in prefixes else None


def own_prefix_message(prefix: str) -> Any:
    """Return the message for a depositor who typed a DOI of this repository."""
    return _(
        "This repository registers DOIs that begin with %(prefix)s/ itself. Choose "
        "“Get a new DOI”, or enter the DOI assigned by another publisher.",
        prefix=prefix,
    )


def verdict(typed: str, prefixes: Iterable[str]) -> Typed:
    """Check a typed DOI without looking at other records.

    :param prefixes: the prefixes of this repository.
    """
    found = read_doi(typed)
    if found.reason:
        return Typed(found.doi, found.reason, explained(found), None, found.suggestion)
    prefix = own_prefix(found.doi, prefixes)
    if prefix:
        return Typed(found.doi, "own_prefix", own_prefix_message(prefix))
    return Typed(found.doi, suggestion=found.suggestion)


def explained(found: Spelling) -> Any:
    """Return the message for a text that is not a DOI; None if it is a DOI."""
    return REASONS[found.reason] if found.reason else None

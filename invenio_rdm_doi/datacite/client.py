# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's REST API, for one account. Every write is one request.

A DOI is data in an address, never a path: what could lead elsewhere is refused, the
rest is percent-encoded. Only DOIs of the account's prefixes are written to. Errors are
those of :mod:`.errors`.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from urllib.parse import quote

from ..doi import is_valid_doi
from ..metadata.attributes import Attributes
from ..states import EVENTS, HIDE
from . import answers, listing
from .asking import MEDIA_TYPE, Asking, named
from .errors import (
    Conflict,
    InvalidDOI,
    NotFound,
    PrefixUnknown,
    Refused,
    Taken,
    TooLarge,
    Unreadable,
)
from .held import Answer, Held, address_of, attributes_of, require_same

logger = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
"""DataCite's web server takes no larger body (lupo ``vendor/docker/webapp.conf``)."""

EVERYTHING = {"publisher": "true", "affiliation": "true"}
"""Serves publishers and affiliations as objects, not as names only."""


class DataCiteClient(Asking):
    """One account's access to DataCite. Thread-safe."""

    # Writes: paid for before, one request each, started in time or not at all

    def create(
        self, doi: str, attributes: Attributes, state: str, start_by: float
    ) -> Answer:
        """Make a DOI that DataCite does not have. Overwrites nothing.

        :raises Taken: DataCite has it.
        :raises Trouble: another of its subclasses.
        """
        self._require_own(doi)
        try:
            return self._write(
                "POST", "dois", doi, attributes, EVENTS[None, state], start_by
            )
        except Refused as refused:
            if any(complaint.source == "doi" for complaint in refused.complaints):
                raise named(Taken, refused) from None
            raise
        except Conflict as conflict:
            raise named(Taken, conflict) from None

    def update(
        self,
        doi: str,
        attributes: Attributes,
        state: str,
        known_state: str | None,
        start_by: float,
    ) -> Answer:
        """Make DataCite hold exactly this of a DOI that it has.

        :param attributes: the complete set; what is left out would be kept.
        :param known_state: the state that DataCite was last known to have.
        :returns: the state in the answer may be another one than the wanted one: then
            DataCite had another state than was known.
        :raises Trouble: one of its subclasses.
        """
        event = EVENTS.get((known_state, state))
        return self._write("PUT", self._doi_path(doi), doi, attributes, event, start_by)

    def hide(self, doi: str, start_by: float) -> Answer:
        """Hide a DOI that is known to be findable; its metadata stay as they are."""
        return self._write("PUT", self._doi_path(doi), doi, {}, HIDE, start_by)

    def move(self, doi: str, url: str, event: str | None, start_by: float) -> Answer:
        """Set URL and state of a DOI that DataCite is known to have, nothing else."""
        return self._write(
            "PUT", self._doi_path(doi), doi, {"url": url}, event, start_by
        )

    def remove(self, doi: str, start_by: float) -> int:
        """Delete a draft; a DOI that is not there is fine, too.

        :returns: the HTTP status.
        :raises NotAllowed: it is more than a draft, and stays for ever.
        :raises Trouble: another of its subclasses.
        """
        path = self._doi_path(doi)
        answered = self._transport.send("DELETE", path, start_by=start_by)
        if answered.status not in (204, 404):
            raise self._trouble(f"DELETE /dois/{doi}", answered)
        if answered.status == 404 and not answers.is_datacites(
            answers.parse(answered.body)
        ):
            raise self._trouble(f"DELETE /dois/{doi}", answered)
        return answered.status

    # Questions

    def look(self, doi: str, paid: bool = False) -> Held | None:
        """Ask what DataCite has of a DOI.

        :param paid: the request is out of the budget already.
        :returns: None if it has none, or none that this account may see: with a wrong
            password a question is anonymous. See :meth:`credentials_accepted`.
        :raises Trouble: one of its subclasses.
        """
        try:
            body = self._ask(self._doi_path(doi), EVERYTHING, paid=paid)
        except NotFound:
            return None
        attributes = attributes_of(body, doi)
        try:
            client = body["data"]["relationships"]["client"]["data"]["id"]
        except (KeyError, TypeError):
            client = None
        if not isinstance(client, str):
            raise Unreadable(
                f"DataCite's answer does not say which account has {doi}.",
                http_status=200,
            )
        url = address_of(attributes)
        return Held(
            attributes["state"],
            url,
            client.lower(),
            attributes,
        )

    def read(self, doi: str) -> Attributes:
        """Return the attributes that DataCite has of a DOI, for people to look at.

        :raises NotFound: there is none, or only the draft of another account.
        :raises Trouble: another of its subclasses.
        """
        path = f"dois/{quote(doi, safe='/')}" if is_valid_doi(doi) else None
        if path is None:
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite could have.")
        return attributes_of(self._ask(path, EVERYTHING), doi)

    def list(
        self, cursor: str, complete: bool = False, since: datetime | None = None
    ) -> listing.Page:
        """Return a page of the account's DOIs, with the prefixes that are configured.

        With a wrong password the list is anonymous, and has findable DOIs only.

        :param cursor: :data:`.listing.START`, or that of the page before.
        :param complete: with all metadata.
        :param since: only what changed since then.
        :raises Trouble: one of its subclasses.
        """
        params = listing.params_of(self.account, cursor, complete, since)
        return listing.read(self._ask("dois", params, large=True), cursor)

    # How

    def _write(
        self,
        method: str,
        path: str,
        doi: str,
        attributes: Attributes,
        event: str | None,
        start_by: float,
    ) -> Answer:
        payload: Attributes = {"doi": doi, **attributes}
        if event:
            payload["event"] = event
        data = {"data": {"type": "dois", "attributes": payload}}
        body = json.dumps(data, ensure_ascii=False).encode("utf-8")
        if len(body) > MOST_BYTES:
            raise TooLarge(
                f"The metadata of {doi} have {len(body):,} bytes; DataCite takes "
                f"{MOST_BYTES:,}.",
                http_status=413,
            )
        answered = self._transport.send(
            method,
            path,
            params=EVERYTHING,
            body=body,
            content_type=MEDIA_TYPE,
            start_by=start_by,
        )
        if answered.status not in (200, 201):
            raise self._trouble(f"{method} /dois/{doi}", answered)
        found = attributes_of(self._json(answered), doi)
        require_same(doi, attributes, found)
        return Answer(answered.status, found["state"], found)

    def _require_own(self, doi: str) -> None:
        if not self.account.owns(doi):
            raise PrefixUnknown(
                f"{doi} has none of the prefixes that are configured for "
                f"{self.account.symbol}: {', '.join(self.account.prefixes)}."
            )
        if not is_valid_doi(doi):
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite takes.")

    def _doi_path(self, doi: str) -> str:
        self._require_own(doi)
        return f"dois/{quote(doi, safe='/')}"

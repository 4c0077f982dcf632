# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite's REST API, for one account. Every write is one request.

A DOI is data in a URL, never a path: a DOI that could change the path is refused, any
other DOI is percent-encoded. Only DOIs with the account's prefixes are written. Errors
are those of :mod:`.errors`.
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
"""Limit of DataCite's web server for a body (lupo ``vendor/docker/webapp.conf``)."""

EVERYTHING = {"publisher": "true", "affiliation": "true"}
"""Parameters that return publishers and affiliations as objects, not only as names."""


class DataCiteClient(Asking):
    """One account's access to DataCite. Thread-safe."""

    # Writes: one request each, already taken from the budget, and started in time or
    # not sent

    def create(
        self, doi: str, attributes: Attributes, state: str, start_by: float
    ) -> Answer:
        """Create a DOI that DataCite does not have; overwrite nothing.

        :raises Taken: if DataCite has the DOI.
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
        """Set the complete metadata and the state of a DOI that DataCite has.

        :param attributes: the complete set; DataCite keeps attributes that are missing.
        :param known_state: the last known state of the DOI at DataCite.
        :returns: the answer; its state differs from the wanted one if the DOI was in a
            state other than the known one.
        :raises Trouble: one of its subclasses.
        """
        event = EVENTS.get((known_state, state))
        return self._write("PUT", self._doi_path(doi), doi, attributes, event, start_by)

    def hide(self, doi: str, start_by: float) -> Answer:
        """Hide a DOI that is known to be findable; its metadata are unchanged."""
        return self._write("PUT", self._doi_path(doi), doi, {}, HIDE, start_by)

    def move(self, doi: str, url: str, event: str | None, start_by: float) -> Answer:
        """Set only URL and state of a DOI that DataCite is known to have."""
        return self._write(
            "PUT", self._doi_path(doi), doi, {"url": url}, event, start_by
        )

    def remove(self, doi: str, start_by: float) -> int:
        """Delete a draft; a DOI that does not exist is no error.

        :returns: the HTTP status.
        :raises NotAllowed: if the DOI is not a draft; it cannot be deleted.
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

    # Queries

    def look(self, doi: str, paid: bool = False) -> Held | None:
        """Return DataCite's copy of a DOI.

        :param paid: whether the request has been taken from the budget already.
        :returns: None if DataCite has no such DOI, or this account may not see it: with
            a wrong password a query is anonymous. See :meth:`credentials_accepted`.
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
        """Return the attributes that DataCite has for a DOI, for display.

        :raises NotFound: if there is no such DOI, or only a draft of another account.
        :raises Trouble: another of its subclasses.
        """
        path = f"dois/{quote(doi, safe='/')}" if is_valid_doi(doi) else None
        if path is None:
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite could have.")
        return attributes_of(self._ask(path, EVERYTHING), doi)

    def list(
        self, cursor: str, complete: bool = False, since: datetime | None = None
    ) -> listing.Page:
        """Return a page of the account's DOIs that have a configured prefix.

        With a wrong password the query is anonymous, and finds only findable DOIs.

        :param cursor: :data:`.listing.START`, or the cursor from the previous page.
        :param complete: whether to include all metadata.
        :param since: include only DOIs that changed since this time.
        :raises Trouble: one of its subclasses.
        """
        params = listing.params_of(self.account, cursor, complete, since)
        return listing.read(self._ask("dois", params, large=True), cursor)

    # Implementation

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
            raise InvalidDOI(f"{doi!r} is not a DOI that DataCite accepts.")

    def _doi_path(self, doi: str) -> str:
        self._require_own(doi)
        return f"dois/{quote(doi, safe='/')}"

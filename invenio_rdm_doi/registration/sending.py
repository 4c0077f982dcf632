# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Sending of one turn. Runs in separate threads, without access to the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..datacite.client import DataCiteClient
from ..datacite.errors import (
    Complaint,
    DomainNotAllowed,
    Refused,
    Trouble,
    Unauthorized,
    Unexplained,
)
from ..datacite.held import Answer, Held, version_of
from ..datacite.preflight import domain_allowed
from .outcomes import Blame, rule_for
from .target import ABSENT
from .turns import Parcel, Turn


@dataclass(frozen=True)
class Reply:
    """DataCite's answer to a turn.

    :param held: the DOI as DataCite has it, if it was queried; None: no DOI.
    :param metadata_version: DataCite's ``metadataVersion``; None: not in the answer.
    """

    http_status: int | None
    state: str | None
    held: Held | None = None
    metadata_version: int | None = None


class Sender:
    """A sender of turns with one client."""

    def __init__(self, client: DataCiteClient):
        """Constructor."""
        self.client = client
        self._credentials_proven = False

    def send(self, parcel: Parcel, start_by: float) -> Reply:
        """Send one turn.

        :param start_by: the time of :func:`.timing.now` by which the request starts.
        :raises Trouble: one of its subclasses.
        """
        try:
            return self._send(parcel, start_by)
        except Refused as refused:
            raise self._of_the_domain(parcel, refused) or refused from None
        except Trouble as trouble:
            if rule_for(trouble).blame is not Blame.ACCOUNT:
                raise
            explanation = self.client.explain(parcel.claim.doi, trouble)
            raise explanation or Unexplained(
                trouble.message,
                http_status=trouble.http_status,
                complaints=trouble.complaints,
            ) from None

    def _send(self, parcel: Parcel, start_by: float) -> Reply:
        doi, wanted, client = parcel.claim.doi, parcel.target, self.client
        if not parcel.turn.writes:
            return self._look(doi)
        if parcel.turn is Turn.REMOVE:
            return Reply(client.remove(doi, start_by), ABSENT)
        if parcel.turn is Turn.HIDE:
            return _reply(client.hide(doi, start_by))
        assert wanted.state is not None, "nothing to send"
        if parcel.turn is Turn.CREATE:
            return _reply(client.create(doi, wanted.attributes, wanted.state, start_by))
        if parcel.turn is Turn.MOVE:
            url = parcel.subject.url
            return _reply(client.move(doi, url, "publish", start_by))
        return _reply(
            client.update(
                doi, wanted.attributes, wanted.state, parcel.remote_state, start_by
            )
        )

    def _look(self, doi: str) -> Reply:
        held = self.client.look(doi, paid=True)
        if held is not None:
            return Reply(200, held.state, held, version_of(held.attributes))
        if not self._credentials_proven:
            # With a wrong password, a query is anonymous and finds nothing.
            if not self.client.credentials_accepted():
                raise Unauthorized(
                    f"DataCite does not accept {self.client.account.symbol} with its "
                    "password."
                )
            self._credentials_proven = True
        return Reply(404, None, None)

    def _of_the_domain(self, parcel: Parcel, refused: Refused) -> Trouble | None:
        """Return the trouble if a URL was refused because of the account's domains.

        The account's own entry decides this, never DataCite's message, which changes.

        :returns: None if the domains allow the host, or if no complaint is about the
            URL.
        """
        if not _about_url(refused.complaints):
            return None
        host = urlsplit(parcel.subject.url).hostname or ""
        try:
            domains = self.client.repository()["domains"]
        except Trouble as other:
            return other
        if domain_allowed(host, domains):
            return None
        return DomainNotAllowed(
            f"DataCite allows the domains {domains} for "
            f"{self.client.account.symbol}, not {host}.",
            http_status=refused.http_status,
            complaints=refused.complaints,
        )


def _about_url(complaints: Iterable[Complaint]) -> bool:
    return any(complaint.source == "url" for complaint in complaints)


def _reply(answer: Answer) -> Reply:
    version = version_of(answer.attributes)
    return Reply(answer.http_status, answer.state, metadata_version=version)

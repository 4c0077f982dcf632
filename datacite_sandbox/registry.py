# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Operations on DOIs: the actions of DataCite's controller, without HTTP."""

from __future__ import annotations

import time
from typing import Any

from . import states
from .accounts import Account, Accounts
from .auth import Caller
from .dois import Doi, doi_in
from .errors import Invalid, NotFound, UnexpectedError
from .payload import Attributes, Payload
from .revisions import revise
from .store import Change, Store
from .suffixes import random_dois
from .validation import Validator

#: Maximum lengths of columns; the service answers 500 to longer values.
_LONGEST = {"version": 191, "reason": 255}


#: The columns have MySQL's three-byte UTF-8, which excludes emoji.
_LAST_OF_UTF8MB3 = 0xFFFF


class Registry:
    """The DOIs of all accounts and the rules for changing them."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        """Work on ``store`` for ``accounts``."""
        self._store = store
        self._accounts = accounts
        self._validator = Validator()

    def find(self, uid: str) -> Doi:
        """Return the DOI or raise 404."""
        doi = self._store.get(uid)
        if doi is None:
            raise NotFound()
        return doi

    def visible(self, uid: str, caller: Caller) -> Doi:
        """Return the DOI if the caller may see it, otherwise raise 404 (DC:454)."""
        doi = self.find(uid)
        if not caller.may_see(doi):
            raise NotFound()
        return doi

    def create(self, caller: Caller, payload: Payload) -> Doi:
        """Handle POST /dois (DC:566-598); a prefix alone gets a random suffix."""
        sent = payload.attributes
        name = sent.get("doi")
        if not name and sent.get("prefix"):
            name = random_dois(str(sent["prefix"]))[0]
        return self._create(caller, payload, str(name or ""))

    def upsert(self, caller: Caller, uid: str, payload: Payload) -> tuple[Doi, bool]:
        """Update or create a DOI; return it and whether it is new (patch_spec:234)."""
        with self._store.transaction():
            doi = self._store.get(uid)
            if doi is not None:
                return self._update(caller, doi, payload), False
            name = doi_in(uid)
            if name is None:
                raise NotFound()
            return self._create(caller, payload, name), True

    def authorize_update(self, caller: Caller, uid: str) -> None:
        """Refuse a forbidden write to an existing DOI before the payload is read."""
        doi = self._store.get(uid)
        if doi is not None:
            caller.require_write(doi)

    def validate(self, caller: Caller, payload: Payload) -> Doi:
        """Check like a findable DOI, store nothing (POST /dois/validate; DC:542)."""
        sent = payload.attributes
        client = self._client(caller, payload)
        caller.require_validate(client)
        name = str(sent.get("doi") or "")
        doi = revise(Doi(name.lower(), client.uid), sent, is_new=True)
        errors = self._validator.errors(
            doi, client.domains, is_new=True, is_taken=False, check_xml=True
        )
        if errors:
            raise Invalid(errors, doi.uid)
        return doi

    def delete(self, caller: Caller, uid: str) -> bool:
        """Handle DELETE: return True if deleted, False if not a draft (DC:685)."""
        with self._store.transaction():
            doi = self.find(uid)
            caller.require_write(doi)
            if doi.state != states.DRAFT:
                return False
            self._store.delete(doi.uid, _change("destroy", caller, doi, None))
            return True

    def _create(self, caller: Caller, payload: Payload, name: str) -> Doi:
        with self._store.transaction():
            client = self._client(caller, payload)
            doi = Doi(name.lower(), client.uid)
            caller.require_create(doi.prefix if name else None, client)
            is_taken = self._store.get(doi.uid) is not None
            result = revise(doi, payload.attributes, is_new=True)
            errors = self._validator.errors(
                result,
                client.domains,
                is_new=True,
                is_taken=is_taken,
                check_xml=bool(payload.attributes.get("should_validate")),
            )
            self._accept(result, errors)
            self._save(caller, result, None, "create")
            return result

    def _update(self, caller: Caller, doi: Doi, payload: Payload) -> Doi:
        sent = payload.attributes
        if sent.get("mode") == "transfer":
            return self._transfer(caller, doi, payload)
        caller.require_write(doi)
        result = revise(doi, _without_doi(sent), is_new=False)
        client = self._accounts.client(doi.client_id)
        errors = self._validator.errors(
            result,
            client.domains if client else "*",
            is_new=False,
            is_taken=False,
            check_xml=bool(sent.get("should_validate")),
        )
        self._accept(result, errors)
        self._save(caller, result, doi, "update")
        return result

    def _transfer(self, caller: Caller, doi: Doi, payload: Payload) -> Doi:
        """Move a DOI to another repository, as a member (patch_spec.rb:603-620)."""
        caller.require_transfer(doi)
        result = doi.copy()
        result.client_id = self._client(caller, payload).uid
        self._save(caller, result, doi, "transfer")
        return result

    def _client(self, caller: Caller, payload: Payload) -> Account:
        """Return the repository of the request.

        A wrong password gives no repository, hence the 404 (lupo doi.rb:1924-1929).
        """
        client = self._accounts.client(payload.client_id or caller.client_id)
        if client is None:
            raise NotFound()
        return client

    def _accept(self, doi: Doi, errors: list[tuple[str, str]]) -> None:
        errors = errors or self._validator.metadata_errors(doi)
        if errors:
            raise Invalid(errors, doi.uid)
        values = {"version": doi.attributes.get("version"), "reason": doi.reason}
        for column, longest in _LONGEST.items():
            if len(values[column] or "") > longest:
                raise UnexpectedError(f"Data too long for column '{column}' at row 1")
            if any(
                ord(character) > _LAST_OF_UTF8MB3 for character in values[column] or ""
            ):
                raise UnexpectedError(
                    f"Incorrect string value for column '{column}' at row 1"
                )

    def _save(self, caller: Caller, doi: Doi, before: Doi | None, action: str) -> None:
        """Store the DOI with new times and version numbers.

        ``updated`` changes with every write; ``metadataVersion`` only counts writes
        that change the XML, from 0 (MD:103). The handle system always answers
        immediately here, so the first write to a state other than draft sets
        ``registered``.
        """
        now = int(_now())
        doi.created = before.created if before else now
        doi.updated = now
        doi.source = doi.source or "api"
        if before and before.xml and doi.xml != before.xml:
            doi.metadata_version += 1
        if states.is_registered(doi.state) and doi.registered is None:
            doi.registered = now
        self._store.save(doi, _change(action, caller, before, doi))


def _now() -> float:
    """Return the time; the history has fractions, DOIs only seconds as in DataCite."""
    return time.time()


def _without_doi(sent: Attributes) -> Attributes:
    """Remove the DOI, which cannot be changed in an update (DC:618-627)."""
    return {key: value for key, value in sent.items() if key != "doi"}


def _change(
    action: str, caller: Caller, before: Doi | None, after: Doi | None
) -> Change:
    shown: Any = after or before
    return Change(
        action=action,
        account=caller.account.symbol if caller.account else None,
        at=_now(),
        state_before=before.state if before else None,
        state=after.state if after else None,
        url=shown.url,
        before=before,
    )

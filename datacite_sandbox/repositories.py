# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The public documents about repositories and prefixes."""

from __future__ import annotations

from typing import Any

from .accounts import Account, Accounts
from .errors import NotFound

_SINCE = "2026-01-01T00:00:00.000Z"


def repository(accounts: Accounts, client_id: str, kind: str) -> dict[str, Any]:
    """Return one repository; ``kind`` is ``repositories`` or ``clients``."""
    client = accounts.client(client_id)
    if client is None:
        raise NotFound()
    attributes = {
        "name": client.name,
        "symbol": client.symbol,
        "clientType": "repository",
        "domains": client.domains,
        "isActive": client.is_active,
        "created": _SINCE,
        "updated": _SINCE,
    }
    relationships = {
        "provider": {"data": {"id": client.provider_id, "type": "providers"}},
        "prefixes": {
            "data": [_reference(name, "prefixes") for name in client.prefixes]
        },
    }
    return {
        "data": {
            "id": client.uid,
            "type": kind,
            "attributes": attributes,
            "relationships": relationships,
        }
    }


def prefix(accounts: Accounts, name: str) -> dict[str, Any]:
    """Return one prefix."""
    owners = [client for client in accounts.clients() if name in client.prefixes]
    if not owners:
        raise NotFound()
    return {"data": _prefix(name, owners)}


def prefixes(accounts: Accounts, client_id: str | None) -> dict[str, Any]:
    """Return the prefixes of one repository or of all repositories."""
    owners: dict[str, list[Account]] = {}
    for client in _clients(accounts, client_id):
        for name in client.prefixes:
            owners.setdefault(name, []).append(client)
    return _collection([_prefix(name, owners[name]) for name in sorted(owners)])


def client_prefixes(accounts: Accounts, client_id: str | None) -> dict[str, Any]:
    """Return the assignments of prefixes to repositories."""
    return _collection(
        [
            {
                "id": f"{client.uid}-{name}",
                "type": "client-prefixes",
                "attributes": {"createdAt": _SINCE, "updatedAt": _SINCE},
                "relationships": {
                    "client": {"data": _reference(client.uid, "clients")},
                    "provider": {"data": _reference(client.provider_id, "providers")},
                    "prefix": {"data": _reference(name, "prefixes")},
                },
            }
            for client in _clients(accounts, client_id)
            for name in client.prefixes
        ]
    )


def _clients(accounts: Accounts, client_id: str | None) -> list[Account]:
    clients = accounts.clients()
    if not client_id:
        return clients
    return [client for client in clients if client.uid == client_id.lower()]


def _prefix(name: str, owners: list[Account]) -> dict[str, Any]:
    members = sorted({client.provider_id for client in owners})
    return {
        "id": name,
        "type": "prefixes",
        "attributes": {"prefix": name, "createdAt": _SINCE},
        "relationships": {
            "clients": {
                "data": [_reference(client.uid, "clients") for client in owners]
            },
            "providers": {
                "data": [_reference(member, "providers") for member in members]
            },
        },
    }


def _reference(uid: str, kind: str) -> dict[str, str]:
    return {"id": uid, "type": kind}


def _collection(items: list[dict[str, Any]]) -> dict[str, Any]:
    meta = {"total": len(items), "totalPages": 1 if items else 0, "page": 1}
    return {"data": items, "meta": meta, "links": {}}

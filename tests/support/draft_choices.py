# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Choices of a draft's DOI, and the resulting messages."""

from __future__ import annotations

from copy import deepcopy

from invenio_rdm_records.proxies import current_rdm_records_service as service

NEW = {"doi": {"identifier": "", "provider": "datacite"}}
counter = iter(range(1000))


def external():
    identifier = f"10.4321/choices.{next(counter)}"
    return {"doi": {"identifier": identifier, "provider": "external"}}


def messages_of(errors):
    return [str(m) for e in errors if e["field"] == "pids.doi" for m in e["messages"]]


def save(repository, draft, pids):
    data = deepcopy(service.read_draft(repository.identity, draft.id).data)
    data["pids"] = pids
    return service.update_draft(repository.identity, draft.id, data)

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Commands for drafts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from invenio_records_resources.services.uow import RecordCommitOp, UnitOfWork
from sqlalchemy.exc import NoResultFound

from ..doi import DATACITE, managed_doi, wants_managed
from .group import as_json, doi

AT_ONCE = 100


@doi.command("forget-choices")
@as_json
@with_appcontext
def forget_choices(as_json: bool) -> None:
    """Remove the choice of a new DOI from all drafts.

    Run this before the package is removed or switched off: InvenioRDM alone would treat
    the empty identifier that represents this choice as the DOI itself. On sites where
    every record has a DOI, nothing changes for depositors; on other sites they have to
    choose again.

    Example: invenio doi forget-choices
    """
    ids = _undecided()
    changed = 0
    with click.progressbar(list(_parts(ids)), label="Drafts", file=sys.stderr) as parts:
        for part in parts:
            changed += _forget(part)
    if as_json:
        click.echo(json.dumps({"changed": changed}))
    else:
        click.echo(f"{changed} drafts changed.")


def _undecided() -> list[Any]:
    model = current_rdm_records.records_service.draft_cls.model_cls
    said = model.json["pids"]["doi"]
    rows = db.session.scalars(
        sa.select(model.id).where(
            model.is_deleted.is_(False),
            said["provider"].as_string() == DATACITE,
            said["identifier"].as_string() == "",
        )
    )
    return list(rows)


def _parts(ids: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _forget(ids: list[Any]) -> int:
    service = current_rdm_records.records_service
    changed = 0
    with UnitOfWork() as uow:
        for id_ in ids:
            try:
                draft = service.draft_cls.get_record(id_)
            except NoResultFound:
                # The draft was published or discarded since it was listed.
                continue
            if wants_managed(draft) and not managed_doi(draft):
                draft.pids = {k: v for k, v in draft.pids.items() if k != "doi"}
                uow.register(RecordCommitOp(draft, indexer=service.indexer))
                changed += 1
        uow.commit()
    return changed

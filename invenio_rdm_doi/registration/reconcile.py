# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Finds where records, PIDStore and registrations disagree, and makes them agree.

A committed publish has a committed registration only while this package is on: DOIs of
the built-in provider, of an import, or of a week without it have none. Page by page, so
that neither memory nor a transaction grows with the instance; DataCite is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.proxies import current_rdm_records

from ..doi import DATACITE, doi_key
from ..records import owners
from ..settings.model import Settings
from ..states import FINDABLE, REGISTERED
from . import intake
from .intake import Request
from .models import Kind, Priority, Registration, Status
from .selection import SIZE, Selection, request_again

PID = PersistentIdentifier.__table__


class Problem(Enum):
    """What is not as it should be."""

    UNREGISTERED = "unregistered"
    """A managed DOI of a record or parent has no registration."""

    WITHOUT_DOI = "without_doi"
    """A public record has no DOI, though every record has to have one."""

    OWNER_GONE = "owner_gone"
    """A registration is of a record or draft that is not there any more."""

    PREFIX_UNKNOWN = "prefix_unknown"
    """A registration has a prefix that no account has."""

    FALSELY_REGISTERED = "falsely_registered"
    """PIDStore says REGISTERED, and DataCite never confirmed it."""

    NOT_REGISTERED = "not_registered"
    """DataCite confirmed it, and PIDStore does not say REGISTERED."""


@dataclass(frozen=True)
class Finding:
    """One disagreement.

    :param doi: None: there is none.
    :param repaired: it was repaired just now.
    :param kind: of a DOI without a registration.
    """

    problem: Problem
    doi: str | None
    owner_id: UUID
    repaired: bool = False
    kind: Kind | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "problem": self.problem.value,
            "doi": self.doi,
            "owner_id": str(self.owner_id),
            "repaired": self.repaired,
        }


def reconcile(
    settings: Settings,
    apply: bool = False,
    mint: Callable[[UUID], str | None] | None = None,
    size: int = SIZE,
) -> Iterator[Finding]:
    """Go through records, PIDStore and registrations.

    :param apply: create what is missing, and make PIDStore agree. What is created is
        *unknown*: DataCite is asked before anything is sent, behind everything else.
    :param mint: makes a DOI for a public record, and returns it; None: no DOI is made.
    :param size: rows per page.
    """
    yield from _unregistered(owners.parent_model(), Kind.CONCEPT, apply, size)
    yield from _unregistered(owners.record_model(), Kind.RECORD, apply, size)
    yield from _unregistered_pids(apply, size)
    if "doi" in current_rdm_records.records_service.config.pids_required:
        yield from _without_doi(mint, size)
    yield from _registrations(settings, apply, size)


def register_without_sending(size: int = SIZE) -> Iterator[int]:
    """Create the registrations that are missing, and have nothing delivered.

    :param size: rows per page, and per transaction.
    :returns: after each page, how many were created.
    """
    for found in (
        _unregistered(owners.parent_model(), Kind.CONCEPT, False, size),
        _unregistered(owners.record_model(), Kind.RECORD, False, size),
        _unregistered_pids(False, size),
    ):
        for page in batched(found, size):
            intake.request_all(
                [
                    Request(item.doi, item.kind, item.owner_id, Priority.BULK)
                    for item in page
                    if item.doi and item.kind
                ]
            )
            keys = [doi_key(item.doi) for item in page if item.doi]
            db.session.execute(
                sa.update(Registration)
                .where(
                    Registration.doi_key.in_(keys),
                    # What was asked for meanwhile stays due.
                    Registration.revision == 1,
                    Registration.priority == int(Priority.BULK),
                    Registration.confirmed_state.is_(None),
                )
                .values(due_at=None)
                .execution_options(synchronize_session=False)
            )
            db.session.commit()
            yield len(page)
    # So many new rows: without it, PostgreSQL plans as if the table were empty.
    db.session.execute(sa.text(f"ANALYZE {Registration.__tablename__}"))
    db.session.commit()


def batched(items: Iterator[Finding], size: int) -> Iterator[list[Finding]]:
    """Findings, so many at a time."""
    while page := list(islice(items, size)):
        yield page


def _pages(
    statement: sa.Select[Any], column: Any, size: int
) -> Iterator[Sequence[Any]]:
    """Pages in the order of a column that has an index, and is the first one."""
    after = None
    while True:
        page = statement.order_by(column).limit(size)
        if after is not None:
            page = page.where(column > after)
        rows = db.session.execute(page).all()
        db.session.rollback()
        if rows:
            yield rows
        if len(rows) < size:
            return
        after = rows[-1][0]


def _unregistered(model: Any, kind: Kind, apply: bool, size: int) -> Iterator[Finding]:
    for page in _pages(owners.managed_dois(model), model.id, size):
        yield from _missing([(value, kind, id_) for id_, value in page], apply)


def _unregistered_pids(apply: bool, size: int) -> Iterator[Finding]:
    """What only PIDStore knows: DOIs that are kept for drafts, for example."""
    statement = sa.select(PID.c.pid_value, PID.c.object_uuid).where(
        PID.c.pid_type == "doi",
        PID.c.pid_provider == DATACITE,
        PID.c.object_uuid.is_not(None),
        PID.c.status.in_([PIDStatus.RESERVED, PIDStatus.REGISTERED]),
    )
    for page in _pages(statement, PID.c.pid_value, size):
        said, parents = owners.said_by({owner for _value, owner in page})
        db.session.rollback()
        only_there = [
            (value, Kind.CONCEPT if owner in parents else Kind.RECORD, owner)
            for value, owner in page
            # What the record itself says was found there.
            if doi_key(said.get(owner) or "") != doi_key(value)
        ]
        yield from _missing(only_there, apply)


def _missing(dois: Sequence[tuple[str, Kind, UUID]], apply: bool) -> Iterator[Finding]:
    keys = {doi_key(value): (value, kind, owner) for value, kind, owner in dois}
    known = db.session.scalars(
        sa.select(Registration.doi_key).where(Registration.doi_key.in_(keys))
    )
    for key in known:
        del keys[key]
    db.session.rollback()
    missing = list(keys.values())
    if apply and missing:
        intake.request_all(
            [
                Request(value, kind, owner, Priority.BULK)
                for value, kind, owner in missing
            ]
        )
        _back_to_reserved([value for value, _kind, _owner in missing])
        db.session.commit()
    for value, kind, owner in missing:
        yield Finding(Problem.UNREGISTERED, value, owner, apply, kind)


def _without_doi(
    mint: Callable[[UUID], str | None] | None, size: int
) -> Iterator[Finding]:
    statement = owners.public_without_doi()
    for page in _pages(statement, owners.record_model().id, size):
        for (id_,) in page:
            doi = mint(id_) if mint else None
            yield Finding(Problem.WITHOUT_DOI, doi, id_, doi is not None)


def _registrations(settings: Settings, apply: bool, size: int) -> Iterator[Finding]:
    for page in Selection().pages(size):
        alive = owners.not_deleted({row.owner_id for row in page})
        statuses = _pid_statuses([row.doi for row in page])
        again, register, reserve = [], [], []
        found = []
        for row in page:
            problem = _problem(row, settings, alive, statuses.get(row.doi))
            if problem is None:
                continue
            repairable = apply and problem is not Problem.PREFIX_UNKNOWN
            found.append(Finding(problem, row.doi, row.owner_id, repairable))
            if problem is Problem.NOT_REGISTERED:
                register.append(row.doi)
            elif problem is Problem.FALSELY_REGISTERED:
                reserve.append(row.doi)
            if problem in (Problem.OWNER_GONE, Problem.FALSELY_REGISTERED):
                again.append(row.id)
        if apply and found:
            _to_registered(register)
            _back_to_reserved(reserve)
            request_again(again, Priority.BULK)
        yield from found


def _problem(
    row: Any, settings: Settings, alive: set[UUID], pid: PIDStatus | None
) -> Problem | None:
    if row.prefix not in settings.prefixes:
        return Problem.PREFIX_UNKNOWN
    is_settled = row.due_at is None
    if row.owner_id not in alive:
        # What was given back is hidden at DataCite, and stays known here.
        is_hidden = row.status in (Status.HIDDEN, Status.RESERVED)
        return Problem.OWNER_GONE if is_settled and not is_hidden else None
    if row.confirmed_state in (FINDABLE, REGISTERED):
        wrong = pid in (PIDStatus.NEW, PIDStatus.RESERVED)
        return Problem.NOT_REGISTERED if wrong else None
    if pid is PIDStatus.REGISTERED and not row.in_doubt:
        return Problem.FALSELY_REGISTERED
    return None


def _pid_statuses(dois: Sequence[str]) -> dict[str, PIDStatus]:
    rows = db.session.execute(
        sa.select(PID.c.pid_value, PID.c.status).where(
            PID.c.pid_type == "doi", PID.c.pid_value.in_(dois)
        )
    ).all()
    db.session.rollback()
    return {value: status for value, status in rows}


def _to_registered(dois: Sequence[str]) -> None:
    _set_status(dois, PIDStatus.REGISTERED, (PIDStatus.NEW, PIDStatus.RESERVED))


def _back_to_reserved(dois: Sequence[str]) -> None:
    """PIDStore says REGISTERED only after DataCite confirmed it."""
    _set_status(dois, PIDStatus.RESERVED, (PIDStatus.REGISTERED,))


def _set_status(
    dois: Sequence[str], status: PIDStatus, before: tuple[PIDStatus, ...]
) -> None:
    if dois:
        db.session.execute(
            sa.update(PID)
            .where(
                PID.c.pid_type == "doi",
                PID.c.pid_value.in_(dois),
                PID.c.status.in_(before),
            )
            .values(status=status)
        )

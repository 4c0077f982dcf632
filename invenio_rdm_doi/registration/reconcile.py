# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reconciliation of records, PIDStore and registrations where they disagree.

A committed publish has a committed registration only while this package is enabled:
DOIs of the built-in provider, of an import, or of a week without the package have none.
Works page by page, so that neither memory nor a transaction grows with the instance;
DataCite is not queried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
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
from .pid_statuses import make_agree
from .selection import SIZE, Selection, request_again

PID = PersistentIdentifier.__table__
REGISTRATION = Registration.__table__


class Problem(Enum):
    """The kind of a disagreement."""

    UNREGISTERED = "unregistered"
    """A managed DOI of a record or parent has no registration."""

    WITHOUT_DOI = "without_doi"
    """A public record has no DOI, although every record must have one."""

    OWNER_GONE = "owner_gone"
    """The record or draft of a registration was deleted."""

    PREFIX_UNKNOWN = "prefix_unknown"
    """No account has the prefix of a DOI: it is not updated."""

    FALSELY_REGISTERED = "falsely_registered"
    """PIDStore says REGISTERED, but DataCite never confirmed it."""

    NOT_REGISTERED = "not_registered"
    """DataCite confirmed it, but PIDStore does not say REGISTERED."""


@dataclass(frozen=True)
class Finding:
    """One disagreement.

    :param doi: None: there is no DOI.
    :param repaired: whether it was repaired just now.
    """

    problem: Problem
    doi: str | None
    owner_id: UUID
    repaired: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
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
    """Compare records, PIDStore and registrations.

    :param apply: create missing registrations, and make PIDStore agree. New ones are
        *unknown*: DataCite is queried before anything is sent. They are delivered last,
        unless their records are not public.
    :param mint: creates a DOI for a public record and returns it; None: no DOI is
        created.
    :param size: rows per page.
    """
    for missing in _unregistered(size):
        yield from _missing(missing, settings, apply)
    if "doi" in current_rdm_records.records_service.config.pids_required:
        yield from _without_doi(mint, size)
    yield from _registrations(settings, apply, size)


def register_without_sending(settings: Settings, size: int = SIZE) -> Iterator[int]:
    """Create missing registrations without delivering them.

    DOIs whose prefix belongs to no account are left alone.

    :param size: rows per page, and per transaction.
    :returns: the number of created registrations, after each page.
    """
    for page in _unregistered(size):
        ours = [missing for missing in page if missing.prefix in settings.prefixes]
        if not ours:
            continue
        intake.request_all([missing.request(Priority.BULK) for missing in ours])
        db.session.execute(
            sa.update(REGISTRATION)
            .where(
                REGISTRATION.c.doi_key.in_([doi_key(missing.doi) for missing in ours]),
                # Registrations that were requested meanwhile stay due.
                REGISTRATION.c.revision == 1,
                REGISTRATION.c.priority == int(Priority.BULK),
                REGISTRATION.c.confirmed_state.is_(None),
            )
            .values(due_at=None)
        )
        db.session.commit()
        yield len(ours)
    # Without ANALYZE, PostgreSQL would plan as if the table were still empty.
    db.session.execute(sa.text(f"ANALYZE {REGISTRATION.name}"))
    db.session.commit()


@dataclass(frozen=True)
class Missing:
    """A managed DOI that has no registration."""

    doi: str
    kind: Kind
    owner_id: UUID

    @property
    def prefix(self) -> str:
        """The prefix of the DOI."""
        return doi_key(self.doi).partition("/")[0]

    def request(self, priority: Priority) -> Request:
        """Return the request for its registration."""
        return Request(self.doi, self.kind, self.owner_id, priority)


def _pages(
    statement: sa.Select[Any], column: Any, size: int
) -> Iterator[Sequence[Any]]:
    """Yield pages in the order of a column, indexed and the first one selected."""
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


def _unregistered(size: int) -> Iterator[list[Missing]]:
    """Yield managed DOIs without a registration, page by page."""
    for model, kind in (
        (owners.parent_model(), Kind.CONCEPT),
        (owners.record_model(), Kind.RECORD),
    ):
        for page in _pages(owners.managed_dois(model), model.id, size):
            yield _unknown([Missing(doi, kind, id_) for id_, doi in page])
    yield from _unregistered_pids(size)


def _unregistered_pids(size: int) -> Iterator[list[Missing]]:
    """Yield DOIs that only PIDStore has: the record has another DOI, or none."""
    statement = sa.select(PID.c.pid_value, PID.c.object_uuid).where(
        PID.c.pid_type == "doi",
        PID.c.pid_provider == DATACITE,
        PID.c.object_uuid.is_not(None),
        PID.c.status.in_([PIDStatus.RESERVED, PIDStatus.REGISTERED]),
    )
    for page in _pages(statement, PID.c.pid_value, size):
        said, parents = owners.said_by({owner for _value, owner in page})
        db.session.rollback()
        yield _unknown(
            [
                Missing(doi, Kind.CONCEPT if owner in parents else Kind.RECORD, owner)
                for doi, owner in page
                # DOIs that the record itself has were found before.
                if doi_key(said.get(owner) or "") != doi_key(doi)
            ]
        )


def _unknown(dois: Sequence[Missing]) -> list[Missing]:
    """Return the DOIs that have no registration; of several spellings, one."""
    by_key = {doi_key(missing.doi): missing for missing in dois}
    known = db.session.scalars(
        sa.select(REGISTRATION.c.doi_key).where(REGISTRATION.c.doi_key.in_(by_key))
    )
    for key in known:
        del by_key[key]
    db.session.rollback()
    return list(by_key.values())


def _missing(
    dois: Sequence[Missing], settings: Settings, apply: bool
) -> Iterator[Finding]:
    ours = [missing for missing in dois if missing.prefix in settings.prefixes]
    if apply and ours:
        shown = owners.shown({missing.owner_id for missing in ours})
        intake.request_all(
            [
                # DataCite may show records that are not public here.
                missing.request(
                    Priority.BULK if missing.owner_id in shown else Priority.HIDE
                )
                for missing in ours
            ]
        )
        make_agree([missing.doi for missing in ours])
        db.session.commit()
    for missing in dois:
        is_ours = missing.prefix in settings.prefixes
        yield Finding(
            Problem.UNREGISTERED if is_ours else Problem.PREFIX_UNKNOWN,
            missing.doi,
            missing.owner_id,
            apply and is_ours,
        )


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
        again, disagreeing = [], []
        found = []
        for row in page:
            problem = _problem(row, settings, alive, statuses.get(row.doi))
            if problem is None:
                continue
            repairable = apply and problem is not Problem.PREFIX_UNKNOWN
            found.append(Finding(problem, row.doi, row.owner_id, repairable))
            if problem in (Problem.NOT_REGISTERED, Problem.FALSELY_REGISTERED):
                disagreeing.append(row.doi)
            if problem in (Problem.OWNER_GONE, Problem.FALSELY_REGISTERED):
                again.append(row.id)
        if apply and found:
            make_agree(disagreeing)
            request_again(again, Priority.BULK)
        yield from found


def _problem(
    row: Any, settings: Settings, alive: set[UUID], pid: PIDStatus | None
) -> Problem | None:
    if row.prefix not in settings.prefixes:
        return Problem.PREFIX_UNKNOWN
    is_settled = row.due_at is None
    if row.owner_id not in alive:
        # A released DOI is hidden at DataCite, and keeps its registration here.
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

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The repository, as depositors and workers use it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records_service as service
from sqlalchemy_continuum.utils import is_versioned

from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration import breaker, marks, queue, settlements
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import BreakerState, Registration, Runner


def forget_records():
    """Remove the records of earlier publishes from the session.

    At each flush, SQLAlchemy-Continuum checks all versioned objects of the session:
    publishing took ten times as long after a thousand tests.
    """
    for found in list(db.session):
        if is_versioned(found):
            db.session.expunge(found)


class Repository:
    """Shorthands for frequent actions of the tests."""

    def __init__(self, identity):
        self.identity = identity

    def draft(self, data: dict[str, Any]):
        """Create a draft; the given data is not changed."""
        return service.create(self.identity, deepcopy(data))

    def publish(self, data: dict[str, Any]):
        """Publish a new draft."""
        return service.publish(self.identity, self.draft(data).id)

    def edit(self, record, **metadata: Any):
        """Change metadata of a published record, and publish again."""
        draft = service.edit(self.identity, record.id)
        data = deepcopy(draft.data)
        data["metadata"].update(metadata)
        service.update_draft(self.identity, record.id, data)
        return service.publish(self.identity, record.id)

    def change_access(self, published, **access: Any):
        """Change the access to a published record."""
        draft = service.edit(self.identity, published.id)
        data = deepcopy(draft.data)
        data["access"].update(access)
        service.update_draft(self.identity, published.id, data)
        return service.publish(self.identity, published.id)

    def new_version(self, record, **metadata: Any):
        """Publish another version of a record."""
        draft = service.new_version(self.identity, record.id)
        data = deepcopy(draft.data)
        data["metadata"].update({"publication_date": "2026-06-01", **metadata})
        data["files"] = {"enabled": False}
        service.update_draft(self.identity, draft.id, data)
        return service.publish(self.identity, draft.id)

    def delete(self, record):
        """Delete a record, with a tombstone."""
        return service.delete_record(
            system_identity,
            record.id,
            {"removal_reason": {"id": "spam"}, "note": "A note."},
        )

    def restore(self, record):
        """Restore a deleted record."""
        return service.restore_record(system_identity, record.id)

    def deliver(self, **kwargs: Any) -> dict[str, int]:
        """Run the deliveries as a worker does."""
        db.session.rollback()
        return dict(current_doi.delivery().run(**kwargs))

    def make_due(self) -> None:
        """Make registrations due, as if the time until the next attempt had passed."""
        db.session.execute(
            sa.update(Registration)
            .where(Registration.due_at.is_not(None))
            .values(due_at=sa.func.now())
        )
        db.session.execute(
            sa.update(BreakerState)
            .where(BreakerState.retry_at.is_not(None))
            .values(retry_at=sa.func.now())
        )
        db.session.commit()

    def runs(self) -> int:
        """Count the runs that are delivering now."""
        db.session.rollback()
        return Runner.query.filter(Runner.token.is_not(None)).count()

    def registrations(self) -> list[Registration]:
        """Return all registrations, the oldest first."""
        db.session.rollback()
        return Registration.query.order_by(Registration.created).all()

    def registration(self, doi: str) -> Registration | None:
        """Return the registration of a DOI."""
        db.session.rollback()
        return Registration.query.filter_by(doi=doi).one_or_none()

    def attempts(self, doi: str) -> list[Attempt]:
        """Return the attempts of a DOI."""
        return (
            Attempt.query.filter_by(registration_id=self.registration(doi).id)
            .order_by(Attempt.id)
            .all()
        )

    def pid_status(self, doi: str) -> str:
        """Return PIDStore's status of a DOI."""
        db.session.rollback()
        return PersistentIdentifier.get("doi", doi).status.value


class Clock:
    """A clock of the deliveries that tests can advance."""

    def __init__(self, monkeypatch):
        self.seconds = 0.0
        # Evaluated when a statement runs, because some statements are created once and
        # cached.
        passed = sa.bindparam("passed", callable_=lambda: self.seconds, unique=True)
        monkeypatch.setattr(
            "invenio_rdm_doi.registration.clock.now",
            lambda: sa.func.clock_timestamp()
            + sa.func.make_interval(0, 0, 0, 0, 0, 0, passed),
        )
        self.forget()

    @staticmethod
    def forget() -> None:
        """Discard cached statements, so that new ones use the current clock."""
        for statement in (
            breaker.condition_statement,
            queue.begin_statement,
            queue.claim_statement,
            settlements.settle_statement,
        ):
            statement.cache_clear()

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


def doi_of(record) -> str | None:
    """Return the DOI of a record."""
    return record.data["pids"].get("doi", {}).get("identifier")


def concept_doi_of(record) -> str | None:
    """Return the concept DOI of a record."""
    return record.data["parent"].get("pids", {}).get("doi", {}).get("identifier")


def embargoed(data: dict[str, Any], **access: str) -> dict[str, Any]:
    """Return the same record, under an embargo that ends in ten days."""
    until = (date.today() + timedelta(days=10)).isoformat()
    embargo = {"active": True, "until": until, "reason": "Under review."}
    return data | {"access": {**access, "embargo": embargo}}


def expire(record) -> None:
    """Change the embargo of a published record so that it ended yesterday."""
    published = service.record_cls.pid.resolve(record.id)
    published.access.embargo.until = date.today() - timedelta(days=1)
    published.commit()
    db.session.commit()
    service.indexer.index(published)
    service.indexer.refresh()


def ask_for_all() -> None:
    """Request all deliveries as ``invenio doi sync`` does, and process the mark."""
    marks.note_all()
    db.session.commit()
    while marks.go_on(current_doi.settings.prefixes) is not None:
        pass


def id_of(doi):
    """Return the id of a DOI's registration, as text."""
    return str(db.session.scalar(sa.select(Registration.id).filter_by(doi=doi)))

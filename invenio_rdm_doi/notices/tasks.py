# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Celery task that finds problems that need attention and sends notices of them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from celery import shared_task
from flask import current_app
from invenio_db import db
from invenio_notifications.tasks import broadcast_notification
from sqlalchemy.dialects.postgresql import insert

from ..audit import findings
from ..datacite.answers import clean
from ..proxies import current_doi
from ..records.contact import contact_of
from ..registration import clock
from ..registration.breaker import PAUSED
from ..registration.models import Registration, Status
from ..services.overview import overview
from ..services.problems import OF_THE_METADATA, problem
from .builders import DigestBuilder, DOIManagers, ExposedBuilder, OwnerBuilder
from .models import Notice

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)

BEAT_SCHEDULE = {
    "invenio-rdm-doi-notify": {
        "task": "invenio_rdm_doi.notices.tasks.notify",
        "schedule": EVERY,
        "options": {"expires": EVERY.total_seconds()},
    }
}
"""Entries that are added to the site's ``CELERY_BEAT_SCHEDULE``."""

DIGEST, EXPOSED, OWNERS, OWNER = "digest", "exposed", "owners", "owner:"

STORED = "told"
"""Key of the reported DOIs in the stored facts; older workers read it, too."""

MOST_EXPOSED = 1000
"""Maximum number of exposed DOIs kept as reported, in the order of their ids."""

HOUR, FORGOTTEN = timedelta(hours=1), timedelta(days=1)
"""Minimum time between notices of exposed DOIs, and how long a reported DOI is
remembered although it is not exposed any more."""

MOST_OWNERS, MOST_LOOKED_AT, PAGE = 100, 5000, 200
"""Limits: notices to owners per run, failures read per run, failures per page."""

OVERLAP = timedelta(minutes=10)

KEPT = timedelta(days=365)
"""How long the rows of notices to owners are kept."""


@shared_task(ignore_result=True)
def notify() -> None:
    """Send notices to DOI managers and, if configured, to owners of records."""
    if not current_doi.enabled:
        return
    settings = current_doi.settings
    if settings.notice_hours is not None:
        if DOIManagers().ids():
            period = timedelta(hours=settings.notice_hours)
            _safely(EXPOSED, _notify_exposed)
            _safely(DIGEST, lambda: _notify_digest(period))
        else:
            # No notice counts as sent, so that the first DOI manager gets it.
            logger.info("doi.notice.nobody")
    if settings.notify_owners:
        _safely(OWNERS, _notify_owners)


def _safely(name: str, notify: Callable[[], None]) -> None:
    """Log an error instead of raising it, so that other notices are still sent."""
    try:
        notify()
    except Exception:
        logger.exception("doi.notice.failed", extra={"notice": name})
        db.session.rollback()


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    """Return the contents of the digest."""
    return {
        "failed": found["unhandled"],
        "paused": [
            {
                "account": account["account"],
                "code": (account["reason"] or {}).get("code", ""),
                "message": (account["reason"] or {}).get("message", ""),
                "advice": (account["reason"] or {}).get("advice", ""),
            }
            for account in found["accounts"]
            if account["state"] == PAUSED
        ],
        "findings": found["findings"],
    }


def _notify_digest(period: timedelta) -> None:
    facts = _facts(overview())
    # The counts may stay the same although different DOIs have failed.
    latest = {"failure": _latest_failure(), "finding": findings.latest()}

    def may_send(last: Notice) -> bool:
        return any(facts.values()) and last.facts != facts | latest

    def send() -> None:
        _send(DigestBuilder.build(**facts, **_addresses()))

    _once(DIGEST, facts | latest, may_send, send, period)


def _latest_failure() -> str | None:
    row = Registration.__table__.c
    found = db.session.scalar(
        sa.select(sa.func.max(row.updated)).where(
            row.status == sa.literal_column(f"'{Status.FAILED.value}'")
        )
    )
    db.session.rollback()
    return found.isoformat() if found else None


def _notify_exposed() -> None:
    """Report newly exposed DOIs at once, but not more often than once an hour."""
    row = Registration.__table__.c
    # Same expression as in the index.
    must_hide = sa.text("(error ->> 'must_hide') = 'true'")
    rows = sa.select(row.id).where(must_hide).order_by(row.id).limit(MOST_EXPOSED)
    exposed = [str(id_) for id_ in db.session.scalars(rows)]
    db.session.rollback()
    now = datetime.now(UTC)
    reported: dict[str, str] = {}

    def may_send(last: Notice) -> bool:
        for id_, moment in ((last.facts or {}).get(STORED) or {}).items():
            if id_ in exposed or now - datetime.fromisoformat(moment) < FORGOTTEN:
                reported[id_] = moment
        new = [id_ for id_ in exposed if id_ not in reported]
        reported.update(dict.fromkeys(new, now.isoformat()))
        return bool(new)

    def send() -> None:
        _send(ExposedBuilder.build(count=len(exposed), **_addresses()))

    _once(EXPOSED, {STORED: reported}, may_send, send, HOUR)


def _once(
    name: str,
    facts: dict[str, Any],
    may_send: Callable[[Notice], bool],
    send: Callable[[], None],
    period: timedelta | None = None,
) -> bool | None:
    """Send a notice, unless another process is sending it or has sent it.

    :returns: whether it was sent; None: another process is sending it.
    """
    db.session.execute(
        insert(Notice.__table__).values(name=name).on_conflict_do_nothing()
    )
    db.session.commit()
    last = db.session.scalar(
        sa.select(Notice).where(Notice.name == name).with_for_update(skip_locked=True)
    )
    if last is None:
        db.session.rollback()
        return None
    wanted = may_send(last)
    if wanted and period is not None and _is_within(last, period):
        # It is sent after the period, with the facts of that time.
        db.session.rollback()
        return False
    if wanted:
        # If the broker is down, this raises an error, and the next run tries again.
        send()
        last.sent_at = db.session.scalar(sa.select(clock.now()))
    last.facts = facts
    db.session.commit()
    if wanted:
        logger.info("doi.notice", extra={"notice": name})
    return wanted


def _is_within(last: Notice, period: timedelta) -> bool:
    if last.sent_at is None:
        return False
    age = sa.select(clock.now() - sa.literal(last.sent_at))
    passed: timedelta = db.session.scalar(age) or timedelta()
    return passed < period


def _notify_owners() -> None:
    """Report failures to the owners who can correct them, each failure once.

    Failures are read in the order of their times. The last ten minutes are read again
    each time, because a transaction may be committed later than the time in its rows.
    """
    start = db.session.scalar(sa.select(clock.now()))
    last = db.session.get(Notice, OWNERS)
    position: dict[str, str] | None = last.facts if last else None
    db.session.rollback()
    notified = looked = 0
    while notified < MOST_OWNERS and looked < MOST_LOOKED_AT:
        rows = _failed_after(position)
        for registration in rows:
            sent = _notify_owner(registration)
            if sent is None:
                # Another process is sending it and may fail: read it again next time.
                return
            notified += sent
        looked += len(rows)
        if len(rows) < PAGE:
            position = {
                "updated": (start - OVERLAP).isoformat(),
                "id": str(UUID(int=0)),
            }
            break
        position = {"updated": rows[-1].updated.isoformat(), "id": str(rows[-1].id)}
    db.session.merge(Notice(name=OWNERS, facts=position))
    old = sa.delete(Notice).where(
        Notice.name.startswith(OWNER), Notice.sent_at < clock.now() - KEPT
    )
    db.session.execute(old)
    db.session.commit()


def _failed_after(position: dict[str, str] | None) -> Sequence[Any]:
    row = Registration.__table__.c
    failed = (
        sa.select(Registration.__table__)
        .where(
            row.status == sa.literal_column(f"'{Status.FAILED.value}'"),
            row.error["code"].as_string().in_(OF_THE_METADATA),
        )
        .order_by(row.updated, row.id)
        .limit(PAGE)
    )
    if position is not None:
        place = (datetime.fromisoformat(position["updated"]), UUID(position["id"]))
        after = [
            sa.literal(place[0], row.updated.type),
            sa.literal(place[1], row.id.type),
        ]
        failed = failed.where(sa.tuple_(row.updated, row.id) > sa.tuple_(*after))
    rows = db.session.execute(failed).all()
    db.session.rollback()
    return rows


def _notify_owner(row: Any) -> bool | None:
    """Report one failure to the owner.

    :returns: whether it was sent; False if it was reported before, if the record has no
        owner, or after an error; None as for :func:`_once`.
    """
    try:
        context = _owner_context(row)
    except Exception:
        # One unreadable record must not block the notices of all others.
        logger.exception("doi.notice.failed", extra={"notice": OWNER, "doi": row.doi})
        db.session.rollback()
        return False
    if context is None:
        return False
    # A retry without a change is the same failure.
    known = repr((row.confirmed_revision, context["complaints"])).encode()
    facts = {"failure": hashlib.sha256(known).hexdigest()}

    def may_send(last: Notice) -> bool:
        return last.facts != facts

    def send() -> None:
        _send(OwnerBuilder.build(**context))

    return _once(f"{OWNER}{row.id}", facts, may_send, send)


def _owner_context(row: Any) -> dict[str, Any] | None:
    """Return the contents of the mail; None if no owner can correct the failure."""
    said = problem(row)
    owner = contact_of(row.owner_id)
    if said is None or owner is None:
        return None
    return {
        "user": str(owner.user),
        "doi": row.doi,
        "title": _one_line(owner.title),
        "complaints": [
            {"label": one["label"], "title": _one_line(one["title"])}
            for one in said["complaints"]
        ],
        "edit": f"{_site()}/uploads/{owner.recid}",
    }


def _one_line(text: str) -> str:
    """Join lines, so that user input cannot look like a paragraph of the mail."""
    return clean(" ".join(text.split()), 300)


def _send(notification: Any) -> None:
    broadcast_notification.delay(notification.dumps())


def _addresses() -> dict[str, str]:
    return {"pages": f"{_site()}/administration/dois"}


def _site() -> str:
    address: str = current_app.config["SITE_UI_URL"]
    return address.rstrip("/")

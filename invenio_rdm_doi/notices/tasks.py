# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Celery task: looks whether there is something to tell, and has it sent."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from celery import shared_task
from flask import current_app
from invenio_db import db
from invenio_notifications.tasks import broadcast_notification
from sqlalchemy.dialects.postgresql import insert

from ..proxies import current_doi
from ..records.contact import contact_of
from ..registration import clock
from ..registration.breaker import PAUSED
from ..registration.models import Registration, Status
from ..services.overview import overview
from ..services.problems import OF_THE_METADATA, problem
from .builders import DigestBuilder, ExposedBuilder, OwnerBuilder
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
"""Added to the site's ``CELERY_BEAT_SCHEDULE``."""

DIGEST, EXPOSED, OWNERS, OWNER = "digest", "exposed", "owners", "owner:"

MOST_OWNERS = 100
"""Failures that owners are told of in one go; the rest follows the next time."""

KEPT = timedelta(days=365)
"""How long it is known of what an owner was told."""


@shared_task(ignore_result=True)
def notify() -> None:
    """Tell DOI managers, and owners if the site wants it, what needs them."""
    if not current_doi.enabled:
        return
    settings = current_doi.settings
    if settings.notice_hours is not None:
        found = overview()
        _notify_exposed(found["must_hide"])
        _notify_digest(_facts(found), timedelta(hours=settings.notice_hours))
    if settings.notify_owners:
        _notify_owners()


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    """What the digest says."""
    return {
        "failed": found["unhandled"],
        "paused": [
            {
                "account": account["account"],
                "message": (account["reason"] or {}).get("message", ""),
                "advice": (account["reason"] or {}).get("advice", ""),
            }
            for account in found["accounts"]
            if account["state"] == PAUSED
        ],
        "findings": _findings(found),
    }


def _findings(found: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for account in found["accounts"]:
        for name, count in account["audit"]["findings"].items():
            counts[name] = counts.get(name, 0) + count
    return counts


def _notify_digest(facts: dict[str, Any], period: timedelta) -> None:
    def may_send(last: Notice) -> bool:
        return any(facts.values()) and last.facts != facts

    def send() -> None:
        _send(DigestBuilder.build(**facts, **_addresses()))

    _once(DIGEST, facts, may_send, send, period)


def _notify_exposed(count: int) -> None:
    def may_send(last: Notice) -> bool:
        return count > (last.facts or {}).get("count", 0)

    def send() -> None:
        _send(ExposedBuilder.build(count=count, **_addresses()))

    _once(EXPOSED, {"count": count}, may_send, send)


def _once(
    name: str,
    facts: dict[str, Any],
    may_send: Callable[[Notice], bool],
    send: Callable[[], None],
    period: timedelta | None = None,
) -> None:
    """Send a notice, unless another process does or did."""
    db.session.execute(
        insert(Notice.__table__).values(name=name).on_conflict_do_nothing()
    )
    db.session.commit()
    last = db.session.scalar(
        sa.select(Notice).where(Notice.name == name).with_for_update(skip_locked=True)
    )
    if last is None:
        db.session.rollback()
        return
    wanted = may_send(last)
    if wanted and period is not None and _is_within(last, period):
        # What it says then is sent when the period is over.
        db.session.rollback()
        return
    if wanted:
        # If the broker is down, this raises, and it is tried again.
        send()
        last.sent_at = db.session.scalar(sa.select(clock.now()))
    last.facts = facts
    db.session.commit()
    if wanted:
        logger.info("doi.notice", extra={"notice": name})


def _is_within(last: Notice, period: timedelta) -> bool:
    if last.sent_at is None:
        return False
    age = sa.select(clock.now() - sa.literal(last.sent_at))
    passed: timedelta = db.session.scalar(age) or timedelta()
    return passed < period


def _notify_owners() -> None:
    """Tell owners of failures that only they can correct, each once."""
    start = db.session.scalar(sa.select(clock.now()))
    last = db.session.get(Notice, OWNERS)
    since = last.sent_at if last else None
    failed = (
        sa.select(Registration)
        .where(
            Registration.status == Status.FAILED,
            Registration.error["code"].as_string().in_(OF_THE_METADATA),
        )
        .order_by(Registration.updated)
        .limit(MOST_OWNERS)
    )
    if since is not None:
        failed = failed.where(Registration.updated >= since)
    rows = db.session.scalars(failed).all()
    until = start if len(rows) < MOST_OWNERS else rows[-1].updated
    for registration in rows:
        _notify_owner(registration)
    db.session.merge(Notice(name=OWNERS, sent_at=until))
    old = sa.delete(Notice).where(
        Notice.name.startswith(OWNER), Notice.sent_at < clock.now() - KEPT
    )
    db.session.execute(old)
    db.session.commit()


def _notify_owner(registration: Registration) -> None:
    said = problem(registration)
    owner = contact_of(registration.owner_id)
    if said is None or owner is None:
        return
    known = repr((registration.revision, said["complaints"])).encode()
    facts = {"failure": hashlib.sha256(known).hexdigest()}
    context = {
        "user": str(owner.user),
        "doi": registration.doi,
        "title": owner.title,
        "complaints": said["complaints"],
        "edit": f"{_site()}/uploads/{owner.recid}",
    }

    def may_send(last: Notice) -> bool:
        return last.facts != facts

    def send() -> None:
        _send(OwnerBuilder.build(**context))

    _once(f"{OWNER}{registration.id}", facts, may_send, send)


def _send(notification: Any) -> None:
    broadcast_notification.delay(notification.dumps())


def _addresses() -> dict[str, str]:
    return {"pages": f"{_site()}/administration/dois"}


def _site() -> str:
    address: str = current_app.config["SITE_UI_URL"]
    return address.rstrip("/")

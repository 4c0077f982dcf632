# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Records of manual actions: the user, the action, and the DOI or account.

They are always written to the log, and to invenio-audit-logs if it is enabled.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from flask import current_app
from invenio_audit_logs.services import AuditLogOp
from invenio_db import db
from invenio_db.uow import UnitOfWork

from ..records import find
from .auditlog import ACTIONS

logger = logging.getLogger(__name__)


def of_doi(identity: Any, action: str, doi: str, owner_id: UUID) -> None:
    """Record a user's action on a DOI.

    :param action: ``retry``, ``fix``, ``mark`` or ``unmark``.
    :param owner_id: id of the record or parent that has the DOI.
    """
    record = next(iter(find.record_ids([owner_id])), str(owner_id))
    _write(identity, action, record, doi=doi)


def of_account(
    identity: Any, action: str, account: str, count: int | None = None
) -> None:
    """Record a user's action on an account, or on many of its DOIs.

    :param action: ``retry``, ``fix``, ``adopt`` or ``resume``.
    :param account: name of the account; ``all`` if the action concerns several.
    :param count: number of DOIs that the action concerns.
    """
    _write(identity, action, account, account=account, count=count)


def _write(identity: Any, action: str, resource_id: str, **details: Any) -> None:
    known = {name: value for name, value in details.items() if value is not None}
    user = str(getattr(identity, "id", None))
    logger.info("doi.by_hand", extra={"action": action, "user": user, **known})
    if not current_app.config.get("AUDIT_LOGS_ENABLED"):
        return
    try:
        with UnitOfWork() as uow:
            entry = ACTIONS[action].build(identity, resource_id, **details)
            uow.register(AuditLogOp(entry))
            uow.commit()
    except Exception:
        # The action itself succeeded, and the log contains it.
        logger.exception("doi.by_hand.unwritten", extra={"action": action, **known})
        db.session.rollback()

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Actions of people, as invenio-audit-logs keeps them."""

from __future__ import annotations

from typing import Any

from invenio_drafts_resources.auditlog.actions import BaseAuditLog
from invenio_records.dictutils import dict_set
from marshmallow import fields


class _Details:
    """Adds what was done to what."""

    def __call__(self, data: dict[str, Any], **kwargs: Any) -> None:
        for name in ("doi", "account", "count"):
            if kwargs.get(name) is not None:
                dict_set(data, f"metadata.{name}", kwargs[name])


class DOIAuditLog(BaseAuditLog):
    """Something that a person did with a DOI or an account."""

    resource_type = "record"
    context = [*BaseAuditLog.context, _Details()]
    metadata_schema = {
        **BaseAuditLog.metadata_schema,
        "doi": fields.Str(),
        "account": fields.Str(),
        "count": fields.Int(),
    }


class DOIRetryAuditLog(DOIAuditLog):
    """Sent again."""

    id = "doi.retry"
    message_template = "User {user_id} had a DOI sent again."


class DOIFixAuditLog(DOIAuditLog):
    """Repaired what an audit found."""

    id = "doi.fix"
    message_template = "User {user_id} had a finding of the audit repaired."


class DOIAdoptAuditLog(DOIAuditLog):
    """Had what was adopted sent."""

    id = "doi.adopt"
    resource_type = "doi-account"
    message_template = "User {user_id} had adopted DOIs sent."


class DOIMarkAuditLog(DOIAuditLog):
    """Marked a failure as handled."""

    id = "doi.mark"
    message_template = "User {user_id} marked a failed DOI as handled."


class DOIUnmarkAuditLog(DOIAuditLog):
    """Took the mark back."""

    id = "doi.unmark"
    message_template = "User {user_id} marked a failed DOI as not handled."


class DOIResumeAuditLog(DOIAuditLog):
    """Resumed an account."""

    id = "doi.resume"
    resource_type = "doi-account"
    message_template = "User {user_id} resumed deliveries of an account."


ACTIONS = {
    action.id.removeprefix("doi."): action
    for action in (
        DOIRetryAuditLog,
        DOIFixAuditLog,
        DOIAdoptAuditLog,
        DOIMarkAuditLog,
        DOIUnmarkAuditLog,
        DOIResumeAuditLog,
    )
}
"""By the name of the action."""

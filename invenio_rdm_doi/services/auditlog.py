# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Entries of invenio-audit-logs for actions of users."""

from __future__ import annotations

from typing import Any

from invenio_drafts_resources.auditlog.actions import BaseAuditLog
from invenio_records.dictutils import dict_set
from marshmallow import fields


class _Details:
    """Adds the DOI, account or number of DOIs that an action was about."""

    def __call__(self, data: dict[str, Any], **kwargs: Any) -> None:
        for name in ("doi", "account", "count"):
            if kwargs.get(name) is not None:
                dict_set(data, f"metadata.{name}", kwargs[name])


class DOIAuditLog(BaseAuditLog):
    """An action of a user on a DOI or an account."""

    resource_type = "record"
    context = [*BaseAuditLog.context, _Details()]
    metadata_schema = {
        **BaseAuditLog.metadata_schema,
        "doi": fields.Str(),
        "account": fields.Str(),
        "count": fields.Int(),
    }


class DOIRetryAuditLog(DOIAuditLog):
    """A DOI was sent again."""

    id = "doi.retry"
    message_template = "User {user_id} had a DOI sent again."


class DOIFixAuditLog(DOIAuditLog):
    """A finding of the audit was repaired."""

    id = "doi.fix"
    message_template = "User {user_id} had a finding of the audit repaired."


class DOIAdoptAuditLog(DOIAuditLog):
    """Adopted DOIs were sent."""

    id = "doi.adopt"
    resource_type = "doi-account"
    message_template = "User {user_id} had adopted DOIs sent."


class DOIMarkAuditLog(DOIAuditLog):
    """A failure was marked as handled."""

    id = "doi.mark"
    message_template = "User {user_id} marked a failed DOI as handled."


class DOIUnmarkAuditLog(DOIAuditLog):
    """The mark of a failure was removed."""

    id = "doi.unmark"
    message_template = "User {user_id} marked a failed DOI as not handled."


class DOIResumeAuditLog(DOIAuditLog):
    """Deliveries of an account were resumed."""

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
"""Entry classes by the name of the action."""

# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The notices for invenio-notifications: their recipients and their backends."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from invenio_access.models import ActionRoles, ActionUsers
from invenio_accounts.models import Role, User
from invenio_db import db
from invenio_notifications.models import Notification, Recipient
from invenio_notifications.services.builders import NotificationBuilder
from invenio_notifications.services.generators import (
    EmailBackendGenerator,
    RecipientGenerator,
)
from invenio_users_resources.notifications.filters import UserPreferencesRecipientFilter

from ..services.permissions import manage_action


class DOIManagers(RecipientGenerator):
    """All active users who have the action ``doi-manage``, directly or by a role."""

    def __call__(
        self, notification: Notification, recipients: dict[str, Recipient]
    ) -> dict[str, Recipient]:
        """Add the DOI managers."""
        for user in db.session.scalars(sa.select(User).where(*self._conditions())):
            recipients[str(user.id)] = _recipient(user)
        return recipients

    def ids(self) -> list[int]:
        """Return the ids of the DOI managers."""
        return list(db.session.scalars(sa.select(User.id).where(*self._conditions())))

    @staticmethod
    def _conditions() -> list[sa.ColumnElement[bool]]:
        return [
            User.active.is_(True),
            User.blocked_at.is_(None),
            _have_action(excluded=False),
            ~_have_action(excluded=True),
        ]


class OneUser(RecipientGenerator):
    """The user that the notification names."""

    def __call__(
        self, notification: Notification, recipients: dict[str, Recipient]
    ) -> dict[str, Recipient]:
        """Add the user, if still active."""
        user = db.session.get(User, int(notification.context["user"]))
        if user is not None and user.active and user.blocked_at is None:
            recipients[str(user.id)] = _recipient(user)
        return recipients


def _have_action(excluded: bool) -> sa.ColumnElement[bool]:
    def holders(model: Any, column: Any) -> sa.Select[Any]:
        return sa.select(column).where(
            model.action == manage_action.value,
            model.argument.is_(None),
            model.exclude.is_(excluded),
        )

    return sa.or_(
        User.id.in_(holders(ActionUsers, ActionUsers.user_id)),
        User.roles.any(Role.id.in_(holders(ActionRoles, ActionRoles.role_id))),
    )


def _recipient(user: Any) -> Recipient:
    return Recipient(
        data={
            "id": str(user.id),
            "email": user.email,
            "preferences": dict(user.preferences or {}),
        }
    )


class _Builder(NotificationBuilder):
    context: list[Any] = []
    recipient_filters = [UserPreferencesRecipientFilter()]
    recipient_backends = [EmailBackendGenerator()]

    @classmethod
    def build(cls, **facts: Any) -> Notification:
        """Build the notification.

        :param facts: plain values for the template.
        """
        return Notification(type=cls.type, context=facts)


class DigestBuilder(_Builder):
    """A digest of problems that need attention, sent at most once per period."""

    type = "doi-digest"
    recipients = [DOIManagers()]


class ExposedBuilder(_Builder):
    """An immediate notice of findable DOIs of restricted or deleted records."""

    type = "doi-exposed"
    recipients = [DOIManagers()]


class OwnerBuilder(_Builder):
    """A notice of refused metadata to the owner, who alone can correct the record."""

    type = "doi-owner"
    recipients = [OneUser()]


BUILDERS: dict[str, type[NotificationBuilder]] = {
    builder.type: builder for builder in (DigestBuilder, ExposedBuilder, OwnerBuilder)
}


def use(app: Any) -> None:
    """Register the builders; a site's own builder of the same type has precedence."""
    extension = app.extensions.get("invenio-notifications")
    if extension is not None:
        # A new dictionary, because all applications share InvenioRDM's default.
        known = {**BUILDERS, **extension.manager.builders}
        extension.manager.builders = app.config["NOTIFICATIONS_BUILDERS"] = known

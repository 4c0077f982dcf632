# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: InvenioRDM's own ``DATACITE_*`` settings, which its code reads."""

from __future__ import annotations

from flask import Flask

from ..settings.model import Settings


def use(app: Flask, settings: Settings) -> None:
    """Write the settings where InvenioRDM's views, links and serializers read them.

    Must be called before InvenioRDM's blueprints are created, because they read
    ``DATACITE_ENABLED``, and again at the end, because InvenioRDM converts a callable
    FORMAT to text when it starts.
    """
    app.config.update(
        DATACITE_ENABLED=True,
        DATACITE_USERNAME=settings.account.username.reveal(),
        DATACITE_PASSWORD=settings.account.password.reveal(),
        DATACITE_PREFIX=settings.account.prefix,
        DATACITE_ADDITIONAL_PREFIXES=list(settings.prefixes[1:]),
        DATACITE_TEST_MODE=settings.account.test_mode,
        DATACITE_FORMAT=settings.account.format,
    )

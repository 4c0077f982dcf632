# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hook: InvenioRDM's own ``DATACITE_*`` settings, which its code reads."""

from __future__ import annotations

from flask import Flask

from ..settings.model import Settings


def use(app: Flask, settings: Settings) -> None:
    """Write the settings where InvenioRDM's views, links and serializers read them.

    To be called before the host's blueprints are made, which read ``DATACITE_ENABLED``,
    and once more at the end: the host turns a callable FORMAT into text at its start.
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

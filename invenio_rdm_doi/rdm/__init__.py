# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Every hook into InvenioRDM, and nothing else.

When InvenioRDM changes, look here only. Each module has one hook, plugged in by its
function ``use``:

* :mod:`.host_settings`: the ``DATACITE_*`` settings, which the host's code reads
* :mod:`.error_handlers`: errors that the host answers with 500
* :mod:`.provider`: the PID provider ``datacite`` of records and parents
* :mod:`.pid_service`: the service and manager of PIDs
* :mod:`.external_provider`: DOIs of this repository are refused as external ones
* :mod:`.choice_component`, :mod:`.host_components`, :mod:`.components`: the hooks of
  the records service, plugged in by the last one
* :mod:`.publishing`: what they know of each other while a draft is published
* :mod:`.unit_of_work`: what follows the commit of a record
* :mod:`.optional_doi`: which DOI a version may have after the version before
* :mod:`.events`: changes of which no hook of the records service tells
* :mod:`.exports`: DataCite JSON and XML, DCAT and OAI-PMH; citations
* :mod:`.links`: links of records and drafts
"""

from __future__ import annotations

from flask import Flask

from ..settings.model import Settings
from . import (
    components,
    error_handlers,
    events,
    exports,
    external_provider,
    host_settings,
    links,
    optional_doi,
    pid_service,
    provider,
)


def use_early(app: Flask, settings: Settings) -> None:
    """Plug in what the host's blueprints read when they are made."""
    host_settings.use(app, settings)
    error_handlers.use(app)


def use_refusing(app: Flask) -> None:
    """Plug in a provider that makes no DOIs, because the settings are wrong."""
    provider.use_refusing(app)


def use(app: Flask, settings: Settings) -> None:
    """Plug in the rest, when the host has filled in its own defaults."""
    host_settings.use(app, settings)
    provider.use(app, settings)
    external_provider.use(app, settings)
    pid_service.use(app, settings)
    components.use(app)
    optional_doi.use(app)
    events.use(app)
    exports.use(app, settings.exports)
    exports.made.use(app)
    links.use(app.extensions["invenio-rdm-records"].records_service)

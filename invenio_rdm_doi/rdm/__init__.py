# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Every hook into InvenioRDM, and nothing else.

When InvenioRDM changes, look here only. Each module has one hook, which its function
``use`` installs:

* :mod:`.host_settings`: the ``DATACITE_*`` settings, which InvenioRDM's code reads
* :mod:`.error_handlers`: errors that InvenioRDM answers with status 500
* :mod:`.provider`: the PID provider ``datacite`` of records and parents
* :mod:`.pid_service`: the service and manager of PIDs
* :mod:`.external_provider`: refuses DOIs of this repository as external DOIs
* :mod:`.choice_component`, :mod:`.host_components`, :mod:`.components`: the hooks of
  the records service, installed by the last one
* :mod:`.publishing`: data that these share while a draft is published
* :mod:`.unit_of_work`: operations after the commit of a record
* :mod:`.optional_doi`: the DOI that a version may have, given the previous version
* :mod:`.events`: changes for which the records service has no hook
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
    unit_of_work,
)


def use_early(app: Flask, settings: Settings) -> None:
    """Install the hooks that InvenioRDM's blueprints read when they are created."""
    host_settings.use(app, settings)
    error_handlers.use(app)


def use_refusing(app: Flask) -> None:
    """Install a provider that creates no DOIs, because the settings are wrong."""
    provider.use_refusing(app)


def use(app: Flask, settings: Settings) -> None:
    """Install the other hooks, after InvenioRDM has set its own defaults."""
    host_settings.use(app, settings)
    provider.use(app, settings)
    external_provider.use(app, settings)
    pid_service.use(app, settings)
    components.use(app)
    unit_of_work.use(app)
    optional_doi.use(app)
    events.use(app)
    exports.use(app, settings.exports)
    exports.made.use(app)
    links.use(app, app.extensions["invenio-rdm-records"].records_service)

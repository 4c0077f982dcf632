# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A local DataCite.

It behaves like DataCite's REST API as far as registering DOIs goes, down to the
quirks that clients have to live with: illegal events are ignored without a word, so
are unknown keys; updates merge; a wrong password gives 404 where a DOI is created.
Metadata of registered and findable DOIs is checked against the real XML Schema.

It can be made to fail: slow, wrong or missing answers, lost updates, a rate limit; see
``scripts``.

The sandbox depends on nothing else of this package, and on nothing of Invenio.
"""

from .accounts import Account
from .app import create_app
from .scripts import ScriptError
from .server import PortInUse, SandboxServer

__all__ = ("Account", "PortInUse", "SandboxServer", "ScriptError", "create_app")

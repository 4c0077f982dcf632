# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A local DataCite.

It behaves like the part of DataCite's REST API that registers DOIs, including the
quirks that clients have to handle: illegal events and unknown keys are ignored without
an error; updates merge; a wrong password gives 404 when a DOI is created.
Metadata of registered and findable DOIs is checked against the real XML Schema.

It can simulate failures: slow, wrong or missing answers, lost updates, a rate limit;
see ``fault_scripts``.

The sandbox depends neither on the product beside it nor on Invenio. Its own
dependencies come with the extra ``sandbox``; modules that need them are imported on
first use, so that :mod:`.cli` can report which are missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accounts import Account
    from .app import create_app
    from .fault_scripts import ScriptError
    from .server import PortInUse, SandboxServer

__all__ = ("Account", "PortInUse", "SandboxServer", "ScriptError", "create_app")

_MODULES = {
    "Account": "accounts",
    "PortInUse": "server",
    "SandboxServer": "server",
    "ScriptError": "fault_scripts",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    """Import an exported name on its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)

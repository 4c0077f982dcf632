# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A local DataCite.

It behaves like DataCite's REST API as far as registering DOIs goes, down to the
quirks that clients have to live with: illegal events are ignored without an error, so
are unknown keys; updates merge; a wrong password gives 404 where a DOI is created.
Metadata of registered and findable DOIs is checked against the real XML Schema.

It can be made to fail: slow, wrong or missing answers, lost updates, a rate limit; see
``fault_scripts``.

The sandbox depends on nothing of the product beside it, and on nothing of Invenio. Its
own dependencies come with the extra ``sandbox``; what needs them is imported when it is
used, so that :mod:`.cli` can say which are missing.
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
    """Import what is exported on its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)

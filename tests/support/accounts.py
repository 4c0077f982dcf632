# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Accounts as the settings create them."""

from __future__ import annotations

from typing import Any

from invenio_rdm_doi.settings.model import Account
from invenio_rdm_doi.settings.secret import Secret


def account(url: str = "", **changes: Any) -> Account:
    """Return the sandbox's account; credentials are given as plain text."""
    values: dict[str, Any] = {
        "symbol": "TEST.REPO",
        "username": "TEST.REPO",
        "password": "sandbox-password",
        "prefixes": ("10.1234", "10.5678"),
        "api_url": url.rstrip("/") + "/",
        "timeout": (1, 1),
        "contact": "doi@example.org",
    }
    values |= changes
    for name in ("username", "password"):
        values[name] = Secret(values[name])
    return Account(**values)

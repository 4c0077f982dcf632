# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads and checks the settings that are about reaching DataCite."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .. import config as defaults
from .metadata import Complain
from .model import TEST_RATE

NAMESPACE = "RDM_RECORDS_DOI_DATACITE_"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def api_url(url: Any, complain: Complain) -> str:
    """The address of the REST API, with a slash at its end."""
    try:
        parts = urlsplit(url)
        local = parts.hostname in LOCAL_HOSTS
        sound = bool(parts.hostname) and parts.scheme in ("http", "https")
    except (ValueError, TypeError, AttributeError):
        sound = local = False
    if not sound:
        complain(f"{url!r} is not an address. Write https://…, or remove it.")
    elif parts.username or parts.password:
        complain(
            "must not contain a name or a password. Write them into "
            f"{NAMESPACE}USERNAME and {NAMESPACE}PASSWORD."
        )
    elif parts.scheme != "https" and not local:
        complain(
            f"{url!r} would send the password unencrypted. Write https://… "
            "(http:// is allowed for 127.0.0.1 and localhost only)."
        )
    return str(url).rstrip("/") + "/"


def timeout(value: Any, complain: Complain) -> tuple[float, float]:
    """Seconds for (connect, read)."""
    if is_positive(value):
        return (value, value)
    if (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(is_positive(part) for part in value)
    ):
        return tuple(value)
    complain(f"{value!r} must be seconds to (connect, read), such as (5, 30).")
    return defaults.RDM_RECORDS_DOI_DATACITE_TIMEOUT


def contact(value: Any, complain: Complain) -> str | None:
    """E-mail address for the User-Agent."""
    if value is None:
        return None
    # It ends up in a header: a line break there is an attack or an accident.
    name, _, host = str(value).partition("@")
    if not (name and host) or any(c.isspace() or c in "<>();" for c in value):
        complain(f'{value!r} is not an e-mail address, such as "doi@example.org".')
        return None
    return value


def rate(value: Any, complain: Complain) -> tuple[int, int]:
    """Requests per seconds."""
    if (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(part, int) and is_positive(part) for part in value)
    ):
        return tuple(value)
    complain(
        f"{value!r} must be (requests, seconds) in whole numbers, such as (2400, 300)."
    )
    return TEST_RATE


def is_positive(value: Any) -> bool:
    """Whether it is a number above 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0

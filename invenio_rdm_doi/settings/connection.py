# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading and checking of the settings for the connection to DataCite."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from .. import config as defaults
from .metadata import Complain
from .model import TEST_RATE

NAMESPACE = "RDM_RECORDS_DOI_DATACITE_"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}

PRODUCTION_URL = "https://api.datacite.org/"
TEST_URL = "https://api.test.datacite.org/"

PROXY_PATH = re.compile(r"[\w~-]+(/[\w~-]+)*", re.ASCII)
"""Dots are not allowed: a segment of dots would lead to another path."""

WRONG_HOSTS = {"mds.datacite.org", "doi.datacite.org", "doi.org", "datacite.org"}
"""DataCite's hosts that are not the REST API, and doi.org."""


def api_url(url: Any, complain: Complain) -> str:
    """Return the REST API's address with a trailing slash, its host in lower case."""
    shown = _without_credentials(str(url))
    try:
        parts = urlsplit(url)
        local = parts.hostname in LOCAL_HOSTS
        sound = bool(parts.hostname) and parts.scheme in ("http", "https")
        parts.port  # noqa: B018 - raises ValueError if it is no number
    except (ValueError, TypeError, AttributeError):
        complain(f"{shown!r} is not an address. Write https://…, or remove it.")
        return TEST_URL
    if not sound:
        complain(f"{shown!r} is not an address. Write https://…, or remove it.")
    elif parts.username or parts.password:
        complain(
            "must not contain a name or a password. Write them into "
            f"{NAMESPACE}USERNAME and {NAMESPACE}PASSWORD."
        )
    elif not _is_base(parts):
        complain(
            f"{shown!r} must be the address of the API alone, without a query; and "
            f"without a path, unless it is a proxy's: such as {PRODUCTION_URL!r}."
        )
    elif parts.scheme != "https" and not local:
        complain(
            f"{shown!r} would send the password unencrypted. Write https://… "
            "(http:// is allowed for 127.0.0.1 and localhost only)."
        )
    elif parts.hostname in WRONG_HOSTS:
        complain(
            f"{shown!r} is not the address of the REST API. That is {PRODUCTION_URL}, "
            f"and that of the test system is {TEST_URL}"
        )
    base = f"{parts.scheme}://{_plain_host(parts)}".lower()
    return f"{base}{parts.path.rstrip('/')}/"


def _plain_host(parts: SplitResult) -> str:
    """Return host and port in normalized form, so that one address has one spelling."""
    host, port = (parts.hostname or "").rstrip("."), parts.port
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return host if port in (None, usual) else f"{host}:{port}"


def _without_credentials(url: str) -> str:
    """Return an address without credentials, so that it may be shown."""
    before, slashes, rest = url.rpartition("//")
    return f"{before}{slashes}{rest.rpartition('@')[2]}"


def _is_base(parts: SplitResult) -> bool:
    """Return whether paths can be appended to an address."""
    path = parts.path.strip("/")
    if parts.query or parts.fragment:
        return False
    if not path:
        return True
    is_datacites = (parts.hostname or "").endswith("datacite.org")
    return not is_datacites and PROXY_PATH.fullmatch(path) is not None


def test_mode_problem(
    url: str, test_mode: bool, url_setting: str, mode_setting: str
) -> str | None:
    """Return the conflict between an API address and the test mode, if there is one.

    :param url_setting: name of the setting for the address.
    :param mode_setting: name of the setting for the test mode.
    """
    if test_mode and url == PRODUCTION_URL:
        return (
            f"is True, but {url_setting} is the address of the production system. "
            f"Remove {url_setting} to test, or set {mode_setting} = False."
        )
    if not test_mode and url == TEST_URL:
        return (
            f"is False, but {url_setting} is the address of the test system. "
            f"Remove {url_setting}, or set {mode_setting} = True."
        )
    return None


def former_hosts(value: Any, complain: Complain) -> tuple[str, ...]:
    """Return hosts in lower case, from host names or addresses."""
    if not isinstance(value, list | tuple | set):
        complain('must be a list, such as ["old.example.org"].')
        return ()
    found = []
    for host in value:
        text = host if isinstance(host, str) else ""
        name = urlsplit(text if "//" in text else f"//{text}").netloc.lower()
        if name:
            found.append(name)
        else:
            complain(f'{host!r} is not a host, such as "old.example.org".')
    return tuple(found)


def rate_storage(value: Any, complain: Complain) -> str:
    """Return an address that the ``limits`` package can use."""
    if not isinstance(value, str) or "://" not in value:
        complain("is not an address. Write redis://…, or remove it.")
        return "memory://"
    try:
        storage_from_string(value, wrap_exceptions=True)
    except ConfigurationError:
        scheme = value.partition("://")[0]
        complain(
            f"{scheme}:// is not a storage that the limits package supports. Write "
            "redis://…, or remove it."
        )
        return "memory://"
    except Exception:
        # The driver is missing, or the storage is unreachable: the rate budget reports
        # this.
        return value
    return value


def timeout(value: Any, complain: Complain) -> tuple[float, float]:
    """Return the seconds for (connect, read)."""
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
    """Return the e-mail address for the User-Agent."""
    if value is None:
        return None
    # It becomes part of a header: a line break there is an attack or an accident.
    name, _, host = str(value).partition("@")
    if (
        not (name and host)
        or not str(value).isascii()
        or any(c.isspace() or not c.isprintable() or c in "<>();" for c in str(value))
    ):
        complain(f'{value!r} is not an e-mail address, such as "doi@example.org".')
        return None
    return value


def rate(value: Any, complain: Complain) -> tuple[int, int]:
    """Return (requests, seconds)."""
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
    """Return whether a value is a number above 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0

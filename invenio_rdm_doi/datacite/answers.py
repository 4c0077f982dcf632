# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Parsing of answers as untrusted input: bounded, and cleaned before storage."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

TEXT_LENGTH = 500
"""Maximum length of a text from DataCite that is stored, in characters."""

MESSAGE_LENGTH = 4000
"""Maximum length of an error message that is stored, in characters."""

MOST_COMPLAINTS = 20
"""Maximum number of complaints that are stored per answer."""

RETRY_AFTER_CAP = 900.0
"""Longest wait that an answer may request, in seconds."""

_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""Control characters, line separators, terminal escapes and lone surrogates: neither a
database nor a terminal accepts them."""


def clean(value: Any, length: int = TEXT_LENGTH) -> str:
    """Return text that can be stored and shown."""
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        return "(unreadable)"
    return _UNWANTED.sub(" ", text[: 4 * length])[:length].strip()


def clean_all(value: Any) -> Any:
    """Return JSON in which every text can be stored and shown."""
    if isinstance(value, str):
        return clean(value, MESSAGE_LENGTH)
    if isinstance(value, Mapping):
        return {clean(name): clean_all(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_all(item) for item in value]
    return value


def parse(body: bytes) -> Any:
    """Return the JSON of an answer; None if it is not JSON or is nested too deeply."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError, MemoryError):
        return None


def is_datacites(body: Any) -> bool:
    """Return whether an error has one of DataCite's error formats.

    A firewall or a proxy answers in HTML, which is not an answer from DataCite.
    """
    if not isinstance(body, Mapping):
        return False
    return "errors" in body or {"status", "title"} <= set(body)


def complaints(body: Any) -> list[tuple[str | None, str]]:
    """Return (source, title) of each of DataCite's errors, from any of its formats.

    ``{"errors": [{"status", "title"}]}``, ``{"errors": [{"source", "title", "uid"}]}``,
    ``{"errors": {"title"}}`` and ``{"status", "title"}`` are all in use.
    """
    errors = body.get("errors", body) if isinstance(body, Mapping) else None
    if isinstance(errors, Mapping):
        errors = [errors]
    found: list[tuple[str | None, str]] = []
    for error in errors if isinstance(errors, list) else []:
        if len(found) >= MOST_COMPLAINTS:
            break
        if isinstance(error, Mapping) and error.get("title"):
            source = error.get("source")
            found.append(
                (None if source is None else clean(source, 100), clean(error["title"]))
            )
    return found


def retry_after(value: str | None) -> tuple[float | None, str | None]:
    """Parse a ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3).

    :returns: the seconds to wait, at most :data:`RETRY_AFTER_CAP`, and the header as
        received, for the log; (None, None) if the header is missing or invalid.
    """
    if value is None:
        return None, None
    shown = clean(value, 60)
    text = value.strip()
    if re.fullmatch(r"[0-9]+", text):
        # A number of more than nine digits is capped without conversion.
        seconds = RETRY_AFTER_CAP if len(text) > 9 else float(text)
        return min(seconds, RETRY_AFTER_CAP), shown
    try:
        at = parsedate_to_datetime(text)
        # The zone "-0000" gives a naive time; it is in UTC.
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None, None
    return min(max(0.0, seconds), RETRY_AFTER_CAP), shown

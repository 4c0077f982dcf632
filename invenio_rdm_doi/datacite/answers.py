# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads answers as hostile input: bounded, and cleaned before they are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

TEXT_LENGTH = 500
"""Longest text of DataCite's that is kept."""

MESSAGE_LENGTH = 4000
"""Longest message about an error that is kept."""

MOST_COMPLAINTS = 20
"""Complaints of one answer that are kept."""

RETRY_AFTER_CAP = 900.0
"""Longest time that an answer may ask to wait, in seconds."""

_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""Control characters, escapes of terminals, and halves of characters: neither a
database nor a terminal takes them."""


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
    """Return the JSON of an answer; None if it is none, or is nested too deeply."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError, MemoryError):
        return None


def is_datacites(body: Any) -> bool:
    """Whether an error has one of the shapes in which DataCite reports errors.

    A firewall or a proxy answers in HTML; what it says is not DataCite's word.
    """
    if not isinstance(body, Mapping):
        return False
    return "errors" in body or {"status", "title"} <= set(body)


def complaints(body: Any) -> list[tuple[str | None, str]]:
    """Return (source, title) of DataCite's errors, in any of its shapes.

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
    """Read a ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3).

    :returns: the seconds to wait, at most :data:`RETRY_AFTER_CAP`, and the header as it
        came, for the log; (None, None) if there is none, or it says nothing.
    """
    if value is None:
        return None, None
    shown = clean(value, 60)
    text = value.strip()
    if re.fullmatch(r"[0-9]+", text):
        # Thirty digits are a number, too.
        seconds = RETRY_AFTER_CAP if len(text) > 9 else float(text)
        return min(seconds, RETRY_AFTER_CAP), shown
    try:
        at = parsedate_to_datetime(text)
        # "-0000" gives a time without a zone; it is in UTC.
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None, None
    return min(max(0.0, seconds), RETRY_AFTER_CAP), shown

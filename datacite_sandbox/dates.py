# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Dates in filters of a list: a year, a month, a day, or a time in UTC."""

from __future__ import annotations

import re
from calendar import monthrange, timegm

from .errors import QueryError

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.\d+)?)?)?)?)?)?"
    r"(?:Z|\+00:?00)?"
)


def moment(text: str, at_the_end: bool = False) -> int | None:
    """Return seconds since the epoch for a date, None for ``*``.

    A date without a time is a whole period: the result is its first or last second.
    """
    if text == "*":
        return None
    match = _DATE.fullmatch(text.removesuffix("||/y"))
    if match is None:
        raise QueryError(
            f"failed to parse date field [{text}] with format "
            "[strict_date_optional_time||epoch_millis]"
        )
    parts = [int(part) if part else None for part in match.groups()]
    year, month = parts[0] or 1, parts[1] or (12 if at_the_end else 1)
    if month > 12:
        raise QueryError(f"failed to parse date field [{text}]")
    last = [month, monthrange(year, month)[1], 23, 59, 59]
    first = [month, 1, 0, 0, 0]
    fill = last if at_the_end else first
    rest = [
        given if given is not None else filler
        for given, filler in zip(parts[1:], fill, strict=True)
    ]
    return timegm((year, *rest))

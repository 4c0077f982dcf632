# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Conversion of dates from EDTF (InvenioRDM) to RKMS-ISO8601 (DataCite).

DataCite Metadata Schema 4.7, property 8: "YYYY, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssTZD or
any other format or level of granularity described in W3CDTF. Use RKMS-ISO8601 standard
for depicting date ranges."
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date
from time import struct_time
from typing import Any

from edtf import EDTFParseException, parse_edtf
from invenio_i18n import lazy_gettext as _

from .source import Source
from .text import line, plain

YEARS = range(1000, 10000)
"""Years that ``yearType`` of the XML Schema allows and that readers take for years."""

W3CDTF = re.compile(
    r"-?\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
    r"(Z|[+\-]([01]\d|2[0-3]):[0-5]\d)?)?)?)?",
    re.ASCII,
)
LONGEST = 100
"""Maximum length: parsing some longer sets or powers of ten takes minutes."""
OPEN = ("", "..", "open", "unknown")


def rkms(edtf: Any) -> str | None:
    """Return an EDTF date or range as RKMS-ISO8601.

    Markers of uncertainty (``?``, ``~``) are left out; a date that is not known to the
    day (``19XX``, a season) becomes the range that it covers.

    :returns: None if the date has no valid form.
    """
    text = line(edtf)
    first, slash, last = text.partition("/")
    if not slash:
        return _one(text)
    start = "" if first in OPEN else _one(first)
    end = "" if last in OPEN else _one(last)
    if start is None or end is None or not (start or end):
        return None
    # If an end is a range itself, take the widest range.
    first, last = start.partition("/")[0], end.rpartition("/")[2]
    if first and last and _is_later(first, last):
        return None
    return f"{first}/{last}"


def _is_later(first: str, last: str) -> bool:
    """Return whether a date is after another one, with the precision of both."""
    if not (first.startswith("-") or last.startswith("-")):
        return first[: len(last)] > last[: len(first)]
    known = list(zip(_numbers(first), _numbers(last), strict=False))
    return [one for one, _other in known] > [other for _one, other in known]


def _numbers(text: str) -> list[int]:
    """Return year, month and day as far as they are known; a year BCE is negative."""
    sign = -1 if text.startswith("-") else 1
    numbers = [int(part) for part in text.lstrip("-")[:10].split("-")]
    return [sign * numbers[0], *numbers[1:]]


def _one(text: str) -> str | None:
    bare = text.rstrip("?~%")
    if W3CDTF.fullmatch(bare):
        return bare if _is_on_the_calendar(bare) else None
    if len(text) > LONGEST or "E" in text or "Y" in text.upper():
        return None
    try:
        parsed = parse_edtf(text)
        low, high = parsed.lower_strict(), parsed.upper_strict()
    except (EDTFParseException, AttributeError, ValueError, OverflowError, TypeError):
        return None
    if not isinstance(low, struct_time) or not isinstance(high, struct_time):
        return None
    # A completely unknown date would begin with the year 0.
    earliest = -9999 if text.startswith("-") else 1
    if not (earliest <= low.tm_year <= high.tm_year <= 9999):
        return None
    start, end = _day(low), _day(high)
    if start.endswith("-01-01") and end.endswith("-12-31"):
        start, end = start[:-6], end[:-6]
    return start if start == end else f"{start}/{end}"


def _is_on_the_calendar(text: str) -> bool:
    if len(text) < len("2026-05-04"):
        return True
    year, month, day = _numbers(text)
    try:
        # EDTF has years BCE, Python's calendar does not: use a year that is a leap
        # year, or not, like the given one.
        date(2000 if isleap(year) else 2001, month, day)
    except ValueError:
        return False
    return True


def _day(moment: struct_time) -> str:
    sign = "-" if moment.tm_year < 0 else ""
    year = f"{sign}{abs(moment.tm_year):04d}"
    return f"{year}-{moment.tm_mon:02d}-{moment.tm_mday:02d}"


def year(edtf: Any) -> int | None:
    """Return the (first) year of an EDTF date, if DataCite can store it."""
    value = rkms(edtf)
    found = re.match(r"/?(\d{4})", value or "")
    return int(found[1]) if found and int(found[1]) in YEARS else None


def embargo_end(source: Source) -> str | None:
    """Return the day on which an embargo ends or ended, ``YYYY-MM-DD``."""
    embargo = (source.record.get("access") or {}).get("embargo") or {}
    until = line(embargo.get("until"))[:10]
    return until if W3CDTF.fullmatch(until) and _is_on_the_calendar(until) else None


def publication_year(source: Source) -> int | None:
    """Return the year of publication, or of the end of an embargo if that is later.

    XML Schema: "If an embargo period has been in effect, use the date when the embargo
    period ends." The site may decide otherwise. If DataCite cannot store the year of
    the date, the year in which the record was created is used, with a warning.
    """
    published = source.metadata.get("publication_date")
    if not published:
        return None
    found = year(published)
    if found is None:
        found = source.created.year if source.created else None
        source.note(
            "metadata.publication_date",
            _(
                "DataCite needs a four-digit year. The year in which the record was "
                "created is sent instead."
            ),
        )
    end = embargo_end(source) if source.options.embargo_year else None
    return max(found, int(end[:4])) if found and end else found


def dates(source: Source) -> list[dict[str, str]]:
    """Return all dates of a record.

    These are the publication date, the record's own dates, the end of an embargo, the
    dates of a thesis, and the last change.
    """
    found: list[dict[str, str]] = []
    # (day, type) -> dateInformation -> the entry.
    known: dict[tuple[str, str], dict[str | None, dict[str, str]]] = {}

    def add(value: Any, date_type: str, information: Any, where: str) -> None:
        found_date = rkms(value)
        if not found_date:
            if value:
                source.note(
                    where, _("DataCite does not accept this date; it is left " "out.")
                )
            return
        entry = {"date": found_date, "dateType": date_type}
        if plain(information):
            entry["dateInformation"] = plain(information)
        # One entry per day and type, unless their dateInformation differs.
        same = known.setdefault((found_date, date_type), {})
        said = entry.get("dateInformation")
        if said in same or (said is None and same):
            return
        if None in same:
            same[said] = same.pop(None)
            same[said].update(entry)
        else:
            same[said] = entry
            found.append(entry)

    issued = source.metadata.get("publication_date")
    add(issued, "Issued", None, "metadata.publication_date")
    for index, item in enumerate(source.entries("dates")):
        add(
            item.get("date"),
            source.datacite("datetypes", item.get("type")) or "Other",
            item.get("description"),
            f"metadata.dates.{index}.date",
        )
    add(embargo_end(source), "Available", None, "access.embargo.until")
    thesis = source.custom_fields.get("thesis:thesis") or {}
    submitted, defended = thesis.get("date_submitted"), thesis.get("date_defended")
    where = "custom_fields.thesis:thesis"
    add(submitted, "Submitted", None, f"{where}.date_submitted")
    # DCMI: dateAccepted is "date of acceptance … of a thesis".
    add(
        defended, "Accepted", "Defended" if defended else None, f"{where}.date_defended"
    )
    if source.updated and not any(item["dateType"] == "Updated" for item in found):
        add(source.updated.isoformat(), "Updated", None, "updated")
    return found
